/** What a builder is given and what it answers. Each builder is a file of its own. */
import type { DnsLabel } from "../../names.ts";
import type { BuiltRepository } from "./options.ts";
import type { Container, Volume } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";

export interface Builder {
  /** Key of its namespace in `namespaces` of a stack file: builders of different pod security have different ones. */
  readonly namespace: string;
  /** Names its dependency and trigger in a Sensor. JetStream's consumers have these names, so they never change. */
  readonly trigger: string;
  readonly container: (args: BuilderArgs) => BuilderContainer;
}

/** One build. In its texts `{commit}` and `{sha7}` stand for the commit. */
export interface BuilderArgs {
  readonly repository: BuiltRepository;
  /** Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsLabel;
  /** The image with the commit's tag. */
  readonly destination: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The registry of the image, where it speaks plain HTTP. */
  readonly insecureRegistry: string | undefined;
  /** Other registries, of base images. */
  readonly registries: readonly BaseRegistry[];
  readonly network: Network;
}

/** A registry of base images, as far as a builder must know it. */
export interface BaseRegistry {
  readonly host: string;
  /** What is asked first: a host, with its port and path. */
  readonly mirror?: string | undefined;
  /** It speaks plain HTTP. */
  readonly insecure: boolean;
}

/** A builder's container, where it reads the registry's login, and what its pod needs beside. */
export interface BuilderContainer {
  /** A shell of its image. */
  readonly shell: string;
  /** The builder itself. */
  readonly command: readonly string[];
  readonly container: Omit<Container, "resources" | "command" | "terminationMessagePolicy">;
  readonly dockerConfig: string;
  readonly volumes: readonly Volume[];
}

/**
 * Holds all that a build's containers mount. Kaniko unpacks the image that it builds over its own root: what is mounted at a
 * path of the image would be missing there, and `/kaniko` is no image's.
 */
export const buildFolder = "/kaniko/argo-cicd";

/** Where the commit is checked out. */
export const workspace = `${buildFolder}/workspace`;

/** Where authorities of one's own are mounted. */
export const authorityFolder = `${buildFolder}/authorities`;
