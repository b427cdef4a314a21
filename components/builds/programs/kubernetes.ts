/**
 * Asks the API server for Argo's objects, as the account of the pod.
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
export type ObjectPath = readonly [namespace: string, kind: "workflows" | "applications", name?: string];

/** Seconds of one try. */
const timeLimit = 20;
const tries = 4;

/** The metadata of those of a kind that have these labels. */
export function listMetadata(path: ObjectPath, labels: readonly string[]): Promise<Answer> {
  const query = `?labelSelector=${encodeURIComponent(labels.join(","))}`;
  return kubernetes({ method: "GET", path, query, accept: metadataAs("PartialObjectMetadataList") });
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
  readonly method: "GET" | "PATCH";
  readonly path: ObjectPath;
  readonly query?: string;
  readonly accept: string;
  readonly body?: string;
}

/** Asks once more while the server is away or busy, or when the object was changed at the same time. */
async function kubernetes(question: Question): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const answer = await askOnce(question);
    if (tried === tries || !mayPass(answer)) return answer;
    await wait(tried * 1000);
  }
}

function mayPass({ code }: Answer): boolean {
  return code === 0 || code === 409 || code === 429 || code >= 500;
}

function askOnce({ method, path, query = "", accept, body }: Question): Promise<Answer> {
  const account = readOptional("ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount");
  const server = readOptional("KUBERNETES_API", "https://kubernetes.default.svc");
  const [namespace, ...object] = path.map((part = "") => encodeURIComponent(part));
  const objects = ["apis/argoproj.io/v1alpha1/namespaces", namespace, ...object].join("/");
  return ask({
    method,
    url: `${server}/${objects}${query}`,
    headers: {
      authorization: `Bearer ${readSecret(join(account, "token"))}`,
      accept,
      ...(body === undefined ? {} : { "content-type": "application/merge-patch+json" }),
    },
    ...(body === undefined ? {} : { body }),
    authority: join(account, "ca.crt"),
    seconds: timeLimit,
  });
}
