import type { Build } from "../build.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { afterImage, imageArguments } from "./publish.ts";
import { commitTag, hasOtherRefs, ofOtherRefs } from "./ref.ts";
import { statusPod } from "./status-pod.ts";
import type { Step } from "./step.ts";
import { ownWorkflow } from "./step.ts";

/** Reports to GitHub that the image of a pull request or of another branch exists. It is not deployed. */
export const report = {
  name: "report",
  makesImage: false,
  wanted: (build: Build) => hasOtherRefs(build) && build.statuses !== undefined,
  template,
  task: (build: Build) => ({ depends: afterImage(build), ...imageArguments(build), ...ofOtherRefs(build) }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  return statusPod(build, {
    name: "report",
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }, { name: "findings" }] },
    script: "report.ts",
    env: {
      ...ownWorkflow,
      COMMIT: "{{inputs.parameters.commit}}",
      DIGEST: "{{inputs.parameters.digest}}",
      FINDINGS: "{{inputs.parameters.findings}}",
      COMMIT_TAG: commitTag(build),
    },
  });
}
