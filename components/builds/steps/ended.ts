/** The environment of programs that run after a Workflow. */
import type { Build } from "../build.ts";
import { index } from "./image-index.ts";
import { imageSteps } from "./steps.ts";
import { checked, commitForm, ownWorkflow } from "./step.ts";

export function endedWorkflow(build: Build) {
  const steps = imageSteps.filter((name) => name !== index.name || index.wanted(build));
  return {
    ...ownWorkflow,
    COMMIT: checked("workflow.parameters.commit", commitForm),
    STEPS: steps.join(" "),
  };
}
