/** A pod with one container that reports a build's status to GitHub. */
import type { PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import { appTokens, before } from "./app-tokens.ts";
import { toolVolumes } from "./mounts.ts";
import type { Tool } from "./tool.ts";
import { retryStrategy, statusAccess, stepLimit, tool } from "./tool.ts";

export function statusPod(
  build: Build,
  { name, script, env, ...rest }: Pick<PodTemplate, "name" | "inputs"> & { script: string; env: Tool["env"] },
): PodTemplate {
  const status = statusAccess(build);
  const made = before(appTokens(build.network, [status]));
  return {
    name,
    serviceAccountName: accounts.control,
    ...rest,
    activeDeadlineSeconds: stepLimit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...status.volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: [script],
      env: { ...status.env, ...env },
      mounts: status.mounts,
      asAccount: true,
    }),
  };
}
