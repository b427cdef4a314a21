/** A client of a cluster's API that applies, reads and removes objects like `kubectl`. */
import * as http from "node:http";
import * as https from "node:https";
import { isDeepStrictEqual } from "node:util";
import { until } from "./cluster-wait.ts";

/** An object of the cluster. Only the fields that tests read are typed. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly [field: string]: unknown;
}

/** The field manager of everything that tests apply, which distinguishes it from what others have created. */
export const manager = "argo-cicd-test";

/** An error response of the API. */
export class ApiError extends Error {
  public readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what}: ${status.toString()} ${messageOf(body)}`);
    this.status = status;
  }
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  /** `system:serviceaccount:<namespace>:<name>`, to impersonate it. */
  readonly as?: string;
  /** The pod whose token that account uses. */
  readonly pod?: string;
}

interface Kind {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export class ClusterApi {
  readonly #server: string;
  readonly #token: string | undefined;
  readonly #kinds = new Map<string, readonly Kind[]>();

  /** @param token undefined if the server identifies the caller by other means */
  constructor(server: string, token?: string) {
    this.#server = server;
    this.#token = token;
  }

  /**
   * Server-side apply with strict validation, like the program's provider.
   *
   * @throws ApiError with the reason of a refusal
   */
  public async apply(object: ClusterObject): Promise<void> {
    await this.#apply(object, "");
  }

  /** Whether applying the object would change it. Changes nothing. */
  public async wouldChange(object: ClusterObject): Promise<boolean> {
    const { apiVersion, kind, metadata } = object;
    const before = await this.get(apiVersion, kind, metadata.name, metadata.namespace);
    const after = await this.#apply(object, "&dryRun=All");
    return !isDeepStrictEqual(unmanaged(after), unmanaged(before));
  }

  async #apply(object: ClusterObject, query: string): Promise<ClusterObject> {
    const path = await this.#path(object.apiVersion, object.kind, object.metadata);
    const options = `?fieldManager=${manager}&fieldValidation=Strict&force=true${query}`;
    return (await this.call(path + options, {
      method: "PATCH",
      type: "application/apply-patch+yaml",
      body: object,
    })) as ClusterObject;
  }

  public async get(apiVersion: string, kind: string, name: string, namespace?: string) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return (await this.call(await this.#path(apiVersion, kind, metadata))) as ClusterObject;
  }

  public async list(apiVersion: string, kind: string, namespace?: string, selector = "") {
    const path = await this.#path(apiVersion, kind, {
      name: "",
      ...(namespace === undefined ? {} : { namespace }),
    });
    const query = `?labelSelector=${encodeURIComponent(selector)}`;
    return ((await this.call(path.replace(/\/$/, "") + query)) as { items: ClusterObject[] }).items;
  }

  /** Without the objects themselves, many of which are large. */
  public async names(apiVersion: string, kind: string, namespace: string): Promise<string[]> {
    const path = await this.#path(apiVersion, kind, { name: "", namespace });
    const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    // An empty list of these has null for its items.
    const { items } = (await this.call(path.replace(/\/$/, ""), { accept })) as Partial<List>;
    return (items ?? []).map(({ metadata }) => metadata.name);
  }

  /** Undefined if there is none. */
  public async find(apiVersion: string, kind: string, name: string, namespace?: string) {
    try {
      return await this.get(apiVersion, kind, name, namespace);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  public async remove(apiVersion: string, kind: string, name: string, namespace?: string): Promise<void> {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    await this.call(await this.#path(apiVersion, kind, metadata), { method: "DELETE" });
  }

  /** @returns the response, parsed if it is JSON */
  public call(path: string, { method = "GET", body, type, accept, as, pod }: Call = {}): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(accept === undefined ? {} : { accept }),
      ...(text === undefined
        ? {}
        : { "content-type": type ?? "application/json", "content-length": Buffer.byteLength(text) }),
      ...(as === undefined ? {} : impersonation(as)),
      // Percent-encoded, because a header's name cannot contain a slash.
      ...(pod === undefined ? {} : { "impersonate-extra-authentication.kubernetes.io%2fpod-name": pod }),
    };
    const { request } = this.#server.startsWith("https:") ? https : http;
    return new Promise((done, fail) => {
      // The server's certificate is self-signed, and the address is the test's own.
      const options = { method, headers, rejectUnauthorized: false };
      const sent = request(`${this.#server}${path}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const answered = Buffer.concat(chunks).toString();
          const status = answer.statusCode ?? 0;
          if (status >= 300) fail(new ApiError(`${method} ${path}`, status, answered));
          // A log may look like JSON without being JSON.
          else
            done(
              answer.headers["content-type"]?.startsWith("application/json") === true
                ? JSON.parse(answered)
                : answered,
            );
        });
      });
      sent.on("error", fail);
      sent.end(text);
    });
  }

  async #path(apiVersion: string, kind: string, metadata: ClusterObject["metadata"]): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = await this.#kindOf(root, kind);
    const { name, namespace } = metadata;
    const place = known.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
    return `${root}${place}/${known.name}/${name}`;
  }

  /** The API may not serve a kind yet that the test has defined a moment ago. */
  #kindOf(root: string, kind: string): Promise<Kind> {
    const find = () => this.#kinds.get(root)?.find((one) => one.kind === kind && !one.name.includes("/"));
    return until(
      `the API serves ${kind} at ${root}`,
      async () => {
        const known = find();
        if (known !== undefined) return known;
        const { resources } = (await this.call(root)) as { resources: Kind[] };
        this.#kinds.set(root, resources);
        return find();
      },
      20,
    );
  }
}

interface List {
  readonly items: readonly ClusterObject[] | null;
}

/** Without the record of which manager has set what, and when. */
function unmanaged({ metadata, ...rest }: ClusterObject): object {
  return { ...rest, metadata: { ...metadata, managedFields: undefined } };
}

function impersonation(user: string): Record<string, string | string[]> {
  const namespace = user.split(":")[2] ?? "";
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { "impersonate-user": user, "impersonate-group": groups };
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}
