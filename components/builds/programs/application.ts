/** What an Application of Argo CD says of an image that it is to have. */
import { at, listAt, textAt } from "./json.ts";
import { oneLine } from "./text.ts";

/** The image that is waited for. */
export interface Awaited {
  /** The image, without a tag. */
  readonly image: string;
  readonly digest: string;
}

export interface Look {
  /** The image that the Application is to have now; empty where it is not known. */
  readonly wanted: string;
  readonly state: "waiting" | "live" | "failed";
  /** Why it is not live. */
  readonly why: string;
}

/** What is read of an Application, each in one line. */
interface Facts {
  readonly wanted: string;
  /** Whether a pod of it has the image. */
  readonly isRunning: boolean;
  /** Whether the last sync was one of the image. */
  readonly isSynced: boolean;
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
  const { wanted, isRunning, isSynced, phase, health, message } = facts;
  const isLive = isRunning && health === "Healthy" && phase !== "Running";
  if (isLive) return { wanted, state: "live", why: "" };
  if (isSynced && (phase === "Failed" || phase === "Error"))
    return { wanted, state: "failed", why: `the sync of ${name} has failed: ${message}` };
  return { wanted, state: "waiting", why: whyWaiting(name, facts, awaited) };
}

function whyWaiting(name: string, facts: Facts, { image, digest }: Awaited): string {
  const { wanted, isRunning, health, message, condition, unhealthy } = facts;
  if (condition !== "") return `${name}: ${condition}`;
  if (isRunning) return `${name}: ${unhealthy === "" ? `it is ${health}: ${message}` : unhealthy}`;
  if (wanted.endsWith(digest))
    return `${name} is to have the image, and no pod of it has: ${message === "" ? unhealthy : message}`;
  return `${name} has not been given the image: do its manifests name ${image}? If so, ask the Image Updater's log`;
}

function factsOf(application: unknown, { image, digest }: Awaited): Facts {
  const running = listAt(application, "status", "summary", "images");
  const asked = listAt(application, "spec", "source", "kustomize", "images");
  const operation = at(application, "status", "operationState");
  const synced = at(operation, "syncResult", "source");
  return {
    wanted: [...asked, ...running].map(line).find((one) => isOf(one, image)) ?? "",
    isRunning: running.map(line).some((one) => one.includes(digest)),
    isSynced: JSON.stringify(synced ?? {}).includes(digest),
    phase: textAt(operation, "phase"),
    health: textAt(application, "status", "health", "status"),
    message: line(at(operation, "message")),
    condition: firstError(application),
    unhealthy: firstUnhealthy(application),
  };
}

function line(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : "";
}

/** Whether a name with a tag or a digest, or a replacement of the image, is of the image. */
function isOf(one: string, image: string): boolean {
  return one.startsWith(image) && /^[:=@]/.test(one.slice(image.length));
}

/** What stands before "desc" in an error says only who has told whom. */
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
