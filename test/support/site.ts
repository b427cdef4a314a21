/** What the tests have of a cluster, wherever it is. */
import type { Part } from "./cluster-argo.ts";
import type { ControlPlane } from "./cluster-control-plane.ts";
import type { Registry } from "./cluster-registry.ts";

export interface RunningRegistry extends Registry {
  /** In the names of images. */
  readonly name: string;
  /** As the test reaches it. */
  readonly url: string;
}

/** The API of a cluster. */
export interface ApiSite extends ControlPlane {
  /** Takes away all that was made. @returns what is left of it; empty when all is well */
  readonly close: () => Promise<readonly string[]>;
}

/** A cluster that runs pods, and what these and the test need to reach each other. */
export interface BuildSite extends ApiSite {
  /** For files of the test's; gone when it is closed. */
  readonly folder: string;
  /** This machine as pods reach it. */
  readonly host: string;
  /** Where a server for pods listens; on all addresses where absent. */
  readonly listen?: string;
  /** Has a volume for the bus; absent where those that the stacks name have. */
  readonly storageClass?: string;
  /** It speaks plain HTTP: its name in images, and its address for the test. */
  readonly registry: RunningRegistry;
  /** Host and port of an object store (S3) for the logs of builds; absent where there is none. */
  readonly logStore?: string;
  /** Holds a shell; what the tests' Dockerfiles start from. */
  readonly baseImage: string;
  /** A Service's port as the test reaches it. */
  readonly serviceUrl: (namespace: string, name: string, port: number) => Promise<string>;
  /** Ends the processes of a part; the cluster starts others in their place. */
  readonly kill: (part: Part) => Promise<void>;
  /** The network of the cluster; absent where it is others' too. */
  readonly network?: SiteNetwork;
  /** Runs a program beside the node's processes and returns what it printed; absent where the node is others'. */
  readonly run?: (program: string, args: readonly string[]) => Promise<string>;
  /** Ends the API server, for whoever speaks to it too; absent where it is others' too. */
  readonly stopApi?: () => Promise<void>;
  readonly startApi?: () => Promise<void>;
}

/** What the network of a node of our own can be made to do. */
export interface SiteNetwork {
  /** Addresses of the API server as pods see it, of itself and of its Service. */
  readonly apiServer: readonly string[];
  /** Addresses of what the test serves for pods: git and GitHub's stand-in, the registry and the store of logs. */
  readonly servers: readonly string[];
  /** Has NetworkPolicies enforced from now on. */
  readonly enforce: () => Promise<void>;
  /** Serves HTTP where clouds give out credentials. @returns host and port */
  readonly serveMetadata: () => Promise<string>;
}

export interface SiteOptions {
  /** A node of our own needs its images. */
  readonly withArgoCd?: boolean;
}
