import type { Build, Delivered, Live } from "../build.ts";
import { accounts, awaitedDelivery } from "../build.ts";
import { serviceReportName } from "../../report-names.ts";
import { images } from "../images.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { labelValue } from "../labels.ts";
import { before, renewedToken } from "./app-tokens.ts";
import { toolVolumes, result } from "./mounts.ts";
import { output, ownWorkflow, withArguments } from "./step.ts";
import { hasOtherRefs } from "./ref.ts";
import type { Step } from "./step.ts";
import { githubAccess, retryStrategy, tool, updaterAccess } from "./tool.ts";

/** In seconds: added to the time that it may wait. */
const margin = 300;

/** In seconds, as text: when the Image Updater is notified again. It changes an Application within a few seconds. */
const remindAfter = "10";

/** In seconds, as text: nobody sees a state that lasts shorter. */
const reportAfter = "10";

/** Waits until the image is rolled out, and updates a Deployment on GitHub. Output: `seconds` since the push, or 0. */
export const live = {
  name: "live",
  makesImage: false,
  wanted: (build) => awaitedDelivery(build) !== undefined,
  template,
  task: (build: Build) => ({
    // If `publish` is skipped, it has no outputs that `when` could read.
    depends: hasOtherRefs(build) ? "publish.Succeeded" : "publish",
    ...withArguments({ commit: output(build).commit, digest: output(build).digest }),
    when: "{{tasks.publish.outputs.parameters.moved}} == true",
  }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const { live: waits, delivered } = build;
  if (waits === undefined || delivered === undefined) throw new Error("no Application follows this image");
  const { timeLimit, deployments } = waits;
  const github = githubAccess(deployments, build.repository, "deployments:write");
  // It may wait longer than a token is valid.
  const made = before(renewedToken(build.network, github));
  const updater = updaterAccess(build);
  return {
    name: "live",
    serviceAccountName: accounts.live,
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }] },
    outputs: { parameters: [result("seconds")] },
    activeDeadlineSeconds: timeLimit + margin,
    retryStrategy,
    metrics: { prometheus: [pushToLive(build)] },
    volumes: [...toolVolumes(build), ...github.volumes, ...updater.volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["live.ts"],
      env: { ...github.env, ...updater.env, ...environment(build, waits, delivered) },
      mounts: [...github.mounts, ...updater.mounts],
      asAccount: true,
    }),
  };
}

function environment(
  { repository }: Build,
  { timeLimit, environment: prefix }: Live,
  delivered: Delivered,
): Record<string, string> {
  return {
    REMIND_AFTER: remindAfter,
    COMMIT: "{{inputs.parameters.commit}}",
    DIGEST: "{{inputs.parameters.digest}}",
    IMAGE: repository.image,
    APPLICATIONS: delivered.applications.join(" "),
    BY_COMMIT: delivered.byCommit.join(" "),
    WITH_WINDOWS: delivered.withWindows.join(" "),
    NAMESPACE: delivered.namespace,
    ENVIRONMENT: serviceReportName(prefix, repository),
    ENVIRONMENT_URL: delivered.environmentUrl ?? "",
    TIME_LIMIT: timeLimit.toString(),
    RETRIES: "{{retries}}",
    REPORT_AFTER: reportAfter,
    WORKFLOW: ownWorkflow.WORKFLOW,
    WORKFLOW_NAMESPACE: ownWorkflow.NAMESPACE,
    CREATED: "{{workflow.creationTimestamp.s}}",
  };
}

/** The time from the push, which creates the Workflow, until the image runs. */
function pushToLive({ project, repository: { service } }: Build) {
  return {
    name: "push_to_live_seconds",
    help: "Seconds from a push until its image runs",
    when: "{{outputs.parameters.seconds}} > 0",
    labels: [
      { key: "project", value: project },
      { key: "service", value: labelValue(service) },
    ],
    histogram: { value: "{{outputs.parameters.seconds}}", buckets: [15, 30, 60, 120, 300, 600, 1800] },
  };
}
