/**
 * Starts the builds of pushes that have started none, because GitHub could not deliver them or they were lost on their way: of each
 * branch's newest commit, and of tags of git. Before, it removes pods of builds that their node does not end; afterwards, it notifies the
 * Image Updater again of images that did not reach their Applications, and reports to GitHub what it did not take when builds ended.
 * Ends with 1 only where nothing could be asked.
 *
 * BUILDS         file with the builds that the stack declares
 * CLONE_TOKENS   folder with a folder for each private project, whose file `token` reads its repositories
 * GITHUB_API     address of GitHub's API
 * TOKEN_FILE     file with the token of what builds report, in whose path {owner} stands for the repository's; empty where they report nothing
 * GIT_TAGS       regular expression of the tags that are built; empty where none is
 * SETTLE         seconds after which what seems lost is looked at again: its push may just be under way
 * STRANDED       seconds after which a pod that its node should have ended is removed
 * NAMESPACE      of the own Workflow
 * RESULTS        folder for the outputs:
 *   started      how many builds were started
 *   unanswered   of how many services it could not be determined what they lack
 *   settled      what memory.ts leaves to the next look
 * ...            the variables of registry.ts, undelivered.ts and kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DeclaredBuild } from "./declared.ts";
import { readBuilds } from "./declared.ts";
import type { Variables } from "./environment.ts";
import { readVariables, writeResult } from "./environment.ts";
import { readSecret } from "./http.ts";
import type { Lost } from "./lost-pushes.ts";
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
type Given = Variables<(typeof variables)[number]>;

/**
 * Milliseconds between two writes of what is reported to GitHub later, and of all of it in one look. GitHub asks for a second between two
 * writes, and takes 500 an hour, of which builds that run need some.
 */
const posting = { pause: 1000, limit: 60_000 };

/** GitHub's API, which takes a hundred requests at once, and the API server are asked for so much. */
const few = 20;

if (import.meta.main) await runProgram(() => catchUp(readVariables(variables)));

/** What is to be made of something lost; neither a name nor an error where there is nothing. */
interface Judged {
  readonly lost: Lost;
  /** The end of its Workflow's name. */
  readonly suffix?: string | undefined;
  readonly unanswered?: Unanswered;
}

async function catchUp(given: Given): Promise<boolean> {
  const builds = readBuilds(given.BUILDS);
  const namespaces = builds.map(({ namespace }) => namespace);
  for (const line of await removeStranded(namespaces, Number(given.STRANDED))) console.log(line);
  const search = new Search(given);
  const settled = await search.runs(given.NAMESPACE).then(
    (runs) => recall(given.NAMESPACE, runs),
    () => new Set<string>(),
  );
  const { lost, unanswered } = await search.look(builds);
  const open = lost.filter(({ note }) => !settled.has(note));
  const judged = await mapPool(open, few, (one) => judge(one, given, search));
  const started = await startAll(judged, given);
  const notes = lost.map(({ note }) => note).filter((note) => settled.has(note));
  const done = judged.filter(({ suffix, unanswered: error }) => suffix === undefined && error === undefined);
  writeResult(given.RESULTS, memoryOutput, remember([...notes, ...done.map((one) => one.lost.note)]));
  const isAsked = report(given, builds, {
    started: started.started,
    unanswered: [...unanswered, ...judged.flatMap((one) => one.unanswered ?? []), ...started.unanswered],
  });
  for (const line of await remindUpdater(builds, search, given)) console.log(line);
  for (const line of await postLeftOver(builds, given)) console.log(line);
  return isAsked;
}

/** Nothing where builds report nothing to GitHub. */
async function postLeftOver(builds: readonly DeclaredBuild[], given: Given): Promise<string[]> {
  if (given.TOKEN_FILE === "") return [];
  return postUnreported(builds, {
    api: given.GITHUB_API,
    tokenOf: (slug) => reportToken(slug, given),
    ...posting,
  });
}

function reportToken(slug: string, { TOKEN_FILE: file }: Given): string {
  return file.replace("{owner}", slug.replace(/\/.*/, ""));
}

async function judge(lost: Lost, given: Given, { registry }: Search): Promise<Judged> {
  const { slug, project } = lost.build;
  const { GITHUB_API: api } = given;
  const file = reportToken(slug, given);
  const statusToken = file === "" ? "" : readSecret(file);
  const commitToken = project === "" ? statusToken : cloneToken(given.CLONE_TOKENS, project);
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

/** After a while, what is still lost. */
async function startAll(judged: readonly Judged[], given: Given): Promise<Outcome> {
  const due = judged.filter(({ suffix }) => suffix !== undefined);
  if (due.length === 0) return { started: [], unanswered: [] };
  await wait(Number(given.SETTLE) * 1000);
  const again = await new Search(given).look([...new Set(due.map(({ lost }) => lost.build))]);
  const still = due.filter((one) => again.lost.some(({ note }) => note === one.lost.note));
  const outcomes = await mapPool(still, few, startOne);
  return {
    started: outcomes.flatMap(({ started }) => started),
    unanswered: [...again.unanswered, ...outcomes.flatMap(({ unanswered }) => unanswered)],
  };
}

async function startOne({ lost, suffix = "" }: Judged): Promise<Outcome> {
  const { build, commit, tag } = lost;
  try {
    const name = await startBuild(lost, suffix);
    if (name === undefined) return { started: [], unanswered: [] };
    const what = tag === "" ? `branch ${build.branch}` : `tag ${tag}`;
    return {
      started: [
        `started ${name}: the ${what} of ${build.slug} is at ${commit.slice(0, 7)}, which no push has built`,
      ],
      unanswered: [],
    };
  } catch (error) {
    return { started: [], unanswered: [{ build, why: messageOf(error) }] };
  }
}

/** @returns whether anything could be asked */
function report(given: Given, builds: readonly DeclaredBuild[], { started, unanswered }: Outcome): boolean {
  const lines = unanswered.map(({ build, why }) => `cannot determine what ${build.service} lacks: ${why}`);
  const services = new Set(unanswered.map(({ build }) => build)).size;
  for (const line of [...started, ...lines]) console.log(line);
  const counts = {
    services: builds.length,
    "builds started": started.length,
    "services not answered for": services,
  };
  console.log(
    Object.entries(counts)
      .map(([what, count]) => `${what}: ${count.toString()}`)
      .join(", "),
  );
  writeResult(given.RESULTS, "started", started.length.toString());
  writeResult(given.RESULTS, "unanswered", services.toString());
  return services < builds.length || builds.length === 0;
}
