/** What is known of a step of a build, each in a file of its own. */
import type { DagTask, PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";

export interface Step {
  /** Of its template and its task. */
  readonly name: string;
  /**
   * Whether an image needs it, so that its failure is that of the build. A build goes on without the others; GitHub hears of
   * them in other ways.
   */
  readonly makesImage: boolean;
  /** Whether a build has it; every build does where absent. */
  readonly wanted?: (build: Build) => boolean;
  readonly template: (build: Build) => PodTemplate;
  /** When it begins, and what it is given; with the build, and nothing, where absent. */
  readonly task?: (build: Build) => Pick<DagTask, "depends" | "when" | "arguments">;
}

/** The commit that the build has made an image of. */
export const builtCommit = "{{tasks.build.outputs.parameters.commit}}";

/** A task's arguments. */
export function given(values: Readonly<Record<string, string>>): Pick<DagTask, "arguments"> {
  return { arguments: { parameters: Object.entries(values).map(([name, value]) => ({ name, value })) } };
}
