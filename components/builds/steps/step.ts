/** What is known of a step of a build, each in a file of its own. */
import type { DagTask, PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";
import { imageTask } from "./architectures.ts";

export interface Step {
  /** Of its template and its task. */
  readonly name: string;
  /**
   * Whether an image needs it, so that its failure is that of the build. A build goes on without the others; GitHub is told of
   * them in other ways.
   */
  readonly makesImage: boolean;
  /** Whether a build has it; every build does where absent. */
  readonly wanted?: (build: Build) => boolean;
  readonly template: (build: Build) => PodTemplate;
  /** When it begins, and what it is given; with the build, and nothing, where absent. */
  readonly task?: (build: Build) => Pick<DagTask, "depends" | "when" | "arguments">;
  /** Its tasks, where a build may have several of them, each with a name of its own. */
  readonly tasks?: (build: Build) => readonly Omit<DagTask, "template">[];
}

/**
 * A variable of Argo's that is put into a manifest only where it has a form in which nothing is left to expand.
 *
 * Argo expands a manifest more than once: what is between double braces in a value would be run as an expression the next
 * time, and a pair that is not closed would end the Workflow without a word (argo-workflows `util/template`).
 * @param form a regular expression of the whole value
 * @param otherwise what is in its place; the programs refuse it
 */
export function checked(variable: string, form: string, otherwise = ""): string {
  return `{{=${variable} matches '^(${form})$' ? ${variable} : '${otherwise}'}}`;
}

export const commitForm = "[0-9a-f]{40}";

/** What a Workflow was given, by the Sensor or by hand. */
export const parameter = {
  /** Empty where it is to be the newest. */
  commit: checked("workflow.parameters.commit", `|${commitForm}`, "no full commit"),
  /** Empty where none is built. */
  tag: checked("workflow.parameters.tag", "[A-Za-z0-9._-]*", "no tag"),
  rebuild: checked("workflow.parameters.rebuild", "true|false", "false"),
} as const;

/** By which a program finds its own Workflow. */
export const ownWorkflow = { NAMESPACE: "{{workflow.namespace}}", WORKFLOW: "{{workflow.name}}" } as const;

/** What steps before have written. */
export function output(build: Build) {
  return {
    ...imageOutput(`tasks.${imageTask(build)}`),
    /** What a scan has found, in words. */
    found: checked("tasks.scan.outputs.parameters.found", "[A-Za-z ]*"),
  };
}

/**
 * @param task the one that has made an image, as an expression
 * @param otherwise stands in place of a commit or a digest that is none
 */
export function imageOutput(task: string, otherwise?: string) {
  return {
    /** The commit that the build has made an image of. */
    commit: checked(`${task}.outputs.parameters.commit`, commitForm, otherwise ?? "no full commit"),
    /** Of the image that the build has made, or found. */
    digest: checked(`${task}.outputs.parameters.digest`, "sha256:[0-9a-f]{64}", otherwise ?? "no digest"),
    /** Whether it has made it, and not found it. */
    built: checked(`${task}.outputs.parameters.built`, "true|false", "false"),
  };
}

/** A task's arguments. */
export function given(values: Readonly<Record<string, string>>): Pick<DagTask, "arguments"> {
  return { arguments: { parameters: Object.entries(values).map(([name, value]) => ({ name, value })) } };
}
