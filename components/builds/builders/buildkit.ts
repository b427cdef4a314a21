import type { PartNamespace } from "../../kinds/kubernetes.ts";
import type { Builder, BuilderArgs, BuilderContainer } from "./builder.ts";
import { authorityFolder, workspace } from "./builder.ts";
import { buildkitdFlags, buildkitdMounts, buildkitdVolumes } from "./buildkitd.ts";
import { images } from "../images.ts";
import { authorityMounts } from "../../kinds/network.ts";
import { networkEnvironment, proxyArguments } from "./network.ts";
import { buildArgEnvironment, secretArguments, secretMounts, secretVolumes } from "./values.ts";

const home = "/home/user";

export const namespace: PartNamespace = {
  default: "ci-buildkit",
  holds: "builds with BuildKit, which need an unconfined pod",
  podSecurity: "privileged",
};

/**
 * Rootless BuildKit, a daemon for one build. It makes user namespaces, which seccomp and AppArmor forbid by
 * default, so its namespace is at pod security level `privileged`. The node needs `user.max_user_namespaces`
 * above 0 (CentOS 7: set it in sysctl).
 */
export const buildkit = {
  namespace: "buildkit",
  trigger: "build-buildkit",
  container,
} as const satisfies Builder;

function container(build: BuilderArgs): BuilderContainer {
  return {
    dockerConfig: `${home}/.docker`,
    volumes: [{ name: "buildkit", emptyDir: {} }, ...secretVolumes(build), ...buildkitdVolumes(build)],
    shell: "/bin/sh",
    command: ["buildctl-daemonless.sh"],
    container: {
      image: images.buildkit,
      args: buildctlArguments(build),
      env: [
        // Without it BuildKit mounts a /proc of its own for each process, which an unprivileged pod may not.
        {
          name: "BUILDKITD_FLAGS",
          value: ["--oci-worker-no-process-sandbox", ...buildkitdFlags(build)].join(" "),
        },
        { name: "DOCKER_CONFIG", value: `${home}/.docker` },
        ...networkEnvironment(build.network),
        ...buildArgEnvironment(build),
      ],
      volumeMounts: [
        { name: "buildkit", mountPath: `${home}/.local/share/buildkit` },
        ...secretMounts(build),
        ...buildkitdMounts(build),
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
  const { repository, destination, labels, insecureRegistry, network } = build;
  const { context, dockerfile, target, buildArgs, cache } = repository;
  const folder = context === undefined ? workspace : `${workspace}/${context}`;
  const insecure = insecureRegistry === undefined ? "" : ",registry.insecure=true";
  return [
    "build",
    "--frontend=dockerfile.v0",
    `--local=context=${folder}`,
    `--local=dockerfile=${folder}`,
    `--opt=filename=${dockerfile}`,
    ...(target === undefined ? [] : [`--opt=target=${target}`]),
    // buildctl has no way to take a value from the environment; the kubelet fills it in, in the container alone.
    ...[...buildArgs, ...proxyArguments(network)].map((name) => `--opt=build-arg:${name}=$(${name})`),
    ...secretArguments(build),
    ...Object.entries(labels).map(([key, value]) => `--opt=label:${key}=${value}`),
    `--output=type=image,name=${destination},push=true${insecure}`,
    ...(cache === undefined ? [] : cacheArguments(cache.repository, insecure)),
  ];
}

/** The registry keeps the layers of all stages; a cache that cannot be written is no reason to fail. */
function cacheArguments(repository: string, insecure: string): string[] {
  const at = `type=registry,ref=${repository}:buildkit${insecure}`;
  return [`--import-cache=${at}`, `--export-cache=${at},mode=max,ignore-error=true`];
}
