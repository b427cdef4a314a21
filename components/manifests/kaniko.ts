import { buildArgEnvironment } from "./build-arguments.ts";
import type { BuilderContainer, BuildStep } from "./types/build.ts";
import { workspace } from "./types/build.ts";

const dockerConfig = "/kaniko/.docker";

/** Kaniko: root in its container, without privileges on the node; allowed at pod security level `baseline`. */
export function kaniko(step: BuildStep): BuilderContainer {
  return {
    dockerConfig,
    volumes: [],
    container: {
      image: step.image,
      // Named, so that the workflow controller need not ask the registry for the image's entrypoint.
      command: ["/kaniko/executor"],
      args: kanikoArguments(step),
      env: [{ name: "DOCKER_CONFIG", value: dockerConfig }, ...buildArgEnvironment(step)],
      volumeMounts: [{ name: "workspace", mountPath: workspace }],
      securityContext: {
        runAsUser: 0,
        allowPrivilegeEscalation: false,
        // What it takes to unpack an image's files with their owners and to become another user in RUN.
        capabilities: {
          drop: ["ALL"],
          add: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETFCAP", "SETGID", "SETUID"],
        },
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
  };
}

function kanikoArguments({ repository, destinations, labels, insecureRegistry }: BuildStep): string[] {
  const { context, dockerfile, target, buildArgs } = repository;
  return [
    `--context=dir://${context === undefined ? workspace : `${workspace}/${context}`}`,
    `--dockerfile=${dockerfile}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    // By name only: Kaniko takes the value from the environment (its issue 713).
    ...buildArgs.map((name) => `--build-arg=${name}`),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    ...destinations.map((destination) => `--destination=${destination}`),
    ...(insecureRegistry === undefined ? [] : [`--insecure-registry=${insecureRegistry}`]),
    "--image-download-retry=3",
    "--push-retry=3",
  ];
}
