/** What a build is made of, as its WorkflowTemplate and the steps share it. */
import type { Branch, DnsLabel, RepositoryName, TagTemplate, VariableName } from "../../names.ts";
import type { Container, Volume } from "./kubernetes.ts";

export type Builder = "kaniko" | "buildkit";

/** A repository as its build sees it. */
export interface BuiltRepository {
  readonly name: RepositoryName;
  /** The repository's name, or that of one of its services. */
  readonly service: RepositoryName;
  /** Names its Kubernetes objects. */
  readonly object: DnsLabel;
  /** `owner/name`. */
  readonly slug: string;
  readonly cloneUrl: string;
  /** Image without a tag. */
  readonly image: string;
  readonly tags: { readonly commit: TagTemplate; readonly moving: readonly TagTemplate[] };
  /** Relative to the context. */
  readonly dockerfile: string;
  /** Folder of the repository; absent for its root. */
  readonly context: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: readonly VariableName[];
  readonly secrets: readonly VariableName[];
  readonly submodules: boolean;
  /** The layer cache: its image repository, and the seconds that a layer is used. */
  readonly cache: { readonly repository: string; readonly lifetime: number } | undefined;
  readonly builder: Builder;
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Seconds. */
  readonly timeLimit: number;
  /** Where it runs; absent where no application is to have new images of it. */
  readonly delivered: Delivered | undefined;
}

/** How an image comes from the registry into the cluster. */
export interface Delivered {
  /** The moving tag that is followed. */
  readonly tag: string;
  /** The registry's host, and the image without it. */
  readonly registry: string;
  readonly path: string;
  /** The Applications that follow it, and their namespace. */
  readonly applications: readonly DnsLabel[];
  /** Those of them that have it by a commit. */
  readonly byCommit: readonly DnsLabel[];
  readonly namespace: DnsLabel;
  /** Address of what runs, where it is known. */
  readonly page: string | undefined;
}

/** What all builds of a stack share. */
export interface BuildEnvironment {
  readonly images: Readonly<Record<Builder | "git" | "crane" | "curl" | "trivy" | "yq", string>>;
  readonly accounts: Accounts;
  /** ConfigMap with the files of `components/scripts`. */
  readonly scripts: DnsLabel;
  /** Secret with the registry's login, where it asks for one. */
  readonly pullSecret: DnsLabel | undefined;
  /** Registry that speaks plain HTTP. */
  readonly insecureRegistry: string | undefined;
  /** ConfigMap's key with the number of builds at once. */
  readonly limit: { readonly namespace: DnsLabel; readonly name: DnsLabel; readonly key: string };
  readonly scan: Scan;
  readonly statuses: Statuses | undefined;
  /** The Image Updater's webhook, and the Secret with its key under `key`. */
  readonly updater: { readonly url: string; readonly secret: DnsLabel };
  /** Absent where builds end with the image. */
  readonly live: Live | undefined;
  /** ConfigMap with the object store of logs, where there is one. */
  readonly logs: DnsLabel | undefined;
  /** Seconds that a finished Workflow is kept. */
  readonly keep: number;
}

/** Accounts of pods. */
export interface Accounts {
  /** Only reports results. */
  readonly report: DnsLabel;
  /** Stops older builds, and labels its own. */
  readonly control: DnsLabel;
  /** Reads Applications. */
  readonly live: DnsLabel;
}

export interface Scan {
  readonly mode: "off" | "warn" | "stop";
  readonly severity: string;
}

/** What it takes to tell GitHub something. */
export interface GitHubAccess {
  /** Secret with the token, under the key `token`. */
  readonly secret: DnsLabel;
  /** GitHub's API. */
  readonly api: string;
  /** Where people see Workflows, as far as it is known. */
  readonly page: string | undefined;
}

/** How commits on GitHub are told what became of their build. */
export interface Statuses extends GitHubAccess {
  /** Begins every status' context. */
  readonly context: string;
}

/** How long a build waits until its image runs, and where GitHub is told so. */
export interface Live {
  /** Seconds. */
  readonly timeLimit: number;
  /** Begins the name of every environment. */
  readonly environment: string;
  /** Absent where GitHub gets no Deployments. */
  readonly deployments: GitHubAccess | undefined;
}

/** One repository's build. */
export interface Build extends BuildEnvironment {
  readonly project: DnsLabel;
  readonly branch: Branch;
  readonly repository: BuiltRepository;
  /** Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsLabel;
  /** Secret with the token that reads the repository, under the key `token`; absent where everybody may. */
  readonly cloneSecret: DnsLabel | undefined;
}

/** What a builder is told: in its texts `{commit}` and `{sha7}` stand for the commit. */
export interface BuilderArgs extends Build {
  /** The image with the commit's tag. */
  readonly destination: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a builder answers: its container, where it reads the registry's login, what its pod needs beside. */
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
