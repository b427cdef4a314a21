/** Sends pushes to a stack at a rate, and reads the builds that they start. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "../../test/support/cluster-api.ts";
import type { BuildCluster } from "../../test/support/cluster-stack.ts";
import {
  namespace,
  pushOf,
  randomCommit,
  triggerOf,
  workflow,
  workflowName,
} from "../../test/support/cluster-trigger.ts";

export interface Sent {
  /** Of the Workflow that it should start. */
  readonly name: string;
  readonly commit: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

export interface Load {
  readonly pushes: number;
  readonly anHour: number;
  readonly services: readonly string[];
}

/**
 * @returns the pushes that were sent before the signal
 * @throws Error if a push was not accepted
 */
export async function send(cluster: BuildCluster, load: Load, signal: AbortSignal): Promise<Sent[]> {
  const trigger = await triggerOf(cluster, "alog");
  const interval = 3_600_000 / load.anHour;
  const sent: Promise<Sent>[] = [];
  let due = performance.now();
  for (let index = 0; index < load.pushes; index += 1, due += interval) {
    await pause(due - performance.now(), signal);
    if (signal.aborted) break;
    const service = load.services[index % load.services.length] ?? "";
    const [commit, id, at] = [randomCommit(), randomUUID(), Date.now()];
    const taken = trigger.send({ id, body: pushOf(service, commit) }).then((status) => {
      if (status !== 200) throw new Error(`a push was answered with ${status.toString()}`);
      return { name: workflowName(service, commit, id), commit, at };
    });
    // A failure is reported by `Promise.all` below.
    taken.catch(() => undefined);
    sent.push(taken);
  }
  return Promise.all(sent);
}

/** Ends early at the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

const [apiVersion] = workflow;
const path = `/apis/${apiVersion}/namespaces/${namespace}/workflows`;
const services = "argo-cicd/service";

/** A build, whether or not one of the pushes started it. */
export interface Build {
  readonly name: string;
  readonly commit: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Characters of JSON. */
  readonly length: number;
}

/**
 * Waits until as many builds as pushes have ended, for `patience` seconds at most, or until the signal.
 *
 * Requests only metadata, and seldom: requests are load on what is measured.
 */
export async function ended(
  api: ClusterApi,
  pushes: number,
  patience: number,
  signal: AbortSignal,
): Promise<void> {
  const since = performance.now();
  while (!signal.aborted && performance.now() - since < patience * 1000) {
    if ((await finished(api)) >= pushes) return;
    await pause(2000, signal);
  }
}

/** How many builds have ended. */
export async function finished(api: ClusterApi): Promise<number> {
  const selector = encodeURIComponent(`${services},workflows.argoproj.io/completed=true`);
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const { items } = (await api.call(`${path}?labelSelector=${selector}&resourceVersion=0`, { accept })) as {
    items: object[] | null;
  };
  return items?.length ?? 0;
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly arguments?: { readonly parameters?: readonly Parameter[] } };
    readonly status?: { readonly startedAt?: string; readonly finishedAt?: string };
  }[];
}

interface Parameter {
  readonly name: string;
  readonly value?: string;
}

/** All builds, whatever their outcome. */
export async function builds(api: ClusterApi): Promise<Build[]> {
  const all: Build[] = [];
  let next = "";
  do {
    const query = `?limit=50&labelSelector=${encodeURIComponent(services)}&continue=${encodeURIComponent(next)}`;
    const page = (await api.call(path + query)) as Page;
    all.push(...page.items.map(build));
    next = page.metadata.continue ?? "";
  } while (next !== "");
  return all;
}

function build(one: Page["items"][number]): Build {
  const { metadata, spec, status } = one;
  const commit = spec.arguments?.parameters?.find(({ name }) => name === "commit")?.value ?? "";
  return {
    name: metadata.name,
    commit,
    startedAt: Date.parse(status?.startedAt ?? ""),
    finishedAt: Date.parse(status?.finishedAt ?? ""),
    length: JSON.stringify(one).length,
  };
}

/** Deletes all builds, as a Workflow's TTL does. */
export async function removeAll(api: ClusterApi): Promise<void> {
  await api.call(`${path}?labelSelector=${encodeURIComponent(services)}`, { method: "DELETE" });
}
