/** The builds that a stack declares, as its ConfigMap lists them for the program that catches up. */
import { readFileSync } from "node:fs";
import { at, listAt, parseJson, textAt } from "./json.ts";

export interface DeclaredBuild {
  /** Names the folder with the token that clones its repository; empty where everybody may. */
  readonly project: string;
  /** The value of its label. */
  readonly service: string;
  /** Its WorkflowTemplate, and where it is. */
  readonly template: string;
  readonly namespace: string;
  /** What the names of its Workflows begin with. */
  readonly stem: string;
  /** `owner/name`. */
  readonly slug: string;
  readonly url: string;
  readonly branch: string;
  /** The value of its label. */
  readonly branchLabel: string;
  /** The image, without its registry and its tag. */
  readonly image: string;
  /** The tag of a commit's image, in which {sha7} stands for the commit's first 7 characters. */
  readonly commitTag: string;
  /** The first tag that follows the branch. */
  readonly movingTag: string;
  /** Folders and files of which a push changes one; empty where every push counts. */
  readonly paths: readonly string[];
  /** What its commit statuses are of; empty where it has none. */
  readonly context: string;
  /** The number of the GitHub App whose check runs take the place of commit statuses; absent where none do. */
  readonly app?: string;
  /** Absent where builds do not wait for their images to be rolled out. */
  readonly followed?: FollowedImage;
}

/** What builds wait for. */
export interface FollowedImage {
  /** The image as manifests name it, without a tag. */
  readonly image: string;
  /** The tag that the Image Updater follows. */
  readonly tag: string;
  /** Names of the Applications. */
  readonly applications: readonly string[];
}

/** As text for the ConfigMap: a line for each. */
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
    stem: text("stem"),
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

function followed(value: unknown): FollowedImage {
  return {
    image: textAt(value, "image"),
    tag: textAt(value, "tag"),
    applications: listAt(value, "applications").map(String),
  };
}
