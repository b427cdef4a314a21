/**
 * Reports to GitHub what it did not take when builds ended, from the notes on their Workflows (unreported.ts). The newest build comes first:
 * what GitHub has heard of it is then newer than what an older one has left, which is dropped.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DeclaredBuild } from "./declared.ts";
import { mayPassLater } from "./github-limits.ts";
import { readSecret, Refusal } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, patch } from "./kubernetes.ts";
import { buildLabel, unreportedNote } from "./labels.ts";
import { postDeployment } from "./post-deployment.ts";
import { messageOf } from "./program.ts";
import { postStatus, timeOfStatus } from "./status.ts";
import type { UnreportedDeployment, UnreportedStatus } from "./unreported.ts";
import { isAfter, readDeployment, readStatus, taken } from "./unreported.ts";

export interface Posting {
  readonly api: string;
  /** File with the token of a repository's owner. */
  readonly tokenOf: (slug: string) => string;
  /** Milliseconds between two writes. */
  readonly pause: number;
  /** Milliseconds after which what is left waits for the next look. */
  readonly limit: number;
}

/** A Workflow with notes. */
interface UnreportedBuild {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly created: string;
  /** Undefined where the stack does not build it any more: nobody knows its repository. */
  readonly build: DeclaredBuild | undefined;
  readonly status: UnreportedStatus | undefined;
  readonly deployment: UnreportedDeployment | undefined;
}

/** @returns lines for people: what was reported, and what was not */
export async function postUnreported(builds: readonly DeclaredBuild[], posting: Posting): Promise<string[]> {
  const { owing, lines } = await listUnreported(builds);
  const until = Date.now() + posting.limit;
  const pace = pacer(posting.pause);
  const full = new Set<string>();
  for (const one of owing) {
    const file = one.build === undefined ? "" : posting.tokenOf(one.build.slug);
    // Whoever goes on at a limit is shut out for longer.
    if (full.has(file)) continue;
    if (Date.now() >= until) return [...lines, "the other unreported builds wait for the next look"];
    try {
      await settle(one, { posting, pace, file });
      lines.push(`${one.name}: everything is reported to GitHub`);
    } catch (error) {
      lines.push(`${one.name}: not reported to GitHub yet: ${messageOf(error)}`);
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
const unreported = [buildLabel.unreported, "workflows.argoproj.io/completed=true"];

async function listUnreported(builds: readonly DeclaredBuild[]) {
  const [lines, all]: [string[], UnreportedBuild[]] = [[], []];
  for (const namespace of new Set(builds.map((one) => one.namespace))) {
    const answer = await listMetadata([namespace, "workflows"], unreported);
    const items = isDone(answer) ? listAt(parseJson(answer.text), "items") : [];
    all.push(...items.map((item) => unreportedOf(item, namespace, builds)));
    if (!isDone(answer)) lines.push(`cannot list the unreported builds of ${namespace}: ${answer.reason}`);
  }
  return { lines, owing: all.toSorted((one, other) => (one.created < other.created ? 1 : -1)) };
}

function unreportedOf(item: unknown, namespace: string, builds: readonly DeclaredBuild[]): UnreportedBuild {
  const text = (...keys: string[]) => textAt(item, "metadata", ...keys);
  const service = text("labels", buildLabel.service);
  return {
    namespace,
    name: text("name"),
    version: text("resourceVersion"),
    created: text("creationTimestamp"),
    build: builds.find((one) => one.service === service && one.namespace === namespace),
    status: readStatus(text("annotations", unreportedNote.status)),
    deployment: readDeployment(text("annotations", unreportedNote.deployment)),
  };
}

interface Way {
  readonly posting: Posting;
  readonly pace: () => Promise<void>;
  /** With the token. */
  readonly file: string;
}

async function settle(owing: UnreportedBuild, way: Way): Promise<void> {
  const { build, name, status, deployment } = owing;
  if (build !== undefined && status !== undefined) await orNever(postStatusOf(status, { build, name }, way));
  if (build !== undefined && deployment !== undefined) {
    const github = { ...githubOf(build, way), TARGET_URL: deployment.page };
    await orNever(postDeployment(deployment, github, way.pace));
  }
  await forget(owing);
}

function githubOf({ slug }: DeclaredBuild, { posting, file }: Way) {
  return { GITHUB_API: posting.api, TOKEN_FILE: file, REPOSITORY: slug };
}

/** What GitHub takes neither now nor later, such as a status of a commit that is gone, is done with. */
async function orNever(report: Promise<void>): Promise<void> {
  try {
    await report;
  } catch (error) {
    if (!(error instanceof Refusal && [410, 422].includes(error.answer.code))) throw error;
  }
}

interface Ended {
  readonly build: DeclaredBuild;
  /** Its Workflow. */
  readonly name: string;
}

async function postStatusOf(status: UnreportedStatus, { build, name }: Ended, way: Way): Promise<void> {
  const { app, slug } = build;
  const ended = new Date(status.at).toISOString();
  const check = app === undefined ? undefined : { app, id: name, ended };
  const reader = { api: way.posting.api, slug, token: readSecret(way.file) };
  if (isAfter(status, await timeOfStatus(reader, status, check))) return;
  await way.pace();
  taken(await postStatus({ ...githubOf(build, way), TARGET_URL: status.page }, status, check));
}

/** Of the Workflow as it was read: one that somebody has had run again may have another note by now. */
async function forget({ namespace, name, version }: UnreportedBuild): Promise<void> {
  const annotations = Object.fromEntries(Object.values(unreportedNote).map((key) => [key, null]));
  const labels = { [buildLabel.unreported]: null };
  const change = { metadata: { resourceVersion: version, labels, annotations } };
  const answer = await patch([namespace, "workflows", name], change);
  // It was removed meanwhile.
  if (isDone(answer) || answer.code === 404) return;
  throw new Error(`cannot remove its note: ${answer.reason}`);
}
