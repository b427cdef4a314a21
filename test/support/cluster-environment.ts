/** The variables that name an existing cluster, in place of the node that the tests start. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

export interface Existing {
  readonly kubeconfig: string;
  /** The address at which the cluster's pods reach this machine. */
  readonly host: string | undefined;
  /** The base image of the tests' Dockerfiles, which has a shell. */
  readonly baseImage: string;
}

/** What the tests need of an existing cluster beside the images of a stack. */
export const publicImages = {
  base: "docker.io/library/busybox:1.37.0",
  registry: "docker.io/library/registry:2.8.3",
} as const;

/** Undefined if the tests start their own node. */
export const existing = readExisting();

function readExisting(): Existing | undefined {
  const kubeconfig = read("CLUSTER_KUBECONFIG");
  if (kubeconfig === undefined) return undefined;
  return {
    kubeconfig: resolve(kubeconfig),
    host: read("CLUSTER_HOST"),
    // Kaniko does not use the mirrors that the cluster's nodes may have.
    baseImage: read("CLUSTER_BASE_IMAGE") ?? publicImages.base,
  };
}

function read(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

/** @throws Error that states in one line what is wrong with the variable */
export function requireKubeconfig({ kubeconfig }: Existing): void {
  if (!existsSync(kubeconfig)) throw new Error(`CLUSTER_KUBECONFIG: there is no file ${kubeconfig}.`);
}

/** @throws Error that states in one line what the variable is for */
export function requireHost({ host }: Existing): string {
  if (host !== undefined) return host;
  throw new Error(
    "CLUSTER_HOST is not set: the address or name at which the cluster's pods reach this machine, which serves git.",
  );
}
