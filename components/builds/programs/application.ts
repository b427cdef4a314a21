/** What an Application of Argo CD says of an image that it is to have. */
import { at, listAt, textAt } from "./json.ts";
import { oneLine } from "./text.ts";

/** The image that is waited for. */
export interface Awaited {
  /** The image, without a tag. */
  readonly image: string;
  readonly digest: string;
  /** Whether sync windows say when the Application may have it. */
  readonly hasWindows: boolean;
  /** What an earlier look has found to name it: a later sync may be one of other objects only. */
  readonly namedBy: readonly string[];
}

export interface Look {
  /** The digest or tag of the image that the Application is to have now, as far as it says so, or else those of its pods. */
  readonly versions: readonly string[];
  /** Whether the Application is to have the one that is waited for. */
  readonly isGiven: boolean;
  /** The objects whose pods are to have it, e.g. `CronJob nightly`. */
  readonly namedBy: readonly string[];
  /** `idle`: all is as it is to be, and no pod runs it now. `held`: nothing happens before a sync window opens. */
  readonly state: "waiting" | "live" | "idle" | "held" | "failed";
  /** Why it is not live. */
  readonly why: string;
}

/** What is read of an Application, each in one line. */
interface Facts extends Pick<Look, "versions" | "isGiven" | "namedBy"> {
  /** Whether a pod of it has the image. */
  readonly isRunning: boolean;
  /** Whether a pod of it has another version of the image. */
  readonly runsAnother: boolean;
  /** Whether the last sync was one of the image. */
  readonly isSynced: boolean;
  /** Whether the last sync was one of all that is wanted now. */
  readonly isCompared: boolean;
  /** Whether Argo CD has found something to sync. */
  readonly isOutOfSync: boolean;
  readonly phase: string;
  /** Of all that it holds. */
  readonly health: string;
  readonly message: string;
  readonly condition: string;
  readonly unhealthy: string;
}

/** @param application as the API server gives it */
export function look(name: string, application: unknown, awaited: Awaited): Look {
  const facts = factsOf(application, awaited);
  const { versions, isGiven, namedBy } = facts;
  return { versions, isGiven, namedBy, ...stateOf(name, facts, awaited) };
}

function stateOf(name: string, facts: Facts, awaited: Awaited): Pick<Look, "state" | "why"> {
  const { isRunning, isSynced, phase, health, message } = facts;
  const isSettled = health === "Healthy" && phase !== "Running";
  if (isRunning && isSettled) return { state: "live", why: "" };
  if (isSettled && isIdle(facts))
    return { state: "idle", why: `no pod of ${facts.namedBy.join(", ")} runs now` };
  if (isSynced && (phase === "Failed" || phase === "Error"))
    return { state: "failed", why: `the sync of ${name} has failed: ${message}` };
  if (awaited.hasWindows && isHeld(facts))
    return {
      state: "held",
      why: `a sync window keeps ${name} from having it; Argo CD rolls it out when that ends`,
    };
  return { state: "waiting", why: whyWaiting(name, facts, awaited) };
}

/**
 * Objects that name the image are as they are to be, so that those of them which keep pods have none to keep: they are scaled
 * to zero. What runs from time to time leaves pods of earlier runs behind.
 */
function isIdle({ isRunning, runsAnother, isCompared, namedBy, phase }: Facts): boolean {
  if (isRunning || !isCompared || phase !== "Succeeded" || namedBy.length === 0) return false;
  return !runsAnother || namedBy.some((one) => /^(Cron)?Job /.test(one));
}

/** Argo CD begins a sync in the same moment in which it finds something to sync, and reports no window that forbids it. */
function isHeld({ isOutOfSync, isCompared, isSynced, phase, message }: Facts): boolean {
  if (phase === "Running") return message.includes("sync window");
  return isOutOfSync && !isCompared && !isSynced;
}

function whyWaiting(name: string, facts: Facts, { image }: Awaited): string {
  const { isGiven, isRunning, health, message, condition, unhealthy } = facts;
  if (condition !== "") return `${name}: ${condition}`;
  if (isRunning) return `${name}: ${unhealthy === "" ? `it is ${health}: ${message}` : unhealthy}`;
  if (isGiven) return `${name} is to have the image, and no pod of it has: ${whyNoPod(facts, image)}`;
  return `${name} has not been given the image: do its manifests name ${image}? If so, ask the Image Updater's log`;
}

