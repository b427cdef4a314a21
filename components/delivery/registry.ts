/** Asks a container registry whether it has an image (OCI distribution specification, and Docker's tokens). */
import { z } from "zod";
import type { RegistryHost } from "../names.ts";
import { dockerHub } from "../derived-names.ts";

export interface RegistryAccess {
  readonly host: RegistryHost;
  /** Whether it speaks plain HTTP. */
  readonly insecure: boolean;
  readonly login: Login | undefined;
}

interface Login {
  readonly username: string;
  readonly password: string;
}

export interface ImageReference {
  /** Without the registry's host. */
  readonly path: string;
  readonly tag: string;
}

/** Why a registry gave no answer. */
export interface NoAnswer {
  readonly reason: string;
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Registries use one name or the other. */
const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Of one request. */
const timeoutMilliseconds = 5000;

export async function hasImage(image: ImageReference, access: RegistryAccess): Promise<boolean | NoAnswer> {
  try {
    const { ok, status } = await ask(addressOf(image, access), access.login);
    if (ok) return true;
    return status === 404 ? false : { reason: `it responds with status ${status.toString()}` };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function addressOf({ path, tag }: ImageReference, { host, insecure }: RegistryAccess): string {
  // Docker Hub's official images are in a namespace that their names leave out.
  const [server, name] =
    host === dockerHub
      ? ["registry-1.docker.io", path.includes("/") ? path : `library/${path}`]
      : [host, path];
  return `${insecure ? "http" : "https"}://${server}/v2/${name}/manifests/${tag}`;
}

/** Like every client, sends no login first, and then the one that the registry demands. */
async function ask(url: string, login: Login | undefined): Promise<Response> {
  const head = (authorization?: string) =>
    fetch(url, {
      method: "HEAD",
      headers: { accept: manifestTypes, ...(authorization === undefined ? {} : { authorization }) },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  const first = await head();
  const challenge = first.headers.get("www-authenticate") ?? "";
  if (first.status !== 401) return first;
  if (/^basic/i.test(challenge)) return login === undefined ? first : head(basic(login));
  const token = await tokenFor(challenge, login);
  return token === undefined ? first : head(`Bearer ${token}`);
}

/** Gets a token from the server that `WWW-Authenticate: Bearer` names. */
async function tokenFor(challenge: string, login: Login | undefined): Promise<string | undefined> {
  const { realm, ...parameters } = Object.fromEntries(
    [...challenge.matchAll(/(realm|service|scope)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
      key,
      value,
    ]),
  );
  if (realm === undefined) return undefined;
  const answer = await fetch(`${realm}?${new URLSearchParams(parameters).toString()}`, {
    headers: login === undefined ? {} : { authorization: basic(login) },
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (!answer.ok) return undefined;
  const { token, access_token: other } = tokenAnswer.parse(await answer.json());
  return token ?? other;
}

function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The cause is more specific than fetch's own "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
