/**
 * Notifies the Image Updater again of images that an Application does not have although no build waits for it any more:
 * Argo CD could not read the Application's manifests while the build waited, or the Application is newer than the image.
 * The Image Updater skips such an Application, and polls the registry only rarely.
 *
 * APPLICATIONS_NAMESPACE  namespace of the Applications; empty if builds wait for none
 * ...                     the variables of updater.ts that do not depend on the image, and of kubernetes.ts
 */
import { observationOf } from "./application.ts";
import type { DeclaredBuild, AwaitedImage } from "./declared.ts";
import type { Variables } from "./environment.ts";
import { parseJson, textAt } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import { mapPool } from "./pool.ts";
import { messageOf } from "./program.ts";
import type { Run } from "./runs.ts";
import { newestOf } from "./runs.ts";
import type { Search } from "./search.ts";
import { notifyUpdater } from "./updater.ts";

export const undeliveredVariables = [
  "APPLICATIONS_NAMESPACE",
  "UPDATER",
  "UPDATER_TOKEN_FILE",
  "REGISTRY",
] as const;
type Env = Variables<(typeof undeliveredVariables)[number]>;

/** How many services are checked at once. */
const maxConcurrent = 20;

/** In milliseconds: how long an Application counts as new. There is a limit because each notification costs a pull. */
const newFor = 24 * 60 * 60 * 1000;

/** @returns a log line for each service that could not be checked */
export async function remindUpdater(
  builds: readonly DeclaredBuild[],
  search: Search,
  env: Env,
): Promise<string[]> {
  const lines = await mapPool(builds, maxConcurrent, async (build) => {
    try {
      await remind(build, search, env);
      return [];
    } catch (error) {
      return [`cannot determine whether ${build.service} was rolled out: ${messageOf(error)}`];
    }
  });
  return lines.flat();
}

async function remind(build: DeclaredBuild, search: Search, env: Env): Promise<void> {
  const { followed, image, namespace } = build;
  // If the Workflows cannot be listed, the search for lost pushes has reported it.
  const runs = await search.runs(namespace).catch(() => undefined);
  if (runs === undefined || followed === undefined) return;
  const last = newestOf(runs.ofBranch(build));
  // A running build notifies the Image Updater itself.
  if (last.some(isRunning)) return;
  const candidates = await candidatesOf(followed, last, env);
  const digest = candidates.length === 0 ? undefined : await search.registry.digest(image, followed.tag);
  if (digest === undefined || candidates.every((one) => hasImage(one, digest, followed))) return;
  await notifyUpdater({ ...env, IMAGE_PATH: image, TAG: followed.tag }, digest);
}

function isRunning({ phase }: Run): boolean {
  return ["", "Pending", "Running"].includes(phase);
}

/** The Applications that the newest build waited for in vain, and those that are newer than it. */
async function candidatesOf(
  { applications }: AwaitedImage,
  last: readonly Run[],
  env: Env,
): Promise<unknown[]> {
  const wasInVain = last.some(({ isPublished, phase }) => isPublished && phase === "Failed");
  const all = await mapPool(applications, 1, (name) => readApplication(name, env));
  return all.filter((one) => wasInVain || isNew(one, last));
}

async function readApplication(name: string, { APPLICATIONS_NAMESPACE: namespace }: Env): Promise<unknown> {
  const answer = await read([namespace, "applications", name]);
  if (!isDone(answer)) throw new Error(`Application ${name}: ${answer.reason}`);
  return parseJson(answer.text);
}

function isNew(application: unknown, last: readonly Run[]): boolean {
  const created = Date.parse(textAt(application, "metadata", "creationTimestamp"));
  return created > Date.now() - newFor && last.every((run) => Date.parse(run.created) < created);
}

/** Whether the Application's spec has the image. */
function hasImage(application: unknown, digest: string, { image }: AwaitedImage): boolean {
  const awaited = { image, digest, hasWindows: false, workloads: [] };
  return observationOf(textAt(application, "metadata", "name"), application, awaited).hasImage;
}
