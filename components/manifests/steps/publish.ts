import { tagOf } from "../../names.ts";
import type { Build } from "../types/build.ts";
import type { PodTemplate } from "../types/workflows.ts";
import {
  crane,
  gitAccess,
  registryAccess,
  result,
  retryStrategy,
  statusAccess,
  stepLimit,
  tip,
  tool,
  toolVolumes,
} from "./tool.ts";

/**
 * Moves the moving tags to the commit's image if the commit is still the newest of its branch, one build at a time,
 * so that no tag ever goes back; then tells GitHub. Outputs: `digest`, and `said`, what became of the tags in words.
 */
export function publish(build: Build): PodTemplate {
  const git = gitAccess(build);
  const registry = registryAccess(build);
  const status = statusAccess(build);
  const { repository, branch } = build;
  const moving = repository.tags.moving.map((one) => tagOf(one, branch, ""));
  const asked = { name: "tip", ...tip(build, { COMMIT: "{{inputs.parameters.commit}}", LATER: "true" }) };
  const tag = crane(build, "tag.sh", {
    MOVING_TAGS: moving.join(" "),
    GIT_TAG: "{{workflow.parameters.tag}}",
  });
  const word = tool({
    image: build.images.curl,
    scripts: ["published.sh"],
    env: { ...status.env, FOUND: "{{inputs.parameters.found}}" },
    mounts: status.mounts,
  });
  return {
    name: "publish",
    inputs: { parameters: [{ name: "commit" }, { name: "found" }] },
    outputs: { parameters: [result("digest"), result("said")] },
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    synchronization: { mutexes: [{ name: `tags-${repository.object}` }] },
    volumes: [...toolVolumes(build), ...git.volumes, ...registry.volumes, ...status.volumes],
    ...(build.statuses === undefined
      ? { initContainers: [asked], container: tag }
      : { initContainers: [asked, { name: "tag", ...tag }], container: word }),
  };
}
