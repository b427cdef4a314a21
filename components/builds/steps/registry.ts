/** How a step's tools access the registry. */
import { imageParts } from "../../derived-names.ts";
import type { Container, Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { Build } from "../build.ts";
import { firstPort } from "../builders/registries.ts";
import { images } from "../images.ts";
import { commitTag, writtenCache } from "./ref.ts";
import type { Tool } from "./tool.ts";
import { tool } from "./tool.ts";

const loginFolder = "/registry-login";

/** A container with a script that calls crane. */
export function crane(build: Build, script: string, env: Tool["env"]): Container {
  return registryTool(build, { image: images.crane, scripts: [script], env });
}

/** A container with a script that calls a tool with the registry's login. Images made by ko need a PATH. */
export function registryTool(
  build: Build,
  { env, mounts = [], ...own }: Pick<Tool, "image" | "scripts" | "env" | "mounts" | "memory">,
): Container {
  const registry = registryAccess(build);
  return tool({
    network: build.network,
    shell: "/busybox/sh",
    env: { PATH: "/ko-app:/busybox", ...registry.env, ...env },
    mounts: [...registry.mounts, ...mounts],
    ...own,
  });
}

/**
 * The registry proxy runs from before the builder starts until after it ends. It has the logins instead of the builder:
 * a Dockerfile can read everything in its container, and a login that can push may overwrite every other image.
 *
 * It is a sidecar of Kubernetes, an init container that keeps running. Argo would start a sidecar of its own with a
 * program in a volume that the builder can write.
 */
export function registryProxy(build: Build) {
  const { repository, registries, network } = build;
  const access = registryAccess(build);
  const image = imageParts(repository.image);
  const cache = repository.cache === undefined ? undefined : imageParts(repository.cache.repository);
  return {
    name: "registry",
    ...tool({
      image: images.node,
      network,
      scripts: ["registry-proxy.ts"],
      env: {
        COMMIT_TAG: access.env.COMMIT_TAG,
        DOCKER_CONFIG: access.env.DOCKER_CONFIG,
        REGISTRIES: registries.map(({ host }) => host).join(" "),
        INSECURE_REGISTRIES: registries
          .filter(({ insecure }) => insecure)
          .map(({ host }) => host)
          .join(" "),
        FIRST_PORT: firstPort.toString(),
        IMAGE_REGISTRY: image.host,
        IMAGE_PATH: image.path,
        CACHE_REGISTRY: cache?.host ?? "",
        CACHE_PATH: cache === undefined ? "" : writtenCache(build, cache.path),
      },
      mounts: access.mounts,
    }),
    restartPolicy: "Always",
  } as const;
}

/** The environment, mounts and volumes of a tool that uses the registry. */
export function registryAccess(build: Build) {
  const {
    pullSecret,
    registries: [own],
    repository,
  } = build;
  return {
    env: {
      IMAGE: repository.image,
      COMMIT_TAG: commitTag(build),
      INSECURE: own.insecure.toString(),
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
