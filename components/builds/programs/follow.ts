/**
 * Polls an Application until it runs an image. Meanwhile, repeats notifications that the Image Updater or Argo CD may
 * have missed.
 *
 * BY_COMMIT     names of the Applications that get the image by a commit of the Image Updater, separated by spaces
 * WITH_WINDOWS  names of the Applications that have sync windows, separated by spaces
 * NAMESPACE     namespace of the Applications
 * IMAGE         the image, without a tag
 * DIGEST        digest of the image
 * ...           the variables of reminder.ts and kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Observation } from "./application.ts";
import { observationOf } from "./application.ts";
import type { Variables } from "./environment.ts";
import { parseJson } from "./json.ts";
import type { ObjectPath } from "./kubernetes.ts";
import { isDone, patch, read } from "./kubernetes.ts";
import type { Reminder } from "./reminder.ts";
import { words } from "./text.ts";

export const followVariables = ["BY_COMMIT", "WITH_WINDOWS", "NAMESPACE", "IMAGE", "DIGEST"] as const;
type Env = Variables<(typeof followVariables)[number]>;

export interface Watch {
  readonly env: Env;
  readonly reminder: Reminder;
  /** Reports that Argo CD is rolling the image out. */
  readonly start: () => void;
  /** Whether the time limit is reached. */
  readonly isOver: () => boolean;
}

export interface End {
  /** `replaced` by another image; `late` if the time limit was reached first. */
  readonly state: Exclude<Observation["state"], "waiting"> | "replaced" | "late";
  readonly why: string;
}

/** Successive `held` polls, one a second, that mean a sync window and not a moment between two steps of Argo CD. */
const maxHeldPolls = 10;

/** The first image seen is the previous one. If it changes to another image than ours, ours will not be rolled out. */
export async function follow(name: string, watch: Watch): Promise<End> {
  let before: readonly string[] = [];
  let found: Observation = { versions: [], hasImage: false, workloads: [], state: "waiting", why: "" };
  for (let polls = 0, heldPolls = 0; ; polls += 1) {
    found = await observe(name, watch.env, found.workloads);
    heldPolls = found.state === "held" ? heldPolls + 1 : 0;
    const end = endOf(found, before, heldPolls);
    if (end !== undefined) return end;
    if (before.length === 0) before = found.versions;
    await nudge(name, found, polls, watch);
    if (watch.isOver()) return { state: "late", why: found.why };
    await wait(1000);
  }
}

function endOf(
  { state, why, hasImage, versions }: Observation,
  before: readonly string[],
  heldPolls: number,
): End | undefined {
  if (state === "held") return heldPolls < maxHeldPolls ? undefined : { state, why };
  if (state !== "waiting") return { state, why };
  const isReplaced = before.length > 0 && !hasImage && versions.some((one) => isOther(one, before));
  return isReplaced ? { state: "replaced", why: "a newer image took its place" } : undefined;
}

/** A version without a digest may be any image, so it does not count. */
function isOther(version: string, known: readonly string[]): boolean {
  return version.startsWith("sha256:") && !known.includes(version);
}

async function observe(name: string, env: Env, workloads: readonly string[]): Promise<Observation> {
  const answer = await read(application(name, env));
  const why = `cannot read the Application ${name}: ${answer.reason}`;
  if (!isDone(answer)) return { versions: [], hasImage: false, workloads, state: "waiting", why };
  const { IMAGE: image, DIGEST: digest, WITH_WINDOWS: withWindows } = env;
  const hasWindows = words(withWindows).includes(name);
  return observationOf(name, parseJson(answer.text), { image, digest, hasWindows, workloads });
}

async function nudge(
  name: string,
  { hasImage, state }: Observation,
  polls: number,
  watch: Watch,
): Promise<void> {
  if (hasImage) {
    if (state !== "held") watch.start();
    return;
  }
  await watch.reminder.remind();
  if (polls % 5 === 0) await refresh(name, watch.env);
}

/** Without a webhook, nothing notifies Argo CD of the Image Updater's commit, and it polls rarely. */
async function refresh(name: string, env: Env): Promise<void> {
  if (!words(env.BY_COMMIT).includes(name)) return;
  const annotations = { "argocd.argoproj.io/refresh": "normal" };
  const answer = await patch(application(name, env), { metadata: { annotations } });
  if (!isDone(answer)) console.log(`could not make Argo CD refresh ${name}: ${answer.reason}`);
}

function application(name: string, { NAMESPACE: namespace }: Env): ObjectPath {
  return [namespace, "applications", name];
}
