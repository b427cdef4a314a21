/** Reads from an Application of Argo CD whether it runs an image. */
import { at, listAt, textAt } from "./json.ts";
import { oneLine } from "./text.ts";

export interface ImageQuery {
  /** Without a tag. */
  readonly image: string;
  readonly digest: string;
  /** Whether sync windows restrict when the Application is synced. */
  readonly hasWindows: boolean;
  /** The objects that named it in earlier observations: a later sync may contain only other objects. */
  readonly workloads: readonly string[];
}

export interface Observation {
  /** The digests or tags of the image in the Application's spec; if it names none, those of its pods. */
  readonly versions: readonly string[];
  /** Whether the Application's spec has the awaited image, or its pods run it if the spec names no image. */
  readonly hasImage: boolean;
  /** The objects whose pods should run it, e.g. `CronJob nightly`. */
  readonly workloads: readonly string[];
  /** `idle`: everything is synced, and no pod runs it now. `held`: a sync window blocks the sync. */
  readonly state: "waiting" | "live" | "idle" | "held" | "failed";
  /** Why it is not live; empty if it is. */
  readonly why: string;
}

/** What an observation is derived from; each text is one line. */
interface Facts extends Pick<Observation, "versions" | "hasImage" | "workloads"> {
  /** Whether a pod runs the image. */
  readonly isRunning: boolean;
  /** Whether a pod runs another version of the image. */
  readonly runsAnother: boolean;
  /** Whether the last sync was to the image. */
  readonly isSynced: boolean;
  /** Whether the last comparison was with what was synced, including the image. */
  readonly isCompared: boolean;
  /** Whether Argo CD found something to sync. */
  readonly isOutOfSync: boolean;
  readonly phase: string;
  /** The health of the whole Application. */
  readonly health: string;
  readonly message: string;
  readonly condition: string;
  readonly unhealthy: string;
}

/** @param application as returned by the API server */
export function observationOf(name: string, application: unknown, awaited: ImageQuery): Observation {
  const facts = factsOf(application, awaited);
  const { versions, hasImage, workloads } = facts;
  return { versions, hasImage, workloads, ...stateOf(name, facts, awaited) };
}

function stateOf(name: string, facts: Facts, awaited: ImageQuery): Pick<Observation, "state" | "why"> {
  const { isRunning, isSynced, phase, health, message } = facts;
  const isSettled = health === "Healthy" && phase !== "Running";
  if (isRunning && isSettled) return { state: "live", why: "" };
  if (isSettled && isIdle(facts))
    return { state: "idle", why: `no pod of ${facts.workloads.join(", ")} runs now` };
  if (isSynced && (phase === "Failed" || phase === "Error"))
    return { state: "failed", why: `the sync of ${name} has failed: ${message}` };
  if (awaited.hasWindows && isHeld(facts))
    return {
      state: "held",
      why: `a sync window blocks the sync of ${name}; Argo CD rolls it out once syncs are allowed`,
    };
  return { state: "waiting", why: whyWaiting(name, facts, awaited) };
}

/**
 * Whether the objects that name the image are synced and run no pod. Workloads are then scaled to zero. A Job or
 * CronJob may still have pods of earlier runs, with another version.
 */
function isIdle({ isRunning, runsAnother, isCompared, workloads, phase }: Facts): boolean {
  if (isRunning || !isCompared || phase !== "Succeeded" || workloads.length === 0) return false;
  return !runsAnother || workloads.some((one) => /^(Cron)?Job /.test(one));
}

/** Argo CD starts a sync as soon as it finds something to sync, and does not report a window that forbids it. */
function isHeld({ isOutOfSync, isCompared, isSynced, phase, message }: Facts): boolean {
  if (phase === "Running") return message.includes("sync window");
  return isOutOfSync && !isCompared && !isSynced;
}

function whyWaiting(name: string, facts: Facts, { image }: ImageQuery): string {
  const { hasImage, isRunning, health, message, condition, unhealthy } = facts;
  if (condition !== "") return `${name}: ${condition}`;
  if (isRunning) return `${name}: ${unhealthy === "" ? `it is ${health}: ${message}` : unhealthy}`;
  if (hasImage) return `no pod of ${name} runs the image yet: ${whyNoPod(facts, image)}`;
  return `${name} does not have the image yet: check that its manifests name ${image}, then the Image Updater's log`;
}

function whyNoPod({ isCompared, workloads, phase, message, unhealthy }: Facts, image: string): string {
  if (unhealthy !== "" && (phase === "Succeeded" || message === "")) return unhealthy;
  if (isCompared && phase === "Succeeded" && workloads.length === 0)
    return `nothing in its manifests names ${image}`;
  return message;
}

function factsOf(application: unknown, { image, digest, workloads }: ImageQuery): Facts {
  const requested = listAt(application, "spec", "source", "kustomize", "images")
    .map(line)
    .filter((one) => isOf(one, image));
  const running = listAt(application, "status", "summary", "images").map(line);
  const runningOfImage = running.filter((one) => isOf(one, image));
  const isRunning = running.some((one) => one.includes(digest));
  const operation = at(application, "status", "operationState");
  return {
    versions: (requested.length > 0 ? requested : runningOfImage).map(versionOf),
    hasImage: has(digest, sourcesOf(at(application, "spec"))) || (requested.length === 0 && isRunning),
    workloads: [...new Set([...workloads, ...namedIn(operation, digest)])],
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

/** The `source` and `sources` of an Application's spec, comparison or sync result. */
function sourcesOf(value: unknown): unknown {
  return [at(value, "source"), at(value, "sources")];
}

function has(digest: string, value: unknown): boolean {
  return JSON.stringify(value).includes(digest);
}

/**
 * Whether the last comparison was with the manifests of the last sync, which contain the image: named by the source, or
 * by the commit that the source is at.
 */
function isCompared(application: unknown, digest: string): boolean {
  const sync = at(application, "status", "sync");
  const synced = at(application, "status", "operationState", "syncResult");
  // `revisions` is for several sources, `revision` for one. An empty one is left out in one of the two places only.
  const revisions = (value: unknown) =>
    JSON.stringify([textAt(value, "revision"), listAt(value, "revisions")]);
  const isInSource = [at(application, "spec"), synced].some((one) => has(digest, sourcesOf(one)));
  const isSame = [at(sync, "comparedTo"), synced].every((one) => has(digest, sourcesOf(one)));
  return revisions(sync) === revisions(synced) && (isSame || !isInSource);
}

/** The objects in the sync that have the image, except those to be pruned. */
function namedIn(operation: unknown, digest: string): string[] {
  return listAt(operation, "syncResult", "resources")
    .filter((one) => has(digest, listAt(one, "images")) && !textAt(one, "status").startsWith("Prune"))
    .map((one) => line(`${textAt(one, "kind")} ${textAt(one, "name")}`));
}

function line(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : "";
}

/** Whether a name with a tag or digest, or a Kustomize replacement `image=…`, is of the image. */
function isOf(one: string, image: string): boolean {
  return one.startsWith(image) && /^[:=@]/.test(one.slice(image.length));
}

/** The digest in an image's name; the whole name if it has none. */
function versionOf(name: string): string {
  return name.slice(name.lastIndexOf("@") + 1);
}

/** What precedes "desc" in an error concerns only gRPC calls between components. */
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
