/**
 * Starts builds for lost pushes: pushes that GitHub could not deliver, or that were lost on the way. It checks each
 * branch's newest commit, and git tags. Before that, it removes pods of builds that a dead node does not terminate.
 * Afterwards, it notifies the Image Updater again of images that did not reach their Applications, and reports to
 * GitHub what GitHub did not accept when builds ended. Exits with 1 only if no build could be checked.
 *
 * BUILDS         file with the builds that the stack declares
 * CLONE_TOKENS   folder with a folder per private project, whose file `token` has a token that reads its repositories
 * GITHUB_API     URL of GitHub's API
 * TOKEN_FILE     file with the token for reports to GitHub, in whose path {owner} is replaced by the repository's
 *                owner; empty if builds report nothing
 * GIT_TAGS       regular expression of the git tags that are built; empty if none are
 * SETTLE         seconds after which a push that seems lost is checked again: it may still be on its way
 * STRANDED       seconds after which a pod that its node should have terminated is removed
 * NAMESPACE      namespace of this program's Workflow
 * RESULTS        folder for the outputs:
 *   started      number of builds started
 *   unanswered   number of services that could not be checked
 *   settled      what memory.ts passes to the next run
 * ...            the variables of registry.ts, undelivered.ts and kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DeclaredBuild } from "./declared.ts";
import { readBuilds } from "./declared.ts";
import type { Variables } from "./environment.ts";
import { readVariables, writeResult } from "./environment.ts";
import { readSecret } from "./http.ts";
import type { LostPush } from "./lost-pushes.ts";
import { postUnreported } from "./post-unreported.ts";
import { memoryOutput, recall, remember } from "./memory.ts";
import { mapPool } from "./pool.ts";
import { messageOf, runProgram } from "./program.ts";
import type { Unanswered } from "./search.ts";
import { cloneToken, Search, searchVariables } from "./search.ts";
import { startBuild } from "./start.ts";
import { removeStranded } from "./stranded.ts";
import { remindUpdater, undeliveredVariables } from "./undelivered.ts";
import { verdict } from "./verdict.ts";

const own = ["BUILDS", "GITHUB_API", "TOKEN_FILE", "SETTLE", "STRANDED", "NAMESPACE", "RESULTS"] as const;
export const variables = [...own, ...searchVariables, ...undeliveredVariables] as const;
type Env = Variables<(typeof variables)[number]>;

/**
 * In milliseconds: the pause between two late reports to GitHub, and the time limit of all of them. GitHub asks for one
 * second between two writes, and accepts 500 an hour, some of which running builds need.
 */
const posting = { pause: 1000, limit: 60_000 };

/** Concurrent requests to GitHub, which accepts a hundred, and to the API server. */
const concurrency = 20;

if (import.meta.main) await runProgram(() => catchUp(readVariables(variables)));

/** What follows from a lost push; it has neither `suffix` nor `unanswered` if nothing is to be built. */
interface Decision {
  readonly lost: LostPush;
  /** The end of the Workflow's name. */
  readonly suffix?: string | undefined;
  readonly unanswered?: Unanswered;
}

async function catchUp(env: Env): Promise<boolean> {
  const builds = readBuilds(env.BUILDS);
  const namespaces = builds.map(({ namespace }) => namespace);
  for (const line of await removeStranded(namespaces, Number(env.STRANDED))) console.log(line);
  const search = new Search(env);
  const settled = await search.runs(env.NAMESPACE).then(
    (runs) => recall(env.NAMESPACE, runs),
    () => new Set<string>(),
  );
  const { lost, unanswered } = await search.run(builds);
  const unsettled = lost.filter(({ note }) => !settled.has(note));
  const decisions = await mapPool(unsettled, concurrency, (one) => decide(one, env, search));
  const started = await startAll(decisions, env);
  const notes = lost.map(({ note }) => note).filter((note) => settled.has(note));
  const done = decisions.filter(
    ({ suffix, unanswered: error }) => suffix === undefined && error === undefined,
  );
  writeResult(env.RESULTS, memoryOutput, remember([...notes, ...done.map((one) => one.lost.note)]));
  const isChecked = report(env, builds, {
    started: started.started,
    unanswered: [...unanswered, ...decisions.flatMap((one) => one.unanswered ?? []), ...started.unanswered],
  });
  for (const line of await remindUpdater(builds, search, env)) console.log(line);
  for (const line of await postLate(builds, env)) console.log(line);
  return isChecked;
}

