/**
 * The requests that a builder may send to registries: it may read any image, and write its own image with the commit's
 * tag, and its own cache (endpoints of the distribution specification).
 */

/** What a build may write. */
export interface Writable {
  /** The registry's host. */
  readonly host: string;
  /** The image's path in the registry. */
  readonly image: string;
  /** The only tag that the image may get. */
  readonly tag: string;
  /** Undefined without a cache. */
  readonly cache: { readonly host: string; readonly path: string } | undefined;
}

export interface RegistryRequest {
  readonly method: string;
  /** The registry's host. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface Allowed {
  /** The scopes that the registry's token needs. */
  readonly scopes: readonly string[];
  /** Whether the request sets the image's tag. */
  readonly tags: boolean;
}

const name = "[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*";
const digest = "sha(?:256|512):[0-9a-f]{64,128}";
const reference = `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|${digest}`;

const read = new RegExp(
  `^/v2/(${name})/(?:manifests/(?:${reference})|blobs/${digest}|referrers/${digest}|tags/list)$`,
);
const upload = new RegExp(`^/v2/(${name})/blobs/uploads/$`);
const manifest = new RegExp(`^/v2/(${name})/manifests/(${reference})$`);
const imageName = new RegExp(`^${name}$`);

/** @returns undefined if the request is not allowed */
export function allowed(request: RegistryRequest, own: Writable): Allowed | undefined {
  switch (request.method) {
    case "GET":
    case "HEAD":
      return allowRead(request);
    case "POST":
      return allowUpload(request, own);
    case "PUT":
      return allowManifest(request, own);
    default:
      return undefined;
  }
}

function allowRead({ path }: RegistryRequest): Allowed | undefined {
  const [, image] = read.exec(path) ?? [];
  return image === undefined ? undefined : { scopes: [pull(image)], tags: false };
}

/** An upload may mount layers from any other image (`from`), since the builder may read it anyway. */
function allowUpload({ host, path, query }: RegistryRequest, own: Writable): Allowed | undefined {
  const [, image] = upload.exec(path) ?? [];
  if (image === undefined || !isOwn(host, image, own)) return undefined;
  const from = query.get("from");
  if (from === null) return { scopes: [push(image)], tags: false };
  return imageName.test(from) ? { scopes: [push(image), pull(from)], tags: false } : undefined;
}

/** A manifest may be pushed by digest, as part of an image, or with the only allowed tag. */
function allowManifest({ host, path }: RegistryRequest, own: Writable): Allowed | undefined {
  const [, image, under] = manifest.exec(path) ?? [];
  if (image === undefined || under === undefined || !isOwn(host, image, own)) return undefined;
  const tags = !under.includes(":");
  if (tags && !isCache(host, image, own) && under !== own.tag) return undefined;
  return { scopes: [push(image)], tags: tags && !isCache(host, image, own) };
}

function isOwn(host: string, path: string, own: Writable): boolean {
  return (host === own.host && path === own.image) || isCache(host, path, own);
}

function isCache(host: string, path: string, { cache }: Writable): boolean {
  return host === cache?.host && path === cache.path;
}

function pull(image: string): string {
  return `repository:${image}:pull`;
}

function push(image: string): string {
  return `repository:${image}:pull,push`;
}
