import { branchSegment } from "../../names.ts";
import type { Build } from "../types/build.ts";
import type { PodTemplate } from "../types/workflows.ts";
import { labelValue } from "./labels.ts";
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
export function begin(build: Build): PodTemplate {
  const status = statusAccess(build);
  const told = { ...status.env, STATE: "pending", DESCRIPTION: "building" };
  return {
    name: "begin",
    serviceAccountName: build.accounts.control,
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...gitAccess(build).volumes, ...status.volumes],
    initContainers: [{ name: "tip", ...tip(build, { COMMIT: givenCommit }) }],
    container: tool({
      image: build.images.curl,
      scripts: build.statuses === undefined ? ["begin.sh"] : ["begin.sh", "status.sh"],
      env: {
        NAMESPACE: "{{workflow.namespace}}",
        WORKFLOW: "{{workflow.name}}",
        SERVICE: labelValue(build.repository.service),
        BRANCH_LABEL: branchSegment(build.branch),
        ...(build.statuses === undefined ? {} : told),
      },
      mounts: status.mounts,
    }),
  };
}
