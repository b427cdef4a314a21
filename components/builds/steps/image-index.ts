import type { PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";
import { buildTasks, imageTask, partTask } from "./architectures.ts";
import { noAccount, result, toolVolumes } from "./mounts.ts";
import { crane, registryAccess } from "./registry.ts";
import type { Step } from "./step.ts";
import { imageOutput, withArguments } from "./step.ts";
import { retryStrategy, stepLimit } from "./tool.ts";

/**
 * Puts the images of several architectures into one index under the commit's tag. It runs no code of the authors. The
 * outputs are those of a build of one image: `commit`, `digest`, and `built`, false if one of the images existed
 * already.
 */
export const index = {
  name: "index",
  makesImage: true,
  wanted: (build: Build) => imageTask(build) === "index",
  template,
  task: (build) => ({ depends: buildTasks(build).join(" && "), ...withArguments({ parts: parts(build) }) }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  return {
    name: "index",
    inputs: { parameters: [{ name: "parts" }] },
    outputs: { parameters: [result("commit"), result("digest"), result("built")] },
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), noAccount, ...registryAccess(build).volumes],
    container: crane(build, "index.sh", { PARTS: "{{inputs.parameters.parts}}" }),
  };
}

/** For each architecture, its name and the outputs of its build, separated by spaces. */
function parts({ repository: { architectures } }: Build): string {
  return architectures
    .flatMap((one) => {
      // In an expression, a name with a dash needs brackets.
      const { commit, digest, built } = imageOutput(`tasks['${partTask(one)}']`, "none");
      return [one, commit, digest, built];
    })
    .join(" ");
}
