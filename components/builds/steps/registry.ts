/** How a step's tools get at the registry. */
import { tagOf } from "../../derived-names.ts";
import type { Container, Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { Build } from "../build.ts";
import { images } from "../images.ts";
import type { Tool } from "./tool.ts";
import { tool } from "./tool.ts";

const loginFolder = "/registry-login";

/** A script that calls crane, whose image has its programs where no shell looks for them. */
export function crane(build: Build, script: string, env: Tool["env"]): Container {
  const registry = registryAccess(build);
  return tool({
    image: images.crane,
    network: build.network,
    shell: "/busybox/sh",
    scripts: [script],
    env: { PATH: "/ko-app:/busybox", ...registry.env, ...env },
    mounts: registry.mounts,
  });
}

/** The environment, mounts and volumes of a tool that speaks to the registry. */
export function registryAccess({ pullSecret, insecureRegistry, repository, branch }: Build) {
  return {
    env: {
      IMAGE: repository.image,
      COMMIT_TAG: tagOf(repository.tags.commit, branch, "{sha7}"),
      INSECURE: (insecureRegistry !== undefined).toString(),
      DOCKER_CONFIG: loginFolder,
    },
    mounts: pullSecret === undefined ? [] : [loginMount(loginFolder)],
    volumes: loginVolumes(pullSecret),
  };
}

export function loginMount(mountPath: string): VolumeMount {
  return { name: "registry-login", mountPath, readOnly: true };
}

export function loginVolumes(secretName: Build["pullSecret"]): Volume[] {
  const items = [{ key: ".dockerconfigjson", path: "config.json" }];
  return secretName === undefined ? [] : [{ name: "registry-login", secret: { secretName, items } }];
}
