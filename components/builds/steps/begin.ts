import { branchSegment } from "../../derived-names.ts";
import { accounts } from "../build.ts";
import type { Build } from "../build.ts";
import { images } from "../images.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { labelValue } from "../labels.ts";
import type { Step } from "./step.ts";
import {
  gitAccess,
  givenCommit,
  retryStrategy,
  statusAccess,
  stepLimit,
  tip,
  tool,
  toolVolumes,
} from "./tool.ts";

/** Stops the builds that this one makes superfluous, and says on GitHub that it has begun; beside the build. */
export const begin = { name: "begin", makesImage: false, template } as const satisfies Step;

function template(build: Build): PodTemplate {
  const status = statusAccess(build);
  return {
    name: "begin",
    serviceAccountName: accounts.control,
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...gitAccess(build).volumes, ...status.volumes],
    initContainers: [{ name: "tip", ...tip(build, { COMMIT: givenCommit }) }],
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["begin.ts"],
      env: {
        ...status.env,
        NAMESPACE: "{{workflow.namespace}}",
        WORKFLOW: "{{workflow.name}}",
        SERVICE: labelValue(build.repository.service),
        BRANCH_LABEL: branchSegment(build.branch),
      },
      mounts: status.mounts,
    }),
  };
}
