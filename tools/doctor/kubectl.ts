/**
 * Asks the cluster with the login of a context of the kubeconfig. `kubectl proxy` knows every kind of login, and one of it
 * answers all questions: at a socket that only this user may open, since whoever reaches it has the rights of that login.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJson } from "../../components/builds/programs/json.ts";
import type { Answer, Ask, Question } from "./exchange.ts";
import { shown } from "../../components/watch/objects.ts";

export interface Cluster {
  /** The answer as it is. */
  readonly ask: (question: ClusterQuestion) => Promise<Answer>;
  /**
   * The object or the list at a path; undefined where there is none.
   * @throws Error that says why the API server does not give it
   */
  readonly get: (path: string) => Promise<unknown>;
  /** The same of a list, of which only the metadata is given. */
  readonly metadata: (path: string) => Promise<unknown>;
}

interface ClusterQuestion extends Pick<Question, "headers" | "body"> {
  readonly method?: "GET" | "POST";
  readonly path: string;
}

export interface Kubectl {
  /** @throws Error that says why there is no way to the cluster */
  readonly connect: (context: string) => Promise<Cluster>;
  /** Ends what runs, and removes the socket. */
  readonly close: () => void;
}

/** Kubernetes' words for "nothing but names, labels and annotations": the values of Secrets do not travel. */
const onlyMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Milliseconds that kubectl may take to begin; it asks no server for that. */
const patience = 5000;

export function openKubectl(ask: Ask): Kubectl {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  let end: () => void = () => undefined;
  return {
    connect: async (context) => {
      const socket = join(folder, "api");
      await startProxy(context, socket, (stop) => (end = stop));
      return clusterAt(({ path, ...rest }) => ask({ url: `http://localhost${path}`, socket, ...rest }));
    },
    close: () => {
      end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It changes nothing: the only requests that it takes beside those that read are rehearsals. */
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
  const child = spawn("kubectl", args, { stdio: ["ignore", "pipe", "pipe"] });
  onStart(() => child.kill("SIGKILL"));
  return new Promise((done, fail) => {
    const said = { stdout: "", stderr: "" };
    const timer = setTimeout(() => fail(new Error("kubectl proxy does not begin")), patience);
    child.on("error", ({ message }) => fail(new Error(`kubectl does not run: ${message}`)));
    child.on("close", () => fail(new Error(shown(lastLine(said.stderr)) || "kubectl proxy has ended")));
    child.on("exit", () => clearTimeout(timer));
    child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      said.stdout += chunk.toString();
      if (!said.stdout.includes("Starting to serve")) return;
      clearTimeout(timer);
      done();
    });
  });
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
