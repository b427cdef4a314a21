/**
 * Sends the reports that GitHub did not accept when builds ended, from the notes on their Workflows (unreported.ts).
 * The newest build comes first, so that older reports of the same status or environment are then recognized as outdated
 * and dropped.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DeclaredBuild } from "./declared.ts";
import { isRetryable } from "./github-limits.ts";
import { readSecret, Refusal } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, patch } from "./kubernetes.ts";
import { argoLabel, buildLabel, unreportedNote } from "./labels.ts";
import { postDeployment } from "./post-deployment.ts";
import { messageOf } from "./program.ts";
import { postStatus, timeOfStatus } from "./status.ts";
import type { UnreportedDeployment, UnreportedStatus } from "./unreported.ts";
import { isAfter, readDeployment, readStatus, taken } from "./unreported.ts";

export interface Posting {
  readonly api: string;
  /** The file with the token for a repository. */
  readonly tokenOf: (slug: string) => string;
  /** Milliseconds between two writes. */
  readonly pause: number;
  /** Milliseconds after which the remaining reports wait for the next run. */
  readonly limit: number;
}

/** A Workflow with notes. */
interface UnreportedBuild {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly created: string;
  /** Undefined if the stack no longer declares the build, so that its repository is unknown. */
  readonly build: DeclaredBuild | undefined;
  readonly status: UnreportedStatus | undefined;
  readonly deployment: UnreportedDeployment | undefined;
}

/** @returns log lines: what was reported, and what was not */
export async function postUnreported(builds: readonly DeclaredBuild[], posting: Posting): Promise<string[]> {
  const { pending, lines } = await listUnreported(builds);
  const until = Date.now() + posting.limit;
  const pace = pacer(posting.pause);
  const limited = new Set<string>();
  for (const one of pending) {
    const file = one.build === undefined ? "" : posting.tokenOf(one.build.slug);
    // GitHub extends the limit for clients that go on.
    if (limited.has(file)) continue;
    if (Date.now() >= until) return [...lines, "the remaining reports wait for the next run"];
    try {
      await reportNotes(one, { posting, pace, file });
      lines.push(`${one.name}: everything is reported to GitHub`);
    } catch (error) {
      lines.push(`${one.name}: not reported to GitHub yet: ${messageOf(error)}`);
      if (error instanceof Refusal && isRetryable(error.answer)) limited.add(file);
    }
  }
  return lines;
}

/** Keeps a minimum time between two calls. */
function pacer(pause: number): () => Promise<void> {
  let next = 0;
  return async () => {
    await wait(Math.max(0, next - Date.now()));
    next = Date.now() + pause;
  };
}

/** Only completed builds: a running one may still report itself. */
const selector = [buildLabel.unreported, `${argoLabel.completed}=true`];

async function listUnreported(builds: readonly DeclaredBuild[]) {
  const [lines, all]: [string[], UnreportedBuild[]] = [[], []];
  for (const namespace of new Set(builds.map((one) => one.namespace))) {
    const answer = await listMetadata([namespace, "workflows"], selector);
    const items = isDone(answer) ? listAt(parseJson(answer.text), "items") : [];
    all.push(...items.map((item) => unreportedOf(item, namespace, builds)));
    if (!isDone(answer)) lines.push(`cannot list the unreported builds of ${namespace}: ${answer.reason}`);
  }
  return { lines, pending: all.toSorted((one, other) => (one.created < other.created ? 1 : -1)) };
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

interface Context {
  readonly posting: Posting;
  readonly pace: () => Promise<void>;
  /** The file with the token. */
  readonly file: string;
}

async function reportNotes(pending: UnreportedBuild, context: Context): Promise<void> {
  const { build, name, status, deployment } = pending;
  if (build !== undefined && status !== undefined)
    await unlessRejected(postStatusOf(status, { build, name }, context));
  if (build !== undefined && deployment !== undefined) {
    const github = { ...githubOf(build, context), TARGET_URL: deployment.targetUrl };
    await unlessRejected(postDeployment(deployment, github, context.pace));
  }
  await removeNotes(pending);
}

function githubOf({ slug }: DeclaredBuild, { posting, file }: Context) {
  return { GITHUB_API: posting.api, TOKEN_FILE: file, REPOSITORY: slug };
}

/** Ignores reports that GitHub will never accept, such as a status of a commit that no longer exists. */
async function unlessRejected(report: Promise<void>): Promise<void> {
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

async function postStatusOf(
  status: UnreportedStatus,
  { build, name }: Ended,
  context: Context,
): Promise<void> {
  const { app, slug } = build;
  const ended = new Date(status.at).toISOString();
  const check = app === undefined ? undefined : { app, id: name, ended };
  const reader = { api: context.posting.api, slug, token: readSecret(context.file) };
  if (isAfter(status, await timeOfStatus(reader, status, check))) return;
  await context.pace();
  taken(await postStatus({ ...githubOf(build, context), TARGET_URL: status.targetUrl }, status, check));
}

/** Changes only the version that was read: after a retry, the Workflow may have another note. */
async function removeNotes({ namespace, name, version }: UnreportedBuild): Promise<void> {
  const annotations = Object.fromEntries(Object.values(unreportedNote).map((key) => [key, null]));
  const labels = { [buildLabel.unreported]: null };
  const change = { metadata: { resourceVersion: version, labels, annotations } };
  const answer = await patch([namespace, "workflows", name], change);
  // 404: the Workflow has been deleted.
  if (isDone(answer) || answer.code === 404) return;
  throw new Error(`cannot remove its note: ${answer.reason}`);
}
