/**
 * Tells GitHub what it could not be told when builds ended, from the notes on their Workflows (untold.ts). The newest build comes first:
 * what GitHub has heard of it is then newer than what an older one has left, which is dropped.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DeclaredBuild } from "./declared.ts";
import { mayPassLater } from "./github-limits.ts";
import { readSecret, Refusal } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, patch } from "./kubernetes.ts";
import { buildLabel, untoldNote } from "./labels.ts";
import { tellDeployment } from "./late-deployment.ts";
import { messageOf } from "./program.ts";
import { tellStatus, timeOfStatus } from "./status.ts";
import type { UntoldDeployment, UntoldStatus } from "./untold.ts";
import { isAfter, readDeployment, readStatus, taken } from "./untold.ts";

export interface Late {
  readonly api: string;
  /** File with the token of a repository's owner. */
  readonly tokenOf: (slug: string) => string;
  /** Milliseconds between two writes. */
  readonly pause: number;
  /** Milliseconds after which what is left waits for the next look. */
  readonly limit: number;
}

/** A Workflow with notes. */
interface Owing {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly created: string;
  /** Undefined where the stack does not build it any more: nobody knows its repository. */
  readonly build: DeclaredBuild | undefined;
  readonly status: UntoldStatus | undefined;
  readonly deployment: UntoldDeployment | undefined;
}

/** @returns lines for people: what was told, and what was not */
export async function tellLate(builds: readonly DeclaredBuild[], late: Late): Promise<string[]> {
  const { owing, lines } = await listOwing(builds);
  const until = Date.now() + late.limit;
  const pace = pacer(late.pause);
  const full = new Set<string>();
  for (const one of owing) {
    const file = one.build === undefined ? "" : late.tokenOf(one.build.slug);
    // Whoever goes on at a limit is shut out for longer.
    if (full.has(file)) continue;
    if (Date.now() >= until)
      return [...lines, "the rest of what GitHub was not told waits for the next look"];
    try {
      await settle(one, { late, pace, file });
      lines.push(`${one.name}: nothing is left to tell GitHub`);
    } catch (error) {
      lines.push(`${one.name}: GitHub is not told yet: ${messageOf(error)}`);
      if (error instanceof Refusal && mayPassLater(error.answer)) full.add(file);
    }
  }
  return lines;
}

/** Lets so much time pass between two calls. */
function pacer(pause: number): () => Promise<void> {
  let next = 0;
  return async () => {
    await wait(Math.max(0, next - Date.now()));
    next = Date.now() + pause;
  };
}

/** One that runs may still say something itself. */
const untold = [buildLabel.untold, "workflows.argoproj.io/completed=true"];

async function listOwing(builds: readonly DeclaredBuild[]) {
  const [lines, all]: [string[], Owing[]] = [[], []];
  for (const namespace of new Set(builds.map((one) => one.namespace))) {
    const answer = await listMetadata([namespace, "workflows"], untold);
    const items = isDone(answer) ? listAt(parseJson(answer.text), "items") : [];
    all.push(...items.map((item) => owingOf(item, namespace, builds)));
    if (!isDone(answer)) lines.push(`cannot tell what GitHub was not told of ${namespace}: ${answer.reason}`);
  }
  return { lines, owing: all.toSorted((one, other) => (one.created < other.created ? 1 : -1)) };
}

function owingOf(item: unknown, namespace: string, builds: readonly DeclaredBuild[]): Owing {
  const text = (...keys: string[]) => textAt(item, "metadata", ...keys);
  const service = text("labels", buildLabel.service);
  return {
    namespace,
    name: text("name"),
    version: text("resourceVersion"),
    created: text("creationTimestamp"),
    build: builds.find((one) => one.service === service && one.namespace === namespace),
    status: readStatus(text("annotations", untoldNote.status)),
    deployment: readDeployment(text("annotations", untoldNote.deployment)),
  };
}

interface Way {
  readonly late: Late;
  readonly pace: () => Promise<void>;
  /** With the token. */
  readonly file: string;
}

async function settle(owing: Owing, way: Way): Promise<void> {
  const { build, name, status, deployment } = owing;
  if (build !== undefined && status !== undefined) await orNever(sayStatus(status, { build, name }, way));
  if (build !== undefined && deployment !== undefined) {
    const github = { ...githubOf(build, way), TARGET_URL: deployment.page };
    await orNever(tellDeployment(deployment, github, way.pace));
  }
  await forget(owing);
}

function githubOf({ slug }: DeclaredBuild, { late, file }: Way) {
  return { GITHUB_API: late.api, TOKEN_FILE: file, REPOSITORY: slug };
}

/** What GitHub takes neither now nor later, such as a status of a commit that is gone, is done with. */
async function orNever(telling: Promise<void>): Promise<void> {
  try {
    await telling;
  } catch (error) {
    if (!(error instanceof Refusal && [410, 422].includes(error.answer.code))) throw error;
  }
}

interface Ended {
  readonly build: DeclaredBuild;
  /** Its Workflow. */
  readonly name: string;
}

async function sayStatus(status: UntoldStatus, { build, name }: Ended, way: Way): Promise<void> {
  const { app, slug } = build;
  const ended = new Date(status.at).toISOString();
  const check = app === undefined ? undefined : { app, id: name, ended };
  const reader = { api: way.late.api, slug, token: readSecret(way.file) };
  if (isAfter(status, await timeOfStatus(reader, status, check))) return;
  await way.pace();
  taken(await tellStatus({ ...githubOf(build, way), TARGET_URL: status.page }, status, check));
}

/** Of the Workflow as it was read: one that somebody has had run again may have another note by now. */
async function forget({ namespace, name, version }: Owing): Promise<void> {
  const annotations = Object.fromEntries(Object.values(untoldNote).map((key) => [key, null]));
  const labels = { [buildLabel.untold]: null };
  const change = { metadata: { resourceVersion: version, labels, annotations } };
  const answer = await patch([namespace, "workflows", name], change);
  // It was removed meanwhile.
  if (isDone(answer) || answer.code === 404) return;
  throw new Error(`cannot remove its note: ${answer.reason}`);
}
