/** Where builders find registries: at a proxy beside them, which has a port for each and knows the logins. */
import { imageParts } from "../../derived-names.ts";

/** A registry, as far as a build must know it. */
export interface Registry {
  readonly host: string;
  /** What is asked first for its images: a host, with its port and path. */
  readonly mirror?: string | undefined;
  /** It speaks plain HTTP. */
  readonly insecure: boolean;
}

/** The first is that of the images that are built. */
export type Registries = readonly [Registry, ...Registry[]];

/** The port of the first; each other has the next. */
export const firstPort = 5500;

export function portOf(host: string, registries: Registries): number {
  const index = registries.findIndex((one) => one.host === host);
  if (index < 0) throw new Error(`the builds have no registry ${host}`);
  return firstPort + index;
}

/** An image as the builder finds it. */
export function atProxy(image: string, registries: Registries): string {
  const { host, path } = imageParts(image);
  return `${addressOf(host, registries)}/${path}`;
}

/** Where a builder asks for base images of a registry, in this order. */
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

/** Where the proxy serves a registry: a host with its port. */
export function addressOf(host: string, registries: Registries): string {
  return `127.0.0.1:${portOf(host, registries).toString()}`;
}
