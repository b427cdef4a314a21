/**
 * Reports, while `pulumi up` waits, which pods do not become ready and why.
 *
 * Helm and the Kubernetes provider do not report the cause: a release fails with "context deadline exceeded", and the
 * objects that would show the cause are removed with it.
 */
import { execFile } from "node:child_process";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { listAt, parseJson } from "../builds/programs/json.ts";
import { shown } from "./objects.ts";
import type { Problem, Snapshot } from "./problems.ts";
import { recovered, problems } from "./problems.ts";

export interface WatchArgs {
  /** Context of the kubeconfig. */
  readonly context: string;
  readonly namespaces: readonly string[];
}

/** The effects that the watch depends on. */
export interface Effects {
  /** Returns the API server's response for a path; undefined if there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly say: (level: "warn" | "info", text: string) => void;
  /** Waits for the next check. @returns whether there is one */
  readonly wait: () => Promise<boolean>;
  readonly now: () => Date;
}

/** Milliseconds between two checks. Most `up`s are over before the first. */
const interval = 15_000;

/**
 * Watches until the end of `pulumi up`. Does nothing in a preview.
 *
 * @param resource one that exists: Pulumi holds back messages about a resource, and all later ones, until it is created
 */
export function beginWatch(args: WatchArgs, resource: pulumi.Resource): void {
  const engine = pulumi.runtime.getEngine();
  if (engine === undefined || pulumi.runtime.isDryRun()) return;
  const isOver = () => pulumi.runtime.getEngine() !== engine;
  const effects: Effects = {
    read: (path) => kubectl(args.context, path),
    say: (level, text) => {
      if (!isOver()) void pulumi.log[level](text, resource);
    },
    wait: async () => {
      // An unreferenced timer does not keep the program running.
      await sleep(interval, undefined, { ref: false });
      return !isOver();
    },
    now: () => new Date(),
  };
  // A failure here must not fail `up`.
  watch(args.namespaces, effects).catch((error: unknown) => {
    if (!isOver()) void pulumi.log.debug(String(error), resource);
  });
}

/** Reports a problem once, and only if it lasts from one check to the next. */
export async function watch(namespaces: readonly string[], effects: Effects): Promise<void> {
  const reported = new Map<string, Problem>();
  let before: ReadonlySet<string> = new Set();
  while (await effects.wait()) {
    const snapshots = await readAll(namespaces, effects);
    const found = snapshots.flatMap((snapshot) =>
      problems(snapshot).map((one) => ({ ...one, namespace: snapshot.namespace })),
    );
    for (const one of found.filter(({ key }) => before.has(key) && !reported.has(key))) {
      reported.set(one.key, one);
      effects.say("warn", `${one.text}${await lastLine(one, effects)}`);
    }
    for (const snapshot of snapshots) reportRecovered(snapshot, reported, effects);
    before = new Set(found.map(({ key }) => key));
  }
}

function reportRecovered(snapshot: Snapshot, reported: Map<string, Problem>, { say }: Effects): void {
  for (const about of recovered(snapshot, new Set([...reported.values()].map((one) => one.about)))) {
    say("info", `${about} is ready now`);
    for (const [key, one] of reported) if (one.about === about) reported.delete(key);
  }
}

/** One namespace after the other, since each request is a process. A failed request ends this check only. */
async function readAll(namespaces: readonly string[], effects: Effects): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const namespace of namespaces) {
    const snapshot = await readNamespace(namespace, effects);
    if (snapshot === undefined) break;
    snapshots.push(snapshot);
  }
  return snapshots;
}

async function readNamespace(namespace: string, { read, now }: Effects): Promise<Snapshot | undefined> {
  const path = `/api/v1/namespaces/${namespace}`;
  const pods = await read(`${path}/pods?limit=500`);
  if (pods === undefined) return undefined;
  const events = await read(`${path}/events?fieldSelector=type%3DWarning&limit=500`);
  return { namespace, pods: itemsIn(pods), events: itemsIn(events ?? ""), at: now() };
}

function itemsIn(list: string): readonly unknown[] {
  return listAt(parseJson(list), "items");
}

/** The last log line of a terminated container, which most often shows the cause. */
async function lastLine(
  { crashed, namespace }: Problem & { readonly namespace: string },
  { read }: Effects,
): Promise<string> {
  if (crashed === undefined) return "";
  const { pod, container } = crashed;
  const query = `container=${container}&previous=true&tailLines=1`;
  const line = shown((await read(`/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`)) ?? "");
  return line === "" ? "" : `; the last line of ${container}: ${line}`;
}

/**
 * kubectl supports every kind of login that the provider supports. If it is missing, does not answer or lacks
 * permission, there is nothing to report.
 */
function kubectl(context: string, path: string): Promise<string | undefined> {
  const args = ["--context", context, "--request-timeout", "5s", "get", "--raw", path];
  const options = { signal: AbortSignal.timeout(8000), maxBuffer: 64 * 1024 * 1024 };
  return new Promise((done) => {
    const child = execFile("kubectl", args, options, (error, stdout) => {
      done(error === null ? stdout : undefined);
    });
    // Neither does the process keep the program running.
    child.unref();
    for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
  });
}
