/** The interface of builders. Each builder has a file of its own. */
import type { DnsSubdomain } from "../../names.ts";
import type { BuiltRepository } from "./options.ts";
import type { Registries } from "./registries.ts";
import type { Container, Volume } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";

export interface Builder {
  /** The key of its namespace in `namespaces` of a stack file: one for each pod security level that builders need. */
  readonly namespace: string;
  /** The name of its dependency and trigger in a Sensor. JetStream's consumers have this name, so it never changes. */
  readonly trigger: string;
  readonly container: (args: BuilderArgs) => BuilderContainer;
  /** The program that checks the Dockerfile, and refuses what the builder would silently get wrong. */
  readonly check?: string;
  /** Flags that a stack file must not set. */
  readonly reservedFlags: OwnFlags;
}

/**
 * The flags that this program sets, and flags that would undo them: name -> what to do instead. A flag of keys and
 * values has its key after a `=`, and `*` for any text after a `:`.
 */
export type OwnFlags = ReadonlyMap<string, string>;

/** One build. In its texts, `{commit}` and `{sha7}` stand for the commit, and `{tag}` for the Git tag. */
export interface BuilderArgs {
  /** The branch, or build.sh's placeholder for it. */
  readonly branch: string;
  readonly repository: BuiltRepository;
  /** The Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsSubdomain;
  /** The image with the commit's tag. */
  readonly destination: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A placeholder for `true` or `false`: whether the cache is only read. Undefined if it is always written too. */
  readonly cacheReadOnly?: string;
  readonly registries: Registries;
  readonly network: Network;
  /** The image's architecture, if it is one of several in an index. */
  readonly architecture?: string | undefined;
}

/** A builder's container, and what else its pod needs. It has no login: it reaches registries through the proxy. */
export interface BuilderContainer {
  /** The path of a shell in its image. */
  readonly shell: string;
  /** The builder itself. */
  readonly command: readonly string[];
  readonly container: Omit<Container, "resources" | "command" | "terminationMessagePolicy">;
  readonly volumes: readonly Volume[];
}

/**
 * Contains everything that a build's containers mount. Kaniko unpacks the image over its own root, and a path at which
 * something is mounted would be missing from the image. No image uses `/kaniko`.
 */
export const buildFolder = "/kaniko/argo-cicd";

/** The programs of build steps. */
export const scriptsFolder = `${buildFolder}/scripts`;

/** The checkout of the commit. */
export const workspace = `${buildFolder}/workspace`;

/** A folder of the checkout, or the checkout itself if undefined. */
export function inWorkspace(folder: string | undefined): string {
  return folder === undefined ? workspace : `${workspace}/${folder}`;
}

/** A volume that a build writes to, limited to `resources.disk`. */
export function scratch(name: string, { resources: { disk } }: BuiltRepository): Volume {
  return { name, emptyDir: disk === undefined ? {} : { sizeLimit: disk } };
}

/** The mount path of private certificate authorities. */
export const authorityFolder = `${buildFolder}/authorities`;
