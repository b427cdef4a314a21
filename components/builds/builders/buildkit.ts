import type { PartNamespace } from "../../kinds/kubernetes.ts";
import type { Builder, BuilderArgs, BuilderContainer, OwnFlags } from "./builder.ts";
import { authorityFolder, inWorkspace, scratch } from "./builder.ts";
import { buildkitdFlags, buildkitdMount, buildkitdVolume } from "./buildkitd.ts";
import { givenFlags, ownLabels } from "./flags.ts";
import { dockerfileOf } from "./options.ts";
import { images } from "../images.ts";
import { authorityMounts } from "../../kinds/network.ts";
import { networkEnvironment, proxyArguments } from "./network.ts";
import { atProxy } from "./registries.ts";
import {
  buildArgEnvironment,
  plainArguments,
  secretArguments,
  secretMounts,
  secretVolumes,
} from "./values.ts";

const home = "/home/user";

export const namespace: PartNamespace = {
  default: "ci-buildkit",
  holds: "builds with BuildKit, which need an unconfined pod",
  podSecurity: "privileged",
};

const reservedFlags: OwnFlags = new Map([
  ["frontend", "remove it: builds use the frontend for Dockerfiles"],
  ["local", "set `context` or `dockerfile`"],
  ...["filename", "context", "source"].map((key) => [`opt=${key}`, "set `context` or `dockerfile`"] as const),
  ["opt=target", "set `target`"],
  ["opt=build-arg:*", "add it to `args` or `buildArgs`"],
  ["opt=platform", "set `architecture`"],
  ["secret", "add it to `secrets`"],
  ...["output", "o"].map((name) => [name, "set `image`, `tags` or `registry`"] as const),
  ...["import-cache", "export-cache"].map((name) => [name, "set `cache` or `builds.cache`"] as const),
  ...ownLabels.map((name) => [`opt=label:${name}`, "remove it: every image has this label"] as const),
]);

/**
 * Rootless BuildKit, with a daemon for each build. It creates user namespaces, which seccomp and AppArmor forbid by
 * default, so its namespace has the pod security level `privileged`. The node needs `user.max_user_namespaces`
 * above 0 (CentOS 7: set it in sysctl).
 */
export const buildkit = {
  namespace: "buildkit",
  trigger: "build-buildkit",
  container,
  reservedFlags,
} as const satisfies Builder;

function container(build: BuilderArgs): BuilderContainer {
  return {
    volumes: [scratch("buildkit", build.repository), ...secretVolumes(build), buildkitdVolume],
    shell: "/bin/sh",
    command: ["buildctl-daemonless.sh"],
    container: {
      image: images.buildkit,
      args: buildctlArguments(build),
      env: [
        // Without the flag, BuildKit mounts a /proc for each process, which an unprivileged pod may not do.
        {
          name: "BUILDKITD_FLAGS",
          value: `--oci-worker-no-process-sandbox ${buildkitdFlags}`,
        },
        ...networkEnvironment(build.network),
        ...buildArgEnvironment(build),
      ],
      volumeMounts: [
        { name: "buildkit", mountPath: `${home}/.local/share/buildkit` },
        ...secretMounts(build),
        buildkitdMount,
        ...authorityMounts(build.network, authorityFolder),
      ],
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 1000,
        seccompProfile: { type: "Unconfined" },
        appArmorProfile: { type: "Unconfined" },
      },
    },
  };
}

function buildctlArguments(build: BuilderArgs): string[] {
  const { repository, destination, labels, registries, network, architecture } = build;
  const { context, target, buildArgs, cache } = repository;
  const dockerfile = dockerfileOf(repository);
  return [
    "build",
    "--frontend=dockerfile.v0",
    `--local=context=${inWorkspace(context)}`,
    `--local=dockerfile=${inWorkspace(dockerfile.folder)}`,
    `--opt=filename=${dockerfile.named}`,
    ...(target === undefined ? [] : [`--opt=target=${target}`]),
    // buildctl cannot read a value from the environment. build.sh fills it in, within the container only.
    ...[...buildArgs, ...proxyArguments(network)].map((name) => `--opt=build-arg:${name}={env:${name}}`),
    ...plainArguments(build).map((one) => `--opt=build-arg:${one}`),
    ...secretArguments(build),
    ...Object.entries(labels).map(([key, value]) => `--opt=label:${key}=${value}`),
    `--output=type=image,name=${atProxy(destination, registries)},push=true`,
    ...(cache === undefined ? [] : cacheArguments(atProxy(cache.repository, registries), architecture)),
    ...givenFlags(build),
  ];
}

/**
 * The registry stores the layers of all stages. A build does not fail if the cache cannot be written. Each of several
 * architectures has its own tag: a shared one would contain the layers of the last build only.
 */
function cacheArguments(repository: string, architecture: string | undefined): string[] {
  const tag = architecture === undefined ? "buildkit" : `buildkit-${architecture}`;
  const at = `type=registry,ref=${repository}:${tag}`;
  return [`--import-cache=${at}`, `--export-cache=${at},mode=max,ignore-error=true`];
}