function whyNoPod({ isCompared, namedBy, phase, message, unhealthy }: Facts, image: string): string {
  if (unhealthy !== "" && (phase === "Succeeded" || message === "")) return unhealthy;
  if (isCompared && phase === "Succeeded" && namedBy.length === 0)
    return `nothing in its manifests names ${image}`;
  return message;
}

function factsOf(application: unknown, { image, digest, namedBy }: Awaited): Facts {
  const asked = listAt(application, "spec", "source", "kustomize", "images")
    .map(line)
    .filter((one) => isOf(one, image));
  const running = listAt(application, "status", "summary", "images").map(line);
  const runningOfImage = running.filter((one) => isOf(one, image));
  const isRunning = running.some((one) => one.includes(digest));
  const operation = at(application, "status", "operationState");
  return {
    versions: (asked.length > 0 ? asked : runningOfImage).map(versionOf),
    isGiven: has(digest, sourcesOf(at(application, "spec"))) || (asked.length === 0 && isRunning),
    namedBy: [...new Set([...namedBy, ...namedIn(operation, digest)])],
    isRunning,
    runsAnother: runningOfImage.some((one) => !one.includes(digest)),
    isSynced: has(digest, sourcesOf(at(operation, "syncResult"))),
    isCompared: isCompared(application, digest),
    isOutOfSync: textAt(application, "status", "sync", "status") === "OutOfSync",
    phase: textAt(operation, "phase"),
    health: textAt(application, "status", "health", "status"),
    message: line(at(operation, "message")),
    condition: firstError(application),
    unhealthy: firstUnhealthy(application),
  };
}

/** The source of an Application, or its sources, wherever they stand. */
function sourcesOf(value: unknown): unknown {
  return [at(value, "source"), at(value, "sources")];
}

function has(digest: string, value: unknown): boolean {
  return JSON.stringify(value).includes(digest);
}

/**
 * Whether the last comparison was with the manifests of the last sync, which are those with the image: the source says so, or
 * the commit that has it.
 */
function isCompared(application: unknown, digest: string): boolean {
  const sync = at(application, "status", "sync");
  const synced = at(application, "status", "operationState", "syncResult");
  // Of several sources it has a list, and of one a text, which the one place leaves out where it is empty and the other does not.
  const revisions = (value: unknown) =>
    JSON.stringify([textAt(value, "revision"), listAt(value, "revisions")]);
  const isInSource = [at(application, "spec"), synced].some((one) => has(digest, sourcesOf(one)));
  const isSame = [at(sync, "comparedTo"), synced].every((one) => has(digest, sourcesOf(one)));
  return revisions(sync) === revisions(synced) && (isSame || !isInSource);
}

/** What the sync has given the image to, but for what it has removed. */
function namedIn(operation: unknown, digest: string): string[] {
  return listAt(operation, "syncResult", "resources")
    .filter((one) => has(digest, listAt(one, "images")) && !textAt(one, "status").startsWith("Prune"))
    .map((one) => line(`${textAt(one, "kind")} ${textAt(one, "name")}`));
}

function line(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : "";
}

/** Whether a name with a tag or a digest, or a replacement of the image, is of the image. */
function isOf(one: string, image: string): boolean {
  return one.startsWith(image) && /^[:=@]/.test(one.slice(image.length));
}

/** The digest of an image, where its name has one. */
function versionOf(name: string): string {
  return name.slice(name.lastIndexOf("@") + 1);
}

/** What stands before "desc" in an error is only about the calls between components. */
function firstError(application: unknown): string {
  const conditions = listAt(application, "status", "conditions");
  const error = conditions.find((one) => textAt(one, "type").endsWith("Error"));
  return line(textAt(error, "message").replace(/^.* desc = /s, ""));
}

function firstUnhealthy(application: unknown): string {
  const resources = listAt(application, "status", "resources");
  const health = (one: unknown) => textAt(one, "health", "status");
  const unhealthy = resources.find((one) => !["", "Healthy"].includes(health(one)));
  if (unhealthy === undefined) return "";
  const what = `${textAt(unhealthy, "kind")} ${textAt(unhealthy, "name")}`;
  return line(`${what} is ${health(unhealthy)}: ${textAt(unhealthy, "health", "message")}`);
}
