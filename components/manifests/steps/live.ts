import type { Build, Delivered, Live } from "../types/build.ts";
import type { PodTemplate } from "../types/workflows.ts";
import { labelValue } from "./labels.ts";
import { githubAccess, ofService, result, results, retryStrategy, tool, toolVolumes } from "./tool.ts";

/** Seconds: beside the time that it may wait. */
const margin = 300;

/** Waits until the image runs, and keeps a Deployment at GitHub. Output: `seconds` from the push until then, or 0. */
export function live(
  build: Build,
  delivered: Delivered,
  { timeLimit, environment, deployments }: Live,
): PodTemplate {
  const github = githubAccess(deployments, build.repository);
  return {
    name: "live",
    serviceAccountName: build.accounts.live,
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }] },
    outputs: { parameters: [result("seconds")] },
    activeDeadlineSeconds: timeLimit + margin,
    retryStrategy,
    metrics: { prometheus: [pushToLive(build)] },
    volumes: [...toolVolumes(build), ...github.volumes],
    initContainers: [{ name: "yq", ...bring(build) }],
    container: tool({
      image: build.images.curl,
      scripts: ["live.sh"],
      env: {
        ...github.env,
        COMMIT: "{{inputs.parameters.commit}}",
        DIGEST: "{{inputs.parameters.digest}}",
        IMAGE: build.repository.image,
        APPLICATIONS: delivered.applications.join(" "),
        BY_COMMIT: delivered.byCommit.join(" "),
        NAMESPACE: delivered.namespace,
        ENVIRONMENT: ofService(environment, build.repository),
        PAGE: delivered.page ?? "",
        TIME_LIMIT: timeLimit.toString(),
        CREATED: "{{workflow.creationTimestamp.s}}",
        YQ: `${results}/yq`,
      },
      mounts: github.mounts,
    }),
  };
}

/** Copies the program to where the main container finds it. */
function bring(build: Build) {
  return tool({ image: build.images.yq, command: ["cp", "/usr/bin/yq", `${results}/yq`], env: {} });
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
