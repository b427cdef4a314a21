/** The interface of a build's steps. Each step has a file of its own. */
import type { DagTask, PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";
import { imageTask } from "./architectures.ts";

export interface Step {
  /** The name of its template and its task. */
  readonly name: string;
  /**
   * Whether an image needs the step, so that its failure fails the build. A build continues without the other steps,
   * which are reported to GitHub in other ways.
   */
  readonly makesImage: boolean;
  /** Whether a build has the step. If undefined, every build has it. */
  readonly wanted?: (build: Build) => boolean;
  readonly template: (build: Build) => PodTemplate;
  /** When the step starts, and its arguments. If undefined, it starts with the build, without arguments. */
  readonly task?: (build: Build) => Pick<DagTask, "depends" | "when" | "arguments">;
  /** The tasks of the step, with their own names, if a build may have several. */
  readonly tasks?: (build: Build) => readonly Omit<DagTask, "template">[];
}

/**
 * An Argo variable that is put into a manifest only if it has a form in which nothing is left to expand.
 *
 * Argo expands a manifest more than once: text between double braces in a value would be evaluated as an expression the
 * next time, and unclosed braces would end the Workflow silently (argo-workflows `util/template`).
 * @param form a regular expression of the whole value
 * @param otherwise replaces another value; the programs refuse it
 */
export function checked(variable: string, form: string, otherwise = ""): string {
  return `{{=${variable} matches '^(${form})$' ? ${variable} : '${otherwise}'}}`;
}

export const commitForm = "[0-9a-f]{40}";

/** The parameters of a Workflow, set by the Sensor or by hand. */
export const parameter = {
  /** Empty for the newest commit. */
  commit: checked("workflow.parameters.commit", `|${commitForm}`, "no full commit"),
  /** Empty if no tag is built. */
  tag: checked("workflow.parameters.tag", "[A-Za-z0-9._-]*", "no tag"),
  rebuild: checked("workflow.parameters.rebuild", "true|false", "false"),
} as const;

/** The variables by which a program finds its own Workflow. */
export const ownWorkflow = { NAMESPACE: "{{workflow.namespace}}", WORKFLOW: "{{workflow.name}}" } as const;

/** The outputs of earlier steps. */
export function output(build: Build) {
  return {
    ...imageOutput(`tasks.${imageTask(build)}`),
    /** The findings of a scan, as text. */
    findings: checked("tasks.scan.outputs.parameters.findings", "[A-Za-z ]*"),
  };
}

/**
 * @param task the task that made an image, as an expression
 * @param otherwise replaces an invalid commit or digest
 */
export function imageOutput(task: string, otherwise?: string) {
  return {
    /** The commit of the build's image. */
    commit: checked(`${task}.outputs.parameters.commit`, commitForm, otherwise ?? "no full commit"),
    /** The digest of the image that the build made or found. */
    digest: checked(`${task}.outputs.parameters.digest`, "sha256:[0-9a-f]{64}", otherwise ?? "no digest"),
    /** Whether the build made the image rather than found it. */
    built: checked(`${task}.outputs.parameters.built`, "true|false", "false"),
  };
}

/** A task's arguments. */
export function withArguments(values: Readonly<Record<string, string>>): Pick<DagTask, "arguments"> {
  return { arguments: { parameters: Object.entries(values).map(([name, value]) => ({ name, value })) } };
}
