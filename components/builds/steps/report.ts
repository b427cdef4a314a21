import { images } from "../images.ts";
import type { Build } from "../build.ts";
import { accounts } from "../build.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { appTokens, before } from "./app-tokens.ts";
import { toolVolumes } from "./mounts.ts";
import { afterImage, imageArguments } from "./publish.ts";
import { commitTag, hasOtherRefs, ofOtherRefs } from "./ref.ts";
import type { Step } from "./step.ts";
import { ownWorkflow } from "./step.ts";
import { retryStrategy, statusAccess, stepLimit, tool } from "./tool.ts";

/** Says on GitHub that the image of a pull request or of another branch is there, of which nothing else becomes. */
export const report = {
  name: "report",
  makesImage: false,
  wanted: (build: Build) => hasOtherRefs(build) && build.statuses !== undefined,
  template,
  task: (build: Build) => ({ depends: afterImage(build), ...imageArguments(build), ...ofOtherRefs(build) }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const status = statusAccess(build);
  const made = before(appTokens(build.network, [status]));
  return {
    name: "report",
    serviceAccountName: accounts.control,
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }, { name: "found" }] },
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...status.volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["report.ts"],
      env: {
        ...status.env,
        ...ownWorkflow,
        COMMIT: "{{inputs.parameters.commit}}",
        DIGEST: "{{inputs.parameters.digest}}",
        FOUND: "{{inputs.parameters.found}}",
        COMMIT_TAG: commitTag(build),
      },
      mounts: status.mounts,
      asAccount: true,
    }),
  };
}
