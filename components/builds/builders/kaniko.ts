import type { PartNamespace } from "../../kinds/kubernetes.ts";
import type { Builder, BuilderArgs, BuilderContainer, OwnFlags } from "./builder.ts";
import { authorityFolder, inWorkspace, scriptsFolder } from "./builder.ts";
import { givenFlags, ownLabels } from "./flags.ts";
import type { BuiltRepository } from "./options.ts";
import { dockerfileOf } from "./options.ts";
import { images } from "../images.ts";
import { dockerHub } from "../../derived-names.ts";
import { authorityMounts } from "../../kinds/network.ts";
import { asDocker } from "./kaniko-flags.ts";
import { networkEnvironment, proxyArguments } from "./network.ts";
import type { Registries } from "./registries.ts";
import { atProxy, sourcesOf } from "./registries.ts";
import {
  buildArgEnvironment,
  plainArguments,
  secretArguments,
  secretMounts,
  secretVolumes,
} from "./values.ts";

const shell = "/busybox/sh";

export const namespace: PartNamespace = {
  default: "ci",
  holds: "builds with Kaniko",
  podSecurity: "baseline",
};

const pushes = "remove it: a build pushes its image, and nothing else";
const retries = "remove it: builds set it to 5";

const reservedFlags: OwnFlags = new Map([
  ...["context", "context-sub-path", "bucket", "git"].map((name) => [name, "set `context`"] as const),
  ["dockerfile", "set `dockerfile`"],
  ["target", "set `target`"],
  ["build-arg", "add it to `args` or `buildArgs`"],
  ["secret", "add it to `secrets`"],
  ["destination", "set `image` or `tags`"],
  ...["no-push", "tar-path", "tarPath", "oci-layout-path", "dryrun"].map((name) => [name, pushes] as const),
  ...["cache", "cache-repo", "cache-ttl"].map((name) => [name, "set `cache` or `builds.cache`"] as const),
  ...["custom-platform", "customPlatform"].map((name) => [name, "set `architecture`"] as const),
  ["insecure-registry", "set `registry.insecure`, or `registries`"],
  ...["registry-mirror", "registry-map", "skip-default-registry-fallback"].map(
    (name) => [name, "set `mirror` in `registries`"] as const,
  ),
  ["kaniko-dir", "remove it: builds need the default folder"],
  ...["image-download-retry", "image-fs-extract-retry", "push-retry"].map((name) => [name, retries] as const),
  ...ownLabels.map((name) => [`label=${name}`, "remove it: every image has this label"] as const),
]);

/** Kaniko runs as root in its container, without privileges on the node, as pod security level `baseline` allows. */
export const kaniko = {
  namespace: "builds",
  trigger: "build",
  container,
  check: "kaniko-check.sh",
  reservedFlags,
} as const satisfies Builder;

/**
 * The capabilities of RUN in Docker (moby `oci/caps/defaults.go`), except NET_RAW, which the level `baseline` forbids.
 * With fewer, RUN fails or differs silently from Docker: without FSETID, a changed file loses its set-group-ID bit.
 */
const dockerCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

function container(build: BuilderArgs): BuilderContainer {
  return {
    volumes: secretVolumes(build),
    shell,
    command: [shell, `${scriptsFolder}/kaniko.sh`, "/kaniko/executor"],
    container: {
      image: images.kaniko,
      args: kanikoArguments(build),
      env: [
        ...asDocker.map((name) => ({ name, value: "true" })),
        ...networkEnvironment(build.network, "/kaniko/ssl/certs"),
        ...buildArgEnvironment(build),
      ],
      volumeMounts: [...secretMounts(build), ...authorityMounts(build.network, authorityFolder)],
      securityContext: {
        runAsUser: 0,
        // As in Docker: without it, RUN cannot use set-user-ID programs such as `sudo` and `su`.
        allowPrivilegeEscalation: true,
        capabilities: { drop: ["ALL"], add: dockerCapabilities },
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
  };
}

function kanikoArguments(build: BuilderArgs): string[] {
  const { repository, destination, labels, network, registries, cacheReadOnly } = build;
  const { context, target, buildArgs, cache } = repository;
  return [
    `--context=dir://${inWorkspace(context)}`,
    // An absolute path: Kaniko would prefer a file of this name in its working directory over that in the context.
    `--dockerfile=${inWorkspace(dockerfileOf(repository).path)}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    // By name only: Kaniko reads the value from the environment (its issue 713).
    ...[...buildArgs, ...proxyArguments(network)].map((name) => `--build-arg=${name}`),
    ...plainArguments(build).map((one) => `--build-arg=${one}`),
    ...secretArguments(build),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    `--destination=${atProxy(destination, registries)}`,
    ...sourceArguments(registries),
    ...(cache === undefined ? [] : cacheArguments(cache, registries)),
    // Without the flag, Kaniko would retry writes, which the proxy refuses, for half a minute.
    ...(cache === undefined || cacheReadOnly === undefined ? [] : [`--no-push-cache=${cacheReadOnly}`]),
    // Network errors may pass. Errors of the Dockerfile do not, and are not retried.
    "--image-download-retry=5",
    "--image-fs-extract-retry=5",
    "--push-retry=5",
    ...givenFlags(build),
  ];
}

/**
 * Where base images come from. Each source is tried if those before it lack an image or do not answer. Kaniko's own
 * last fallback is disabled: it would query the registry without a login.
 */
function sourceArguments(registries: Registries): string[] {
  const sources = registries.map((one) => ({ host: one.host, all: sourcesOf(one, registries) }));
  return [
    ...sources.flatMap(({ host, all }) =>
      // In a registry map, Docker Hub would have another name.
      all.map((one) => (host === dockerHub ? `--registry-mirror=${one}` : `--registry-map=${host}=${one}`)),
    ),
    "--skip-default-registry-fallback",
  ];
}

function cacheArguments(
  { repository, lifetime }: NonNullable<BuiltRepository["cache"]>,
  registries: Registries,
): string[] {
  return [
    "--cache=true",
    `--cache-repo=${atProxy(repository, registries)}`,
    `--cache-ttl=${lifetime.toString()}s`,
  ];
}
