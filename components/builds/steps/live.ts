import type { Build } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { labelValue } from "../labels.ts";
import { toolVolumes, result } from "./mounts.ts";
import { given, output } from "./step.ts";
import type { Step } from "./step.ts";
import { githubAccess, ofService, retryStrategy, tool, updaterAccess } from "./tool.ts";

/** Seconds: beside the time that it may wait. */
const margin = 300;

/** Seconds after which the Image Updater is told once more, as text. It takes no more than one to change an Application. */
const remindAfter = "30";

/** Waits until the image is rolled out, and keeps a Deployment at GitHub. Output: `seconds` from the push until then, or 0. */
export const live = {
  name: "live",
  makesImage: false,
  wanted: ({ live: waits, delivered }) =>
    waits !== undefined && delivered !== undefined && delivered.applications.length > 0,
  template,
  task: () => ({
    depends: "publish",
    ...given({ commit: output.commit, digest: output.digest }),
    when: "{{tasks.publish.outputs.parameters.moved}} == true",
  }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const { live: waits, delivered } = build;
  if (waits === undefined || delivered === undefined) throw new Error("nothing follows this image");
  const { timeLimit, environment, deployments } = waits;
  const github = githubAccess(deployments, build.repository);
  const updater = updaterAccess(build);
  return {
    name: "live",
    serviceAccountName: accounts.live,
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }] },
    outputs: { parameters: [result("seconds")] },
    activeDeadlineSeconds: timeLimit + margin,
    retryStrategy,
    metrics: { prometheus: [pushToLive(build)] },
    volumes: [...toolVolumes(build), ...github.volumes, ...updater.volumes],
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["live.ts"],
      env: {
        ...github.env,
        ...updater.env,
        REMIND_AFTER: remindAfter,
        COMMIT: "{{inputs.parameters.commit}}",
        DIGEST: "{{inputs.parameters.digest}}",
        IMAGE: build.repository.image,
        APPLICATIONS: delivered.applications.join(" "),
        BY_COMMIT: delivered.byCommit.join(" "),
        WITH_WINDOWS: delivered.withWindows.join(" "),
        NAMESPACE: delivered.namespace,
        ENVIRONMENT: ofService(environment, build.repository),
        PAGE: delivered.page ?? "",
        TIME_LIMIT: timeLimit.toString(),
        CREATED: "{{workflow.creationTimestamp.s}}",
      },
      mounts: [...github.mounts, ...updater.mounts],
      asAccount: true,
    }),
  };
}

/** The time from the push, which makes the Workflow, until the image runs. */
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
