import type { Build, BuildNotifications } from "../build.ts";
import { endedWorkflow } from "./ended.ts";
import { notify } from "./notify.ts";
import { hasOtherRefs, onBranch } from "./ref.ts";
import { statusPod } from "./status-pod.ts";
import type { PodTemplate, StepsTemplate } from "../../kinds/workflows.ts";

const failed = "{{workflow.status}} != Succeeded";
const failureReport = "report-failure";

/** The exit handler, which reports to GitHub and to people how a Workflow ended; empty if neither is wanted. */
export function end(build: Build): readonly (StepsTemplate | PodTemplate)[] {
  const { statuses, notifications } = build;
  const steps = [
    ...(statuses === undefined ? [] : [{ name: failureReport, template: failureReport, when: failed }]),
    ...(notifications === undefined ? [] : [notifying(build, notifications)]),
  ];
  if (steps.length === 0) return [];
  return [
    { name: "end", steps: [steps] },
    ...(statuses === undefined ? [] : [reportFailure(build)]),
    ...(notifications === undefined ? [] : [notify(build, notifications)]),
  ];
}

/** A failed notification does not fail a build. Only GitHub is notified of pull requests and other branches. */
function notifying(build: Build, { events }: BuildNotifications) {
  const isNews = events.includes("recovered") ? "true" : failed;
  const when = hasOtherRefs(build) ? `${isNews} && ${onBranch(build)}` : isNews;
  return { name: "notify", template: "notify", when, continueOn: { failed: true, error: true } } as const;
}

/** Reports to GitHub why there is no image. */
function reportFailure(build: Build): PodTemplate {
  return statusPod(build, { name: failureReport, script: "end.ts", env: endedWorkflow(build) });
}
