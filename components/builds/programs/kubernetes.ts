/**
 * Requests Argo's objects and pods from the API server, with the pod's service account.
 *
 * ACCOUNT         folder with the service account's token and ca.crt; default: that of the pod
 * KUBERNETES_API  URL of the API server; default: that of the cluster
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readOptional } from "./environment.ts";
import type { Answer } from "./http.ts";
import { ask, readSecret } from "./http.ts";

/** The path of all objects of a kind in a namespace, or of one of them. */
export type ObjectPath = readonly [namespace: string, kind: keyof typeof groups, name?: string];

/** The API group and version of each kind. */
const groups = {
  workflows: "apis/argoproj.io/v1alpha1",
  applications: "apis/argoproj.io/v1alpha1",
  pods: "api/v1",
} as const;

/** The timeout of one attempt, in seconds. */
const timeLimit = 20;
const maxAttempts = 4;

/** Lists the metadata of objects with these labels. */
export function listMetadata(path: ObjectPath, labels: readonly string[]): Promise<Answer> {
  const query = `?labelSelector=${encodeURIComponent(labels.join(","))}`;
  return kubernetes({ method: "GET", path, query, accept: metadataAs("PartialObjectMetadataList") });
}

/** Lists a page of the metadata of all objects of a kind. @param next the last page's `continue`; empty at first */
export function listPage(path: ObjectPath, next: string): Promise<Answer> {
  const query = `?limit=500${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`;
  return kubernetes({ method: "GET", path, query, accept: metadataAs("PartialObjectMetadataList") });
}

/** Deletes an object without a grace period; 409 if the object of this name has another UID. */
export function removeNow(path: ObjectPath, uid: string): Promise<Answer> {
  const body = JSON.stringify({ gracePeriodSeconds: 0, preconditions: { uid } });
  return kubernetes({ method: "DELETE", path, accept: "application/json", body });
}

/** Creates an object; 409 if one of this name exists. */
export function create(path: ObjectPath, object: object): Promise<Answer> {
  const body = JSON.stringify(object);
  return kubernetes({ method: "POST", path, accept: metadataAs("PartialObjectMetadata"), body });
}

/** Reads one object. */
export function read(path: ObjectPath): Promise<Answer> {
  return kubernetes({ method: "GET", path, accept: "application/json" });
}

/** Changes an object by a merge patch. Requests only the metadata in return, since objects may be large. */
export function patch(path: ObjectPath, change: object): Promise<Answer> {
  const body = JSON.stringify(change);
  return kubernetes({ method: "PATCH", path, accept: metadataAs("PartialObjectMetadata"), body });
}

export function isDone({ code }: Answer): boolean {
  return code >= 200 && code < 300;
}

function metadataAs(kind: string): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}

interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: ObjectPath;
  readonly query?: string;
  readonly accept: string;
  readonly body?: string;
}

/** Retries while the server is unavailable or busy, and patches that conflict with another change. */
async function kubernetes(request: ApiRequest): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(request);
    if (attempt === maxAttempts || !isTransient(request, answer)) return answer;
    await wait(attempt * 1000);
  }
}

function isTransient({ method }: ApiRequest, { code }: Answer): boolean {
  return code === 0 || (code === 409 && method === "PATCH") || code === 429 || code >= 500;
}

function contentType(method: ApiRequest["method"]): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function sendOnce({ method, path, query = "", accept, body }: ApiRequest): Promise<Answer> {
  const account = readOptional("ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount");
  const server = readOptional("KUBERNETES_API", "https://kubernetes.default.svc");
  const parts = path.map((part = "") => encodeURIComponent(part));
  const objects = [groups[path[1]], "namespaces", ...parts].join("/");
  return ask({
    method,
    url: `${server}/${objects}${query}`,
    headers: {
      authorization: `Bearer ${readSecret(join(account, "token"))}`,
      accept,
      ...(body === undefined ? {} : { "content-type": contentType(method) }),
    },
    ...(body === undefined ? {} : { body }),
    authority: join(account, "ca.crt"),
    seconds: timeLimit,
  });
}
