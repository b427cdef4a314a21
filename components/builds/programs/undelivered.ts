/**
 * Notifies the Image Updater again of images that no build waits for any more and that an Application does not have: because its manifests
 * could not be read while the build waited, or because it is newer than the image. The Image Updater skips such an Application, and polls
 * the registry itself only rarely.
 *
 * APPLICATIONS_NAMESPACE  namespace of the Applications; empty if builds wait for none
 * ...                     the variables of updater.ts that do not depend on the image, and of kubernetes.ts
 */
import { look } from "./application.ts";
import type { DeclaredBuild, FollowedImage } from "./declared.ts";
import type { Variables } from "./environment.ts";
import { parseJson, textAt } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import { mapPool } from "./pool.ts";
import { messageOf } from "./program.ts";
import type { Run } from "./runs.ts";
import { lastOf } from "./runs.ts";
import type { Search } from "./search.ts";
import { tellUpdater } from "./updater.ts";

export const undeliveredVariables = [
  "APPLICATIONS_NAMESPACE",
  "UPDATER",
  "UPDATER_TOKEN_FILE",
  "REGISTRY",
] as const;
type Given = Variables<(typeof undeliveredVariables)[number]>;

/** How many services are checked at once. */
const maxConcurrent = 20;

/** Milliseconds for which an Application counts as new. Each notification is a pull for the registry, so there is an end to them. */
const newFor = 24 * 60 * 60 * 1000;

/** @returns for people, a line for each service that could not be checked */
export async function remindUpdater(
  builds: readonly DeclaredBuild[],
  search: Search,
  given: Given,
): Promise<string[]> {
  const lines = await mapPool(builds, maxConcurrent, async (build) => {
    try {
      await remind(build, search, given);
      return [];
    } catch (error) {
      return [`cannot determine whether ${build.service} was rolled out: ${messageOf(error)}`];
    }
  });
  return lines.flat();
}

async function remind(build: DeclaredBuild, search: Search, given: Given): Promise<void> {
  const { followed, image, namespace } = build;
  // Where Workflows cannot be listed, the search for lost pushes has reported it.
  const runs = await search.runs(namespace).catch(() => undefined);
  if (runs === undefined || followed === undefined) return;
  const last = lastOf(runs.ofBranch(build));
  // A build that runs does so itself.
  if (last.some(isRunning)) return;
  const candidates = await candidatesOf(followed, last, given);
  const digest = candidates.length === 0 ? undefined : await search.registry.digest(image, followed.tag);
  if (digest === undefined || candidates.every((one) => isGiven(one, digest, followed))) return;
  await tellUpdater({ ...given, IMAGE_PATH: image, TAG: followed.tag }, digest);
}

function isRunning({ phase }: Run): boolean {
  return ["", "Pending", "Running"].includes(phase);
}

/** The Applications that the newest build has waited for in vain, or that are newer. */
async function candidatesOf(
  { applications }: FollowedImage,
  last: readonly Run[],
  given: Given,
): Promise<unknown[]> {
  const wasInVain = last.some(({ isPublished, phase }) => isPublished && phase === "Failed");
  const all = await mapPool(applications, 1, (name) => readApplication(name, given));
  return all.filter((one) => wasInVain || isNew(one, last));
}

async function readApplication(name: string, { APPLICATIONS_NAMESPACE: namespace }: Given): Promise<unknown> {
  const answer = await read([namespace, "applications", name]);
  if (!isDone(answer)) throw new Error(`Application ${name}: ${answer.reason}`);
  return parseJson(answer.text);
}

function isNew(application: unknown, last: readonly Run[]): boolean {
  const created = Date.parse(textAt(application, "metadata", "creationTimestamp"));
  return created > Date.now() - newFor && last.every((run) => Date.parse(run.created) < created);
}

/** Whether the Application is set to run the image. */
function isGiven(application: unknown, digest: string, { image }: FollowedImage): boolean {
  const awaited = { image, digest, hasWindows: false, namedBy: [] };
  return look(textAt(application, "metadata", "name"), application, awaited).isGiven;
}