/** Does nothing if builds report nothing to GitHub. */
async function postLate(builds: readonly DeclaredBuild[], env: Env): Promise<string[]> {
  if (env.TOKEN_FILE === "") return [];
  return postUnreported(builds, {
    api: env.GITHUB_API,
    tokenOf: (slug) => reportToken(slug, env),
    ...posting,
  });
}

function reportToken(slug: string, { TOKEN_FILE: file }: Env): string {
  return file.replace("{owner}", slug.replace(/\/.*/, ""));
}

async function decide(lost: LostPush, env: Env, { registry }: Search): Promise<Decision> {
  const { slug, project } = lost.build;
  const { GITHUB_API: api } = env;
  const file = reportToken(slug, env);
  const statusToken = file === "" ? "" : readSecret(file);
  const commitToken = project === "" ? statusToken : cloneToken(env.CLONE_TOKENS, project);
  try {
    const statuses = { api, slug, token: statusToken };
    return {
      lost,
      suffix: await verdict(lost, { registry, statuses, commits: { ...statuses, token: commitToken } }),
    };
  } catch (error) {
    return { lost, unanswered: { build: lost.build, why: messageOf(error) } };
  }
}

interface Outcome {
  readonly started: readonly string[];
  readonly unanswered: readonly Unanswered[];
}

/** Starts the builds of pushes that are still lost after a pause. */
async function startAll(decisions: readonly Decision[], env: Env): Promise<Outcome> {
  const toBuild = decisions.filter(({ suffix }) => suffix !== undefined);
  if (toBuild.length === 0) return { started: [], unanswered: [] };
  await wait(Number(env.SETTLE) * 1000);
  const recheck = await new Search(env).run([...new Set(toBuild.map(({ lost }) => lost.build))]);
  const stillLost = toBuild.filter((one) => recheck.lost.some(({ note }) => note === one.lost.note));
  const outcomes = await mapPool(stillLost, concurrency, startOne);
  return {
    started: outcomes.flatMap(({ started }) => started),
    unanswered: [...recheck.unanswered, ...outcomes.flatMap(({ unanswered }) => unanswered)],
  };
}

async function startOne({ lost, suffix = "" }: Decision): Promise<Outcome> {
  const { build, commit, tag } = lost;
  try {
    const name = await startBuild(lost, suffix);
    if (name === undefined) return { started: [], unanswered: [] };
    const ref = tag === "" ? `branch ${build.branch}` : `tag ${tag}`;
    return {
      started: [
        `started ${name}: the ${ref} of ${build.slug} is at ${commit.slice(0, 7)}, which had no build`,
      ],
      unanswered: [],
    };
  } catch (error) {
    return { started: [], unanswered: [{ build, why: messageOf(error) }] };
  }
}

/** @returns whether any service could be checked */
function report(env: Env, builds: readonly DeclaredBuild[], { started, unanswered }: Outcome): boolean {
  const lines = unanswered.map(({ build, why }) => `cannot check ${build.service} for lost pushes: ${why}`);
  const services = new Set(unanswered.map(({ build }) => build)).size;
  for (const line of [...started, ...lines]) console.log(line);
  const counts = {
    services: builds.length,
    "builds started": started.length,
    "services not checked": services,
  };
  console.log(
    Object.entries(counts)
      .map(([what, count]) => `${what}: ${count.toString()}`)
      .join(", "),
  );
  writeResult(env.RESULTS, "started", started.length.toString());
  writeResult(env.RESULTS, "unanswered", services.toString());
  return services < builds.length || builds.length === 0;
}
