/**
 * Looks at an Application until it has an image, and helps where it may be forgotten.
 *
 * BY_COMMIT     names of the Applications that have it by a commit of the Image Updater's, separated by spaces
 * WITH_WINDOWS  names of those that have sync windows, separated by spaces
 * NAMESPACE     of the Applications
 * IMAGE         the image, without a tag
 * DIGEST        of the image
 * ...           the variables of reminder.ts and kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Look } from "./application.ts";
import { look } from "./application.ts";
import type { Variables } from "./environment.ts";
import { parseJson } from "./json.ts";
import type { ObjectPath } from "./kubernetes.ts";
import { isDone, patch, read } from "./kubernetes.ts";
import type { Reminder } from "./reminder.ts";
import { words } from "./text.ts";

export const followVariables = ["BY_COMMIT", "WITH_WINDOWS", "NAMESPACE", "IMAGE", "DIGEST"] as const;
type Given = Variables<(typeof followVariables)[number]>;

export interface Watch {
  readonly given: Given;
  readonly reminder: Reminder;
  /** Says that Argo CD rolls it out. */
  readonly start: () => void;
  /** Whether waiting ends. */
  readonly isOver: () => boolean;
}

/** What became of it. */
export interface End {
  /** `replaced` by another image; `late` where waiting ended before. */
  readonly state: Exclude<Look["state"], "waiting"> | "replaced" | "late";
  readonly why: string;
}

/** Looks, one a second, after which a sync window is what holds an Application, and not a moment between two steps of Argo CD. */
const looksHeld = 10;

/** The image that the Application is to have at first is the one before. When that changes to another than ours, ours will not come. */
export async function follow(name: string, watch: Watch): Promise<End> {
  let before: readonly string[] = [];
  let found: Look = { versions: [], isGiven: false, namedBy: [], state: "waiting", why: "" };
  for (let looks = 0, held = 0; ; looks += 1) {
    found = await lookAt(name, watch.given, found.namedBy);
    held = found.state === "held" ? held + 1 : 0;
    const end = endOf(found, before, held);
    if (end !== undefined) return end;
    if (before.length === 0) before = found.versions;
    await help(name, found, looks, watch);
    if (watch.isOver()) return { state: "late", why: found.why };
    await wait(1000);
  }
}

function endOf(
  { state, why, isGiven, versions }: Look,
  before: readonly string[],
  held: number,
): End | undefined {
  if (state === "held") return held < looksHeld ? undefined : { state, why };
  if (state !== "waiting") return { state, why };
  const isReplaced = before.length > 0 && !isGiven && versions.some((one) => isOther(one, before));
  return isReplaced ? { state: "replaced", why: "a newer image took its place" } : undefined;
}

/** What has only a tag may be any image. */
function isOther(version: string, known: readonly string[]): boolean {
  return version.startsWith("sha256:") && !known.includes(version);
}

async function lookAt(name: string, given: Given, namedBy: readonly string[]): Promise<Look> {
  const answer = await read(application(name, given));
  const why = `cannot read the Application ${name}: ${answer.reason}`;
  if (!isDone(answer)) return { versions: [], isGiven: false, namedBy, state: "waiting", why };
  const { IMAGE: image, DIGEST: digest, WITH_WINDOWS: withWindows } = given;
  const hasWindows = words(withWindows).includes(name);
  return look(name, parseJson(answer.text), { image, digest, hasWindows, namedBy });
}

async function help(name: string, { isGiven, state }: Look, looks: number, watch: Watch): Promise<void> {
  if (isGiven) {
    if (state !== "held") watch.start();
    return;
  }
  await watch.reminder.remind();
  if (looks % 5 === 0) await refresh(name, watch.given);
}

/** Nobody else may be there to tell Argo CD of the Image Updater's commit, and it looks seldom. */
async function refresh(name: string, given: Given): Promise<void> {
  if (!words(given.BY_COMMIT).includes(name)) return;
  const annotations = { "argocd.argoproj.io/refresh": "normal" };
  const answer = await patch(application(name, given), { metadata: { annotations } });
  if (!isDone(answer)) console.log(`could not make Argo CD look at ${name}: ${answer.reason}`);
}

function application(name: string, { NAMESPACE: namespace }: Given): ObjectPath {
  return [namespace, "applications", name];
}
