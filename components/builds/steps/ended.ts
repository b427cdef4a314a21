/** What the programs that run after a Workflow are told of it. */
import { imageSteps } from "./steps.ts";
import { checked, commitForm, ownWorkflow } from "./step.ts";

export const endedWorkflow = {
  ...ownWorkflow,
  COMMIT: checked("workflow.parameters.commit", commitForm),
  STEPS: imageSteps.join(" "),
} as const;
