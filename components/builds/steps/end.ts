import type { Build } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import { toolVolumes } from "./mounts.ts";
import { imageSteps } from "./steps.ts";
import type { PodTemplate, StepsTemplate } from "../../kinds/workflows.ts";
import { checked, commitForm } from "./step.ts";
import { retryStrategy, statusAccess, stepLimit, tool } from "./tool.ts";

/** Tells GitHub why there is no image. Runs after every Workflow, and does nothing after one that succeeded. */
export function end(build: Build): [StepsTemplate, PodTemplate] {
  const status = statusAccess(build);
  return [
    {
      name: "end",
      steps: [[{ name: "tell", template: "tell", when: "{{workflow.status}} != Succeeded" }]],
    },
    {
      name: "tell",
      serviceAccountName: accounts.control,
      activeDeadlineSeconds: stepLimit,
      retryStrategy,
      volumes: [...toolVolumes(build), ...status.volumes],
      container: tool({
        image: images.node,
        network: build.network,
        scripts: ["end.ts"],
        env: {
          ...status.env,
          NAMESPACE: "{{workflow.namespace}}",
          WORKFLOW: "{{workflow.name}}",
          COMMIT: checked("workflow.parameters.commit", commitForm),
          STEPS: imageSteps.join(" "),
        },
        mounts: status.mounts,
        asAccount: true,
      }),
    },
  ];
}
