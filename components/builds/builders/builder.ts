/** What a builder is given and what it answers. Each builder is a file of its own. */
import type { DnsSubdomain } from "../../names.ts";
import type { BuiltRepository } from "./options.ts";
import type { Registries } from "./registries.ts";
import type { Container, Volume } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";

export interface Builder {
  /** Key of its namespace in `namespaces` of a stack file: builders of different pod security have different ones. */
  readonly namespace: string;
  /** Names its dependency and trigger in a Sensor. JetStream's consumers have these names, so they never change. */
  readonly trigger: string;
  readonly container: (args: BuilderArgs) => BuilderContainer;
  /** Program that looks at the checked out Dockerfile, and refuses what the builder would silently get wrong. */
  readonly check?: string;
  /** No stack file gives these. */
  readonly ownFlags: OwnFlags;
}

/**
 * The flags that are the program's own, and those that would undo them: name -> what to do instead. A flag of keys and values
 * has its key after a `=`, and `*` for any after a `:`.
 */
export type OwnFlags = ReadonlyMap<string, string>;

/** One build. In its texts `{commit}` and `{sha7}` stand for the commit, and `{tag}` for the tag of git. */
export interface BuilderArgs {
  /** The branch, or the placeholder of build.sh for it. */
  readonly branch: string;
  readonly repository: BuiltRepository;
  /** Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsSubdomain;
  /** The image with the commit's tag. */
  readonly destination: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether layers are only read from the cache: true, or false. Absent where they are always written too. */
  readonly isCacheRead?: string;
  readonly registries: Registries;
  readonly network: Network;
  /** That of the image, where it is one of several in an index. */
  readonly architecture?: string | undefined;
}

/** A builder's container, and what its pod needs beside. It has no login: it finds registries by `registries.ts`. */
export interface BuilderContainer {
  /** A shell of its image. */
  readonly shell: string;
  /** The builder itself. */
  readonly command: readonly string[];
  readonly container: Omit<Container, "resources" | "command" | "terminationMessagePolicy">;
  readonly volumes: readonly Volume[];
}

/**
 * Holds all that a build's containers mount. Kaniko unpacks the image that it builds over its own root: what is mounted at a
 * path of the image would be missing there, and `/kaniko` is no image's.
 */
export const buildFolder = "/kaniko/argo-cicd";

/** The programs of build steps. */
export const scriptsFolder = `${buildFolder}/scripts`;

/** Where the commit is checked out. */
export const workspace = `${buildFolder}/workspace`;

/** A folder of the checkout; the checkout itself where none is given. */
export function inWorkspace(folder: string | undefined): string {
  return folder === undefined ? workspace : `${workspace}/${folder}`;
}

/** A volume that a build writes to, no larger than its disk. */
export function scratch(name: string, { resources: { disk } }: BuiltRepository): Volume {
  return { name, emptyDir: disk === undefined ? {} : { sizeLimit: disk } };
}

/** Where private authorities are mounted. */
export const authorityFolder = `${buildFolder}/authorities`;
