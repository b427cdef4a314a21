import { tagOf } from "../../derived-names.ts";
import type { Build } from "../build.ts";
import { accounts, limited, tagsKey } from "../build.ts";
import { images } from "../images.ts";
import { appTokens } from "./app-tokens.ts";
import { noAccount, toolVolumes, result } from "./mounts.ts";
import { imageTask } from "./architectures.ts";
import { attest } from "./attest.ts";
import { ofBranch } from "./ref.ts";
import { scan } from "./scan.ts";
import { output, ownWorkflow, parameter, withArguments } from "./step.ts";
import type { Step } from "./step.ts";
import type { Container } from "../../kinds/kubernetes.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { crane, registryAccess } from "./registry.ts";
import { gitAccess, retryStrategy, statusAccess, stepLimit, tip, tool, updaterAccess } from "./tool.ts";

/**
 * Moves the moving tags to the commit's image if the commit is still the newest of its branch. One build at a time does
 * this, so that no tag ever goes back. Then it notifies the Image Updater and GitHub. Outputs: `digest`, `summary`, the
 * result as text, and `moved`, whether the tags that follow the branch are at this image.
 */
export const publish = {
  name: "publish",
  makesImage: true,
  template,
  task: (build) => ({ depends: afterImage(build), ...imageArguments(build), ...ofBranch(build) }),
} as const satisfies Step;

/** The last status is set after the first one, even if `begin` could not set that. */
export function afterImage(build: Build): string {
  return `${stepBefore(build)} && (begin || begin.Failed || begin.Errored)`;
}

/** The arguments that describe the image. */
export function imageArguments(build: Build) {
  return withArguments({
    commit: output(build).commit,
    digest: output(build).digest,
    findings: scan.wanted(build) ? output(build).findings : "",
  });
}

/** The last step that checks or signs the image before a tag moves to it. */
function stepBefore(build: Build): string {
  return [attest, scan].find(({ wanted }) => wanted(build))?.name ?? imageTask(build);
}

function template(build: Build): PodTemplate {
  const git = gitAccess(build);
  const status = statusAccess(build);
  const made = appTokens(build.network, [git, status]);
  const registry = registryAccess(build);
  const { repository, branch } = build;
  const moving = repository.tags.moving.map((one) => tagOf(one, branch, ""));
  const newest = { name: "tip", ...tip(build, { COMMIT: "{{inputs.parameters.commit}}", LATER: "true" }) };
  const tag = crane(build, "tag.sh", {
    MOVING_TAGS: moving.join(" "),
    GIT_TAG: parameter.tag,
    ...(repository.otherBranches ? { OTHER_BRANCHES: "true" } : {}),
    DIGEST: "{{inputs.parameters.digest}}",
  });
  return {
    name: "publish",
    serviceAccountName: accounts.control,
    inputs: { parameters: [{ name: "commit" }, { name: "digest" }, { name: "findings" }] },
    outputs: { parameters: [result("digest"), result("summary"), result("moved")] },
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    synchronization: limited(build, tagsKey(build)),
    volumes: [
      ...toolVolumes(build),
      noAccount,
      ...git.volumes,
      ...registry.volumes,
      ...status.volumes,
      ...updaterAccess(build).volumes,
      ...made.volumes,
    ],
    ...(build.statuses === undefined && build.delivered === undefined
      ? { initContainers: [...made.containers, newest], container: tag }
      : {
          initContainers: [...made.containers, newest, { name: "tag", ...tag }],
          container: notification(build),
        }),
  };
}

/** Reports the result to GitHub and the Image Updater. */
function notification(build: Build): Container {
  const status = statusAccess(build);
  const updater = updaterAccess(build);
  return tool({
    image: images.node,
    network: build.network,
    scripts: ["published.ts"],
    env: {
      ...status.env,
      ...updater.env,
      ...ownWorkflow,
      FINDINGS: "{{inputs.parameters.findings}}",
    },
    mounts: [...status.mounts, ...updater.mounts],
    asAccount: true,
  });
}
