/** Stands in for the Kubernetes API server: lists the metadata of Workflows, and accepts patches and new ones. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface Listed {
  readonly name: string;
  readonly created: string;
  /** In place of those of a build of alog-service-user. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A patch that adds labels and annotations to a Workflow. */
export interface Note {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

/** A Workflow as it was created. */
export interface Created {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

export interface KubernetesServer extends HttpServer {
  /** The Workflows in every list, whatever its selector. */
  workflows: readonly Listed[];
  /** The successive responses to reads of a Workflow or an Application, the last of which repeats: name -> objects. */
  readonly objects: Map<string, object[]>;
  /** The label selectors of lists. */
  readonly selectors: string[];
  /** The accepted patches: Workflow -> patch. */
  readonly patches: Map<string, unknown>;
  /** The Workflows that were created. Lists do not contain them. */
  readonly created: Created[];
  /** Whether the account may create none. */
  refusesNew: boolean;
  /** How many Workflows a list has at most, before it returns a continue token. */
  pageSize: number;
  /** Status codes for the next requests, 0 to close the connection: Workflow, or "" for the list -> codes. */
  readonly failures: Map<string, number[]>;
}

/** The path of Workflows or Applications, or of one of them. */
const path =
  /^\/apis\/argoproj\.io\/v1alpha1\/namespaces\/(?:ci\/workflows|argocd\/applications)(?:\/([a-z0-9.-]+))?$/;

/** No pod waits for its node to end it. */
const pods = "/api/v1/namespaces/ci/pods";

export async function startKubernetesServer(token: string): Promise<KubernetesServer> {
  const state = {
    workflows: [] as readonly Listed[],
    objects: new Map<string, object[]>(),
    selectors: [] as string[],
    patches: new Map<string, unknown>(),
    created: [] as Created[],
    refusesNew: false,
    pageSize: 500,
    failures: new Map<string, number[]>(),
  };
  const server = await startHttpServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://kubernetes");
    const [known, name = ""] = path.exec(pathname) ?? [];
    const failure = state.failures.get(name)?.shift();
    if (request.headers.authorization !== `Bearer ${token}`) refuse(response, 401, "Unauthorized");
    else if (failure === 0) request.socket.destroy();
    else if (pathname === pods) send(request, response, "PartialObjectMetadataList", { items: [] });
    else if (known === undefined) refuse(response, 404, "the server could not find the requested resource");
    else if (failure !== undefined) refuse(response, failure, `workflows.argoproj.io "${name}" fails`);
    else if (request.method === "POST" && state.refusesNew)
      refuse(response, 403, "workflows.argoproj.io is forbidden");
    else if (request.method === "POST") makeOne(state.created, request, response, body);
    else if (request.method === "PATCH" && request.headers["content-type"] !== "application/merge-patch+json")
      refuse(response, 415, "the body of the request was in an unknown format");
    else if (request.method === "PATCH") {
      state.patches.set(name, JSON.parse(body));
      send(request, response, "PartialObjectMetadata", {});
    } else if (name !== "") whole(request, response, state.objects.get(name) ?? []);
    else {
      state.selectors.push(searchParams.get("labelSelector") ?? "");
      const from = Number(searchParams.get("continue") ?? "0");
      const to = from + Math.min(state.pageSize, Number(searchParams.get("limit") ?? state.pageSize));
      const more = to < state.workflows.length ? { continue: to.toString() } : {};
      const items = state.workflows.slice(from, to).map(item);
      send(request, response, "PartialObjectMetadataList", { items, metadata: more });
    }
  });
  return Object.assign(state, server);
}

const apiVersion = "meta.k8s.io/v1";

function send({ headers }: IncomingMessage, response: ServerResponse, kind: string, rest: object): void {
  if (headers.accept !== `application/json;as=${kind};g=meta.k8s.io;v=v1`)
    refuse(response, 406, "Not Acceptable");
  else {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind, apiVersion, metadata: { name: "not-the-name" }, ...rest }));
  }
}

function whole({ headers }: IncomingMessage, response: ServerResponse, objects: object[]): void {
  const [object] = objects.length > 1 ? objects.splice(0, 1) : objects;
  if (headers.accept !== "application/json") refuse(response, 406, "Not Acceptable");
  else if (object === undefined) refuse(response, 404, "workflows.argoproj.io not found");
  else {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(object));
  }
}

function makeOne(all: Created[], request: IncomingMessage, response: ServerResponse, body: string): void {
  const one = JSON.parse(body) as Created;
  const { name } = one.metadata;
  if (request.headers["content-type"] !== "application/json") refuse(response, 415, "the format is unknown");
  else if (all.some(({ metadata }) => metadata.name === name))
    refuse(response, 409, `workflows.argoproj.io "${name}" already exists`);
  else {
    all.push(one);
    response.writeHead(201, { "content-type": "application/json" }).end("{}");
  }
}

/** The API server writes errors as JSON, indented unless a browser asks. */
function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { "content-type": "application/json" });
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code };
  response.end(JSON.stringify(status, undefined, 2));
}

/** As from a real one, with the same words in all places where they may occur. */
function item({ name, created, labels, annotations }: Listed): object {
  const times = { creationTimestamp: "2000-01-01T00:00:00Z", name: "not-the-name" };
  return {
    kind: "PartialObjectMetadata",
    apiVersion,
    metadata: {
      name,
      namespace: "ci",
      uid: "e66b743e-46de-42cb-8188-ad522ff059ac",
      resourceVersion: "216",
      generation: 1,
      creationTimestamp: created,
      labels: labels ?? {
        "argo-cicd/branch": "develop",
        "argo-cicd/git-tag": "",
        "argo-cicd/service": "alog-service-user",
        name: "not-the-name-either",
        "workflows.argoproj.io/completed": "false",
      },
      annotations: { ...annotations, ...times, text: 'first\n"name": "trap"}, {"metadata": {"name": "trap"' },
      ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "an-owner", uid: "1-2-3" }],
      finalizers: ["workflows.argoproj.io/artifact-gc"],
      managedFields: [
        {
          manager: "kubectl-create",
          operation: "Update",
          apiVersion: "argoproj.io/v1alpha1",
          time: "2026-11-24T01:45:41Z",
          fieldsType: "FieldsV1",
          fieldsV1: {
            "f:metadata": { "f:annotations": { ".": {}, "f:creationTimestamp": {}, "f:name": {} } },
          },
        },
      ],
    },
  };
}
