/** A client of a cluster's API: objects are applied, read and watched for as `kubectl` would, without it. */
import * as http from "node:http";
import * as https from "node:https";
import { isDeepStrictEqual } from "node:util";
import { until } from "./cluster-wait.ts";

/** An object of the cluster. Only what tests look at is typed. */
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

/** Under this name everything is applied, so that it can be distinguished from what others have made. */
export const manager = "argo-cicd-test";

/** An answer of the API that is not a success. */
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
  /** `system:serviceaccount:<namespace>:<name>`, to ask in its place. */
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

  /** @param token none where the server knows who asks */
  constructor(server: string, token?: string) {
    this.#server = server;
    this.#token = token;
  }

  /**
   * Server-side apply with strict checks, as the provider of the program does it.
   *
   * @throws ApiError with the reason of a refusal
   */
  public async apply(object: ClusterObject): Promise<void> {
    await this.#apply(object, "");
  }

  /** Whether to apply it would change what is there, which it does not. */
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

  /** Without the objects themselves, of which many are large. */
  public async names(apiVersion: string, kind: string, namespace: string): Promise<string[]> {
    const path = await this.#path(apiVersion, kind, { name: "", namespace });
    const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    // An empty list of these has null for its items.
    const { items } = (await this.call(path.replace(/\/$/, ""), { accept })) as Partial<List>;
    return (items ?? []).map(({ metadata }) => metadata.name);
  }

  /** Undefined where there is none. */
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

  /** One call; the answer is the parsed JSON. */
  public call(path: string, { method = "GET", body, type, accept, as, pod }: Call = {}): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(accept === undefined ? {} : { accept }),
      ...(text === undefined
        ? {}
        : { "content-type": type ?? "application/json", "content-length": Buffer.byteLength(text) }),
      ...(as === undefined ? {} : impersonation(as)),
      // Percent-encoded, as a header's name holds no slash.
      ...(pod === undefined ? {} : { "impersonate-extra-authentication.kubernetes.io%2fpod-name": pod }),
    };
    const { request } = this.#server.startsWith("https:") ? https : http;
    return new Promise((done, fail) => {
      // The server's certificate is of its own making, and the address is this test's own.
      const options = { method, headers, rejectUnauthorized: false };
      const sent = request(`${this.#server}${path}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const answered = Buffer.concat(chunks).toString();
          const status = answer.statusCode ?? 0;
          if (status >= 300) fail(new ApiError(`${method} ${path}`, status, answered));
          // A log may look like JSON, and is none.
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

  /** A kind may have come a moment ago, by a definition of the test's. */
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

/** Without the notes of who has set what, and when. */
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
