/**
 * Reports while `pulumi up` waits which pods do not become ready, and why.
 *
 * Helm and the provider of Kubernetes know no cause: a release ends with "context deadline exceeded", and what would show it is
 * removed with it.
 */
import { execFile } from "node:child_process";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { listAt, parseJson } from "../builds/programs/json.ts";
import { shown } from "./objects.ts";
import type { Look, Problem } from "./problems.ts";
import { recovered, problems } from "./problems.ts";

export interface WatchArgs {
  /** Context of the kubeconfig. */
  readonly context: string;
  readonly namespaces: readonly string[];
}

/** What the watch needs of the world. */
export interface Surroundings {
  /** What the API server answers at a path; undefined where it does not. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly say: (level: "warn" | "info", text: string) => void;
  /** Between two looks. @returns whether there is a next one */
  readonly wait: () => Promise<boolean>;
  readonly now: () => Date;
}

/** Milliseconds between two looks; most `up`s are over before the first. */
const interval = 15_000;

/**
 * Begins to watch where this is a real `up`; ends with it.
 *
 * @param resource one that is made: Pulumi keeps what is said of another until it is, and everything else that is said after it
 */
export function beginWatch(args: WatchArgs, resource: pulumi.Resource): void {
  const engine = pulumi.runtime.getEngine();
  if (engine === undefined || pulumi.runtime.isDryRun()) return;
  const isOver = () => pulumi.runtime.getEngine() !== engine;
  const surroundings: Surroundings = {
    read: (path) => kubectl(args.context, path),
    say: (level, text) => {
      if (!isOver()) void pulumi.log[level](text, resource);
    },
    wait: async () => {
      // Nothing that the program would wait for.
      await sleep(interval, undefined, { ref: false });
      return !isOver();
    },
    now: () => new Date(),
  };
  // Whatever goes wrong here, `up` does not fail by it.
  watch(args.namespaces, surroundings).catch((error: unknown) => {
    if (!isOver()) void pulumi.log.debug(String(error), resource);
  });
}

/** Reports a problem once, and only if it lasts from one look to the next. */
export async function watch(namespaces: readonly string[], surroundings: Surroundings): Promise<void> {
  const reported = new Map<string, Problem>();
  let before: ReadonlySet<string> = new Set();
  while (await surroundings.wait()) {
    const looks = await lookAtAll(namespaces, surroundings);
    const found = looks.flatMap((look) =>
      problems(look).map((one) => ({ ...one, namespace: look.namespace })),
    );
    for (const one of found.filter(({ key }) => before.has(key) && !reported.has(key))) {
      reported.set(one.key, one);
      surroundings.say("warn", `${one.text}${await lastLine(one, surroundings)}`);
    }
    for (const look of looks) reportRecovered(look, reported, surroundings);
    before = new Set(found.map(({ key }) => key));
  }
}

function reportRecovered(look: Look, reported: Map<string, Problem>, { say }: Surroundings): void {
  for (const about of recovered(look, new Set([...reported.values()].map((one) => one.about)))) {
    say("info", `${about} is ready now`);
    for (const [key, one] of reported) if (one.about === about) reported.delete(key);
  }
}

/** One after the other, since each question is a process. Where one gets no answer, the next look asks again. */
async function lookAtAll(namespaces: readonly string[], surroundings: Surroundings): Promise<Look[]> {
  const looks: Look[] = [];
  for (const namespace of namespaces) {
    const look = await lookAt(namespace, surroundings);
    if (look === undefined) break;
    looks.push(look);
  }
  return looks;
}

async function lookAt(namespace: string, { read, now }: Surroundings): Promise<Look | undefined> {
  const path = `/api/v1/namespaces/${namespace}`;
  const pods = await read(`${path}/pods?limit=500`);
  if (pods === undefined) return undefined;
  const events = await read(`${path}/events?fieldSelector=type%3DWarning&limit=500`);
  return { namespace, pods: itemsIn(pods), events: itemsIn(events ?? ""), at: now() };
}

function itemsIn(list: string): readonly unknown[] {
  return listAt(parseJson(list), "items");
}

/** Of a container that has ended, since it has most often said why. */
async function lastLine(
  { crashed, namespace }: Problem & { readonly namespace: string },
  { read }: Surroundings,
): Promise<string> {
  if (crashed === undefined) return "";
  const { pod, container } = crashed;
  const query = `container=${container}&previous=true&tailLines=1`;
  const line = shown((await read(`/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`)) ?? "");
  return line === "" ? "" : `; the last line of ${container}: ${line}`;
}

/**
 * It knows every kind of login that the provider knows. Where it is missing, does not answer or is not allowed to, there is
 * nothing to say.
 */
function kubectl(context: string, path: string): Promise<string | undefined> {
  const args = ["--context", context, "--request-timeout", "5s", "get", "--raw", path];
  const options = { signal: AbortSignal.timeout(8000), maxBuffer: 64 * 1024 * 1024 };
  return new Promise((done) => {
    const child = execFile("kubectl", args, options, (error, stdout) => {
      done(error === null ? stdout : undefined);
    });
    // Nor this.
    child.unref();
    for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
  });
}
