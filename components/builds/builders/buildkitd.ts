/** The settings of BuildKit's daemon: where it finds registries (its `docs/buildkitd.toml.md`). */
import { dnsLabelOf } from "../../names.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { buildFolder } from "./builder.ts";
import type { Registries, Registry } from "./registries.ts";
import { addressOf, sourcesOf } from "./registries.ts";

/** The ConfigMap of the settings, and its key. */
export const buildkitd = { configMap: dnsLabelOf("buildkitd"), key: "buildkitd.toml" } as const;

const folder = `${buildFolder}/buildkitd`;

export const buildkitdFlags = `--config=${folder}/${buildkitd.key}`;

export const buildkitdVolume: Volume = {
  name: "buildkitd",
  configMap: { name: buildkitd.configMap, defaultMode: 0o444 },
};

export const buildkitdMount: VolumeMount = { name: "buildkitd", mountPath: folder, readOnly: true };

/** The settings in TOML, whose texts in quotes are those of JSON. */
export function buildkitdSettings(registries: Registries): string {
  return registries.map((one) => section(one, registries)).join("\n");
}

/** The proxy beside it speaks plain HTTP. */
function section(registry: Registry, registries: Registries): string {
  return [
    `[registry.${JSON.stringify(registry.host)}]`,
    `mirrors = ${JSON.stringify(sourcesOf(registry, registries))}`,
    `[registry.${JSON.stringify(addressOf(registry.host, registries))}]`,
    "http = true",
    "",
  ].join("\n");
}
