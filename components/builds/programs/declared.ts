/** The builds that a stack declares, as listed in the ConfigMap for catch-up.ts. */
import { readFileSync } from "node:fs";
import { at, listAt, parseJson, textAt } from "./json.ts";

export interface DeclaredBuild {
  /** The folder with the token that clones its repository; empty if the repository is public. */
  readonly project: string;
  /** The value of the label argo-cicd/service. */
  readonly service: string;
  /** Its WorkflowTemplate, and the namespace of it. */
  readonly template: string;
  readonly namespace: string;
  /** The prefix of its Workflows' names. */
  readonly workflowPrefix: string;
  /** `owner/name`. */
  readonly slug: string;
  readonly url: string;
  readonly branch: string;
  /** The value of the label argo-cicd/branch. */
  readonly branchLabel: string;
  /** The image without registry and tag. */
  readonly image: string;
  /** The tag of a commit's image, in which {sha7} is replaced by the commit's first 7 characters. */
  readonly commitTag: string;
  /** The first tag that follows the branch. */
  readonly movingTag: string;
  /** Only pushes that change one of these folders or files are built; empty if every push is. */
  readonly paths: readonly string[];
  /** The context of its commit statuses; empty if it reports none. */
  readonly context: string;
  /** The ID of the GitHub App, if the build reports check runs instead of commit statuses. */
  readonly app?: string;
  /** Undefined if builds do not wait until their images are rolled out. */
  readonly followed?: AwaitedImage;
}

/** The image that builds wait for. */
export interface AwaitedImage {
  /** The image as manifests name it, without a tag. */
  readonly image: string;
  /** The tag that the Image Updater follows. */
  readonly tag: string;
  /** The names of the Applications that should run it. */
  readonly applications: readonly string[];
}

/** The text for the ConfigMap, with one line per build. */
export function writeBuilds(builds: readonly DeclaredBuild[]): string {
  return `{"builds":[\n${builds.map((one) => JSON.stringify(one)).join(",\n")}\n]}\n`;
}

export function readBuilds(file: string): DeclaredBuild[] {
  return listAt(parseJson(readFileSync(file, "utf8")), "builds").map(declared);
}

function declared(one: unknown): DeclaredBuild {
  const text = (key: keyof DeclaredBuild) => textAt(one, key);
  return {
    project: text("project"),
    service: text("service"),
    template: text("template"),
    namespace: text("namespace"),
    workflowPrefix: text("workflowPrefix"),
    slug: text("slug"),
    url: text("url"),
    branch: text("branch"),
    branchLabel: text("branchLabel"),
    image: text("image"),
    commitTag: text("commitTag"),
    movingTag: text("movingTag"),
    paths: listAt(one, "paths").map(String),
    context: text("context"),
    ...(text("app") === "" ? {} : { app: text("app") }),
    ...(at(one, "followed") === undefined ? {} : { followed: followed(at(one, "followed")) }),
  };
}

function followed(value: unknown): AwaitedImage {
  return {
    image: textAt(value, "image"),
    tag: textAt(value, "tag"),
    applications: listAt(value, "applications").map(String),
  };
}
