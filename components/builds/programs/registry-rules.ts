/**
 * What a builder may ask of registries, whosever Dockerfile it runs: to read any image, and to write its own image under the
 * commit's tag and the own cache (the distribution specification's endpoints).
 */

/** What a build writes. */
export interface Writable {
  /** The registry's host. */
  readonly host: string;
  /** The image's path in it. */
  readonly image: string;
  /** The only tag that the image may be given. */
  readonly tag: string;
  /** Host and path of the cache; absent where there is none. */
  readonly cache: { readonly host: string; readonly path: string } | undefined;
}

export interface Asked {
  readonly method: string;
  /** The registry's host. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface Allowed {
  /** What the registry's token must be for. */
  readonly scopes: readonly string[];
  /** Whether the image gets its tag. */
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
const whole = new RegExp(`^${name}$`);

/** @returns `undefined` where it may not */
export function allowed(asked: Asked, own: Writable): Allowed | undefined {
  switch (asked.method) {
    case "GET":
    case "HEAD":
      return reading(asked);
    case "POST":
      return uploading(asked, own);
    case "PUT":
      return naming(asked, own);
    default:
      return undefined;
  }
}

function reading({ path }: Asked): Allowed | undefined {
  const [, image] = read.exec(path) ?? [];
  return image === undefined ? undefined : { scopes: [pull(image)], tags: false };
}

/** The layers of another image, which it may read, need not be uploaded again. */
function uploading({ host, path, query }: Asked, own: Writable): Allowed | undefined {
  const [, image] = upload.exec(path) ?? [];
  if (image === undefined || !isOwn(host, image, own)) return undefined;
  const from = query.get("from");
  if (from === null) return { scopes: [push(image)], tags: false };
  return whole.test(from) ? { scopes: [push(image), pull(from)], tags: false } : undefined;
}

/** A manifest under its digest is part of an image, and gives it no name. */
function naming({ host, path }: Asked, own: Writable): Allowed | undefined {
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
