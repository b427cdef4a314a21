import { buildArgEnvironment } from "./build-arguments.ts";
import type { BuilderContainer, BuildStep } from "./types/build.ts";
import { workspace } from "./types/build.ts";

const home = "/home/user";

/**
 * Rootless BuildKit, a daemon for one build. It makes user namespaces, which seccomp and AppArmor forbid by
 * default, so its namespace is at pod security level `privileged`. The node needs `user.max_user_namespaces`
 * above 0 (CentOS 7: set it in sysctl).
 */
export function buildkit(step: BuildStep): BuilderContainer {
  return {
    dockerConfig: `${home}/.docker`,
    volumes: [{ name: "buildkit", emptyDir: {} }],
    container: {
      image: step.image,
      command: ["buildctl-daemonless.sh"],
      args: buildctlArguments(step),
      env: [
        // Without it BuildKit mounts a /proc of its own for each process, which an unprivileged pod may not.
        { name: "BUILDKITD_FLAGS", value: "--oci-worker-no-process-sandbox" },
        { name: "DOCKER_CONFIG", value: `${home}/.docker` },
        ...buildArgEnvironment(step),
      ],
      volumeMounts: [
        { name: "workspace", mountPath: workspace },
        { name: "buildkit", mountPath: `${home}/.local/share/buildkit` },
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

function buildctlArguments({ repository, destinations, labels, insecureRegistry }: BuildStep): string[] {
  const { context, dockerfile, target, buildArgs } = repository;
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
    ...buildArgs.map((name) => `--opt=build-arg:${name}=$(${name})`),
    ...Object.entries(labels).map(([key, value]) => `--opt=label:${key}=${value}`),
    `--output=type=image,"name=${destinations.join(",")}",push=true${insecure}`,
  ];
}
