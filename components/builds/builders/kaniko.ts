import type { PartNamespace } from "../../kinds/kubernetes.ts";
import type { Builder, BuilderArgs, BuilderContainer } from "./builder.ts";
import { authorityFolder, workspace } from "./builder.ts";
import type { BuiltRepository } from "./options.ts";
import { images } from "../images.ts";
import { dockerHub } from "../../derived-names.ts";
import { authorityMounts } from "../../kinds/network.ts";
import { networkEnvironment, proxyArguments } from "./network.ts";
import { buildArgEnvironment, secretArguments, secretMounts, secretVolumes } from "./values.ts";

const dockerConfig = "/kaniko/.docker";

export const namespace: PartNamespace = {
  default: "ci",
  holds: "builds with Kaniko",
  podSecurity: "baseline",
};

/** Kaniko: root in its container, without privileges on the node; allowed at pod security level `baseline`. */
export const kaniko = { namespace: "builds", trigger: "build", container } as const satisfies Builder;

function container(build: BuilderArgs): BuilderContainer {
  return {
    dockerConfig,
    volumes: secretVolumes(build),
    shell: "/busybox/sh",
    command: ["/kaniko/executor"],
    container: {
      image: images.kaniko,
      args: kanikoArguments(build),
      env: [
        { name: "DOCKER_CONFIG", value: dockerConfig },
        ...networkEnvironment(build.network, "/kaniko/ssl/certs"),
        ...buildArgEnvironment(build),
      ],
      volumeMounts: [...secretMounts(build), ...authorityMounts(build.network, authorityFolder)],
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

function kanikoArguments(build: BuilderArgs): string[] {
  const { repository, destination, labels, network } = build;
  const { context, dockerfile, target, buildArgs, cache } = repository;
  const folder = context === undefined ? workspace : `${workspace}/${context}`;
  return [
    `--context=dir://${folder}`,
    // Whole: Kaniko would take a file of this name in its working directory before that of the context.
    `--dockerfile=${folder}/${dockerfile}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    // By name only: Kaniko takes the value from the environment (its issue 713).
    ...[...buildArgs, ...proxyArguments(network)].map((name) => `--build-arg=${name}`),
    ...secretArguments(build),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    `--destination=${destination}`,
    ...registryArguments(build),
    ...(cache === undefined ? [] : cacheArguments(cache)),
    // Errors of the network pass; those of the Dockerfile do not, and are not tried again.
    "--image-download-retry=5",
    "--image-fs-extract-retry=5",
    "--push-retry=5",
  ];
}

/** A mirror that lacks an image, or does not answer, is passed over. */
function registryArguments({ insecureRegistry, registries }: BuilderArgs): string[] {
  const insecure = registries.filter((one) => one.insecure).map(({ host }) => host);
  const all = [...(insecureRegistry === undefined ? [] : [insecureRegistry]), ...insecure];
  const mirrors = registries.flatMap(({ host, mirror }) => (mirror === undefined ? [] : [{ host, mirror }]));
  return [
    ...all.map((host) => `--insecure-registry=${host}`),
    // In a map, Docker Hub would have another name.
    ...mirrors.map(({ host, mirror }) =>
      host === dockerHub ? `--registry-mirror=${mirror}` : `--registry-map=${host}=${mirror}`,
    ),
  ];
}

function cacheArguments({ repository, lifetime }: NonNullable<BuiltRepository["cache"]>): string[] {
  return ["--cache=true", `--cache-repo=${repository}`, `--cache-ttl=${lifetime.toString()}s`];
}
