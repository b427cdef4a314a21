/** Where builders find registries: at a proxy in the same pod, which has a port for each registry, and the logins. */
import { imageParts } from "../../derived-names.ts";

/** A registry that builds use. */
export interface Registry {
  readonly host: string;
  /** The mirror that is tried first for its images: a host with its port and path. */
  readonly mirror?: string | undefined;
  /** Whether it speaks plain HTTP. */
  readonly insecure: boolean;
}

/** The first is the registry of the images that are built. */
export type Registries = readonly [Registry, ...Registry[]];

/** The port of the first registry. The others have the following ports. */
export const firstPort = 5500;

function portOf(host: string, registries: Registries): number {
  const index = registries.findIndex((one) => one.host === host);
  if (index < 0) throw new Error(`builds do not use the registry ${host}`);
  return firstPort + index;
}

/** The name of an image at the proxy. */
export function atProxy(image: string, registries: Registries): string {
  const { host, path } = imageParts(image);
  return `${addressOf(host, registries)}/${path}`;
}

/** Where a builder looks for base images of a registry, in this order. */
export function sourcesOf({ host, mirror }: Registry, registries: Registries): string[] {
  const own = addressOf(host, registries);
  if (mirror === undefined) return [own];
  const first = mirrorHost(mirror);
  return [`${addressOf(first, registries)}${mirror.slice(first.length)}`, own];
}

/** The host of a mirror, which may have a path. */
export function mirrorHost(mirror: string): string {
  const [host = ""] = mirror.split("/");
  return host;
}

/** The host and port at which the proxy serves a registry. */
export function addressOf(host: string, registries: Registries): string {
  return `127.0.0.1:${portOf(host, registries).toString()}`;
}
