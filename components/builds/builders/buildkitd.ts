/** The configuration of BuildKit's daemon: where it finds registries (BuildKit's `docs/buildkitd.toml.md`). */
import { dnsLabelOf } from "../../names.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { buildFolder } from "./builder.ts";
import type { Registries, Registry } from "./registries.ts";
import { addressOf, sourcesOf } from "./registries.ts";

/** The ConfigMap with the configuration, and its key. */
export const buildkitd = { configMap: dnsLabelOf("buildkitd"), key: "buildkitd.toml" } as const;

const folder = `${buildFolder}/buildkitd`;

export const buildkitdFlags = `--config=${folder}/${buildkitd.key}`;

export const buildkitdVolume: Volume = {
  name: "buildkitd",
  configMap: { name: buildkitd.configMap, defaultMode: 0o444 },
};

export const buildkitdMount: VolumeMount = { name: "buildkitd", mountPath: folder, readOnly: true };

/** The configuration as TOML, whose quoted strings are the same as in JSON. */
export function buildkitdSettings(registries: Registries): string {
  return registries.map((one) => section(one, registries)).join("\n");
}

/** The registry proxy in the pod speaks plain HTTP. */
function section(registry: Registry, registries: Registries): string {
  return [
    `[registry.${JSON.stringify(registry.host)}]`,
    `mirrors = ${JSON.stringify(sourcesOf(registry, registries))}`,
    `[registry.${JSON.stringify(addressOf(registry.host, registries))}]`,
    "http = true",
    "",
  ].join("\n");
}
