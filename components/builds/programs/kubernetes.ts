/**
 * Asks the API server for Argo's objects and for pods, as the account of the pod.
 *
 * ACCOUNT         folder with the service account's token and ca.crt; that of the pod if not set
 * KUBERNETES_API  address of the API server; that of the cluster if not set
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readOptional } from "./environment.ts";
import type { Answer } from "./http.ts";
import { ask, readSecret } from "./http.ts";

/** The path of objects of one kind, or of one of them. */
export type ObjectPath = readonly [namespace: string, kind: keyof typeof groups, name?: string];

/** The API of each kind. */
const groups = {
  workflows: "apis/argoproj.io/v1alpha1",
  applications: "apis/argoproj.io/v1alpha1",
  pods: "api/v1",
} as const;

/** Seconds of one try. */
const timeLimit = 20;
const tries = 4;

/** The metadata of those of a kind that have these labels. */
export function listMetadata(path: ObjectPath, labels: readonly string[]): Promise<Answer> {
  const query = `?labelSelector=${encodeURIComponent(labels.join(","))}`;
  return kubernetes({ method: "GET", path, query, accept: metadataAs("PartialObjectMetadataList") });
}

/** One page of the metadata of all of a kind, and what asks for the next page; empty for the first. */
export function listPage(path: ObjectPath, next: string): Promise<Answer> {
  const query = `?limit=500${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`;
  return kubernetes({ method: "GET", path, query, accept: metadataAs("PartialObjectMetadataList") });
}

/** Removes an object of this identity without waiting for anybody; 409 where the one of this name is another. */
export function removeNow(path: ObjectPath, uid: string): Promise<Answer> {
  const body = JSON.stringify({ gracePeriodSeconds: 0, preconditions: { uid } });
  return kubernetes({ method: "DELETE", path, accept: "application/json", body });
}

/** Makes an object, whose name stands in it; 409 where there is one of this name. */
export function create(path: ObjectPath, object: object): Promise<Answer> {
  const body = JSON.stringify(object);
  return kubernetes({ method: "POST", path, accept: metadataAs("PartialObjectMetadata"), body });
}

/** One object whole. */
export function read(path: ObjectPath): Promise<Answer> {
  return kubernetes({ method: "GET", path, accept: "application/json" });
}

/** Changes an object. Of the answer only the metadata is asked for: the rest may be large. */
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

interface Question {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: ObjectPath;
  readonly query?: string;
  readonly accept: string;
  readonly body?: string;
}

/** Asks once more while the server is away or busy, or when the object was changed at the same time. */
async function kubernetes(question: Question): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const answer = await askOnce(question);
    if (tried === tries || !mayPass(question, answer)) return answer;
    await wait(tried * 1000);
  }
}

function mayPass({ method }: Question, { code }: Answer): boolean {
  return code === 0 || (code === 409 && method === "PATCH") || code === 429 || code >= 500;
}

function contentType(method: Question["method"]): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function askOnce({ method, path, query = "", accept, body }: Question): Promise<Answer> {
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
