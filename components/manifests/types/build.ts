/** What a build is made of, as its WorkflowTemplate and the two builders share it. */
import type { DnsLabel, RepositoryName, TagTemplate, VariableName } from "../../names.ts";
import type { Container, Volume } from "./kubernetes.ts";

export type Builder = "kaniko" | "buildkit";

/** A repository as its build sees it. */
export interface BuiltRepository {
  readonly name: RepositoryName;
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
  readonly builder: Builder;
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Seconds. */
  readonly timeLimit: number;
}

/** What a builder is told. */
export interface BuildStep {
  readonly image: string;
  readonly repository: BuiltRepository;
  /** Full references, the commit's tag first. */
  readonly destinations: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** A registry that speaks plain HTTP. */
  readonly insecureRegistry: string | undefined;
  /** The Secret with the values of build arguments. */
  readonly buildSecret: DnsLabel;
}

/** What a builder answers: its container, where it reads the registry's login, what its pod needs beside. */
export interface BuilderContainer {
  readonly container: Omit<Container, "resources">;
  readonly dockerConfig: string;
  readonly volumes: readonly Volume[];
}

/** Where the commit is checked out. */
export const workspace = "/workspace";
