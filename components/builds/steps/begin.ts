import { accounts } from "../build.ts";
import type { Build } from "../build.ts";
import { images } from "../images.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { labelValue } from "../labels.ts";
import { appTokens } from "./app-tokens.ts";
import { noAccount, toolVolumes } from "./mounts.ts";
import { branchLabel } from "./ref.ts";
import type { Step } from "./step.ts";
import { ownWorkflow, parameter } from "./step.ts";
import { gitAccess, retryStrategy, statusAccess, stepLimit, tip, tool } from "./tool.ts";

/** Stops the builds that this one supersedes, and reports to GitHub that it has started, while the build runs. */
export const begin = { name: "begin", makesImage: false, template } as const satisfies Step;

function template(build: Build): PodTemplate {
  const git = gitAccess(build);
  const status = statusAccess(build);
  const made = appTokens(build.network, [git, status]);
  return {
    name: "begin",
    serviceAccountName: accounts.control,
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), noAccount, ...git.volumes, ...status.volumes, ...made.volumes],
    initContainers: [...made.containers, { name: "tip", ...tip(build, { COMMIT: parameter.commit }) }],
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["begin.ts"],
      env: {
        ...status.env,
        ...ownWorkflow,
        SERVICE: labelValue(build.repository.service),
        BRANCH_LABEL: branchLabel(build),
      },
      mounts: status.mounts,
      asAccount: true,
    }),
  };
}
