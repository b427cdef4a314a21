/** What the caller says of a cluster that is there already, in place of a node that the test starts. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

export interface Existing {
  readonly kubeconfig: string;
  /** This machine as the cluster's pods reach it. */
  readonly host: string | undefined;
  /** Holds a shell; what the tests' Dockerfiles start from. */
  readonly baseImage: string;
}

/** What the tests need of an existing cluster beside the images of a stack. */
export const publicImages = {
  base: "docker.io/library/busybox:1.37.0",
  registry: "docker.io/library/registry:2.8.3",
} as const;

/** Undefined where the test starts a node of its own. */
export const existing = readExisting();

function readExisting(): Existing | undefined {
  const kubeconfig = read("CLUSTER_KUBECONFIG");
  if (kubeconfig === undefined) return undefined;
  return {
    kubeconfig: resolve(kubeconfig),
    host: read("CLUSTER_HOST"),
    // Kaniko knows nothing of the mirrors that the cluster's nodes may have.
    baseImage: read("CLUSTER_BASE_IMAGE") ?? publicImages.base,
  };
}

function read(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

/** @throws Error that says in one line what is wrong with the variable */
export function requireKubeconfig({ kubeconfig }: Existing): void {
  if (!existsSync(kubeconfig)) throw new Error(`CLUSTER_KUBECONFIG: there is no file ${kubeconfig}.`);
}

/** @throws Error that says in one line what the variable is for */
export function requireHost({ host }: Existing): string {
  if (host !== undefined) return host;
  throw new Error(
    "CLUSTER_HOST is missing: the address or name by which the cluster's pods reach this machine, where the test serves git.",
  );
}
