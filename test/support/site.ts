/** The tests' access to a cluster, wherever it runs. */
import type { Part } from "./cluster-argo.ts";
import type { ControlPlane } from "./cluster-control-plane.ts";
import type { Registry } from "./cluster-registry.ts";

export interface RunningRegistry extends Registry {
  /** Its name in the names of images. */
  readonly name: string;
  /** Its URL for the test. */
  readonly url: string;
}

/** The API of a cluster. */
export interface ApiSite extends ControlPlane {
  /** Removes everything that was created. @returns what is left of it; empty on success */
  readonly close: () => Promise<readonly string[]>;
}

/** A cluster that runs pods, and what these and the test need to reach each other. */
export interface BuildSite extends ApiSite {
  /** For files of the test; removed when the cluster is closed. */
  readonly folder: string;
  /** The address at which pods reach this machine. */
  readonly host: string;
  /** The address on which a server for pods listens; all by default. */
  readonly listen?: string;
  /** A class with a volume for the bus; undefined if those that the stacks name have volumes. */
  readonly storageClass?: string;
  /** The registry, which speaks plain HTTP. */
  readonly registry: RunningRegistry;
  /** Host and port of an object store (S3) for the logs of builds; undefined if there is none. */
  readonly logStore?: string;
  /** The base image of the tests' Dockerfiles, which has a shell. */
  readonly baseImage: string;
  /** The URL of a Service's port for the test. */
  readonly serviceUrl: (namespace: string, name: string, port: number) => Promise<string>;
  /** Kills the processes of a part. The cluster starts others in their place. */
  readonly kill: (part: Part) => Promise<void>;
  /** The network of the cluster; undefined if others share it. */
  readonly network?: SiteNetwork;
  /** Runs a program beside the node's processes and returns what it printed; undefined if others share the node. */
  readonly run?: (program: string, args: readonly string[]) => Promise<string>;
  /** Kills the API server, for all its clients; undefined if others share it. */
  readonly stopApi?: () => Promise<void>;
  readonly startApi?: () => Promise<void>;
}

/** Control of the network of the tests' own node. */
export interface SiteNetwork {
  /** Addresses of the API server as pods see it, of itself and of its Service. */
  readonly apiServer: readonly string[];
  /** Addresses of what the test serves for pods: git and GitHub's stand-in, the registry and the store of logs. */
  readonly servers: readonly string[];
  /** Enforces NetworkPolicies from now on. */
  readonly enforce: () => Promise<void>;
  /** Serves HTTP at the address where clouds serve credentials. @returns host and port */
  readonly serveMetadata: () => Promise<string>;
}

export interface SiteOptions {
  /** Whether Argo CD runs, for which the tests' own node needs its images. */
  readonly withArgoCd?: boolean;
}
