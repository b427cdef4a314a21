import type { Build, ToldPeople } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import { appTokens, before } from "./app-tokens.ts";
import { endedWorkflow } from "./ended.ts";
import { toolVolumes } from "./mounts.ts";
import { notify } from "./notify.ts";
import { hasOtherRefs, onBranch } from "./ref.ts";
import type { PodTemplate, StepsTemplate } from "../../kinds/workflows.ts";
import { retryStrategy, statusAccess, stepLimit, tool } from "./tool.ts";

const failed = "{{workflow.status}} != Succeeded";

/** Tells GitHub and people how a Workflow has ended; nothing where neither is to be told. Runs after every Workflow. */
export function end(build: Build): readonly (StepsTemplate | PodTemplate)[] {
  const { statuses, told } = build;
  const steps = [
    ...(statuses === undefined ? [] : [{ name: "tell", template: "tell", when: failed }]),
    ...(told === undefined ? [] : [notifying(build, told)]),
  ];
  if (steps.length === 0) return [];
  return [
    { name: "end", steps: [steps] },
    ...(statuses === undefined ? [] : [tell(build)]),
    ...(told === undefined ? [] : [notify(build, told)]),
  ];
}

/** A build that has succeeded is none that has failed because nobody could be told. Of pull requests and other branches GitHub alone is told. */
function notifying(build: Build, { events }: ToldPeople) {
  const isNews = events.includes("recovered") ? "true" : failed;
  const when = hasOtherRefs(build) ? `${isNews} && ${onBranch(build)}` : isNews;
  return { name: "notify", template: "notify", when, continueOn: { failed: true, error: true } } as const;
}

/** Tells GitHub why there is no image. */
function tell(build: Build): PodTemplate {
  const status = statusAccess(build);
  const made = before(appTokens(build.network, [status]));
  return {
    name: "tell",
    serviceAccountName: accounts.control,
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...status.volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["end.ts"],
      env: {
        ...status.env,
        ...endedWorkflow(build),
      },
      mounts: status.mounts,
      asAccount: true,
    }),
  };
}
