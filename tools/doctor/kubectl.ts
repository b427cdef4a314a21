/**
 * Queries the cluster with the login of a kubeconfig context. One `kubectl proxy`, which supports every kind of login,
 * serves all requests. It listens on a socket that only this user can open, since anyone who reaches it has the login's
 * rights.
 */
import { join } from "node:path";
import { parseJson } from "../../components/builds/programs/json.ts";
import type { Answer, Ask, Question } from "./exchange.ts";
import { shown } from "../../components/watch/objects.ts";
import { temporaryFolder } from "../system/files.ts";
import { kill, start, startFailure } from "../system/run.ts";

export interface Cluster {
  /** Returns the answer unchanged. */
  readonly ask: (question: ClusterQuestion) => Promise<Answer>;
  /**
   * The object or the list at a path; undefined if there is none.
   * @throws Error with the API server's reason
   */
  readonly get: (path: string) => Promise<unknown>;
  /** Like `get`, for the metadata of a list. */
  readonly metadata: (path: string) => Promise<unknown>;
}

interface ClusterQuestion extends Pick<Question, "headers" | "body"> {
  readonly method?: "GET" | "POST";
  readonly path: string;
}

export interface Kubectl {
  /** @throws Error with the reason if kubectl cannot connect */
  readonly connect: (context: string) => Promise<Cluster>;
  /** Stops kubectl and removes the socket, as the end of the process does. */
  readonly close: () => void;
}

/** Requests only names, labels and annotations: the values of Secrets are not sent. */
const onlyMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** In milliseconds, for kubectl to start. It contacts no server for that. */
const startTimeout = 5000;

export function openKubectl(ask: Ask): Kubectl {
  const folder = temporaryFolder("doctor-");
  const socket = join(folder.path, "api");
  let stop: () => void = () => undefined;
  return {
    connect: async (context) => {
      if (Buffer.byteLength(socket) > maxSocketPath)
        throw new Error(`the path ${folder.path} is too long for a socket: set TMPDIR to a shorter one`);
      await startProxy(context, socket, (started) => (stop = started));
      return clusterAt(({ path, ...rest }) => ask({ url: `http://localhost${path}`, socket, ...rest }));
    },
    close: () => {
      stop();
      folder.remove();
    },
  };
}

/** In bytes: macOS allows 103, Linux 107. */
const maxSocketPath = 103;

/** The proxy rejects writes, except POST, which the doctor sends only as a dry run. */
function startProxy(context: string, socket: string, onStart: (stop: () => void) => void): Promise<void> {
  const args = [
    "--context",
    context,
    "proxy",
    "--unix-socket",
    socket,
    "--reject-methods",
    "PUT,PATCH,DELETE",
  ];
  const child = start("kubectl", args);
  onStart(() => kill(child));
  child.stdin?.on("error", () => undefined).end();
  return new Promise((done, fail) => {
    const output = { stdout: "", stderr: "" };
    const timer = setTimeout(() => fail(new Error("kubectl proxy does not start")), startTimeout);
    child.on("error", (error) => fail(new Error(startFailure("kubectl", error))));
    child.on("close", () => fail(new Error(shown(lastLine(output.stderr)) || "kubectl proxy exited")));
    child.on("exit", () => clearTimeout(timer));
    child.stderr?.on("data", (chunk: Buffer) => (output.stderr = endOf(output.stderr + chunk.toString())));
    child.stdout?.on("data", (chunk: Buffer) => {
      output.stdout = endOf(output.stdout + chunk.toString());
      if (!output.stdout.includes("Starting to serve")) return;
      clearTimeout(timer);
      done();
    });
  });
}

/** The proxy runs as long as the doctor, and may print any amount. */
function endOf(text: string): string {
  return text.slice(-10_000);
}

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").replace(/^error: /, "");
}

export function clusterAt(ask: Cluster["ask"]): Cluster {
  const get = async (question: ClusterQuestion) => found(await ask(question));
  return {
    ask,
    get: (path) => get({ path }),
    metadata: (path) => get({ path, headers: { accept: onlyMetadata } }),
  };
}

function found({ code, text, reason }: Answer): unknown {
  if (code === 404) return undefined;
  if (code !== 200) throw new Error(reason);
  const value = parseJson(text);
  if (value === undefined) throw new Error("the answer is not JSON");
  return value;
}
