/** The settings of BuildKit's daemon: which registries have mirrors, and which speak plain HTTP (its `docs/buildkitd.toml.md`). */
import { dnsLabelOf } from "../../names.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { BuilderArgs } from "./builder.ts";
import { buildFolder } from "./builder.ts";

type Registries = Pick<BuilderArgs, "registries" | "insecureRegistry">;

/** The ConfigMap of the settings, and its key. */
export const buildkitd = { configMap: dnsLabelOf("buildkitd"), key: "buildkitd.toml" } as const;

const folder = `${buildFolder}/buildkitd`;
const file = `${folder}/${buildkitd.key}`;

/** The settings in TOML, whose texts in quotes are those of JSON; `undefined` where the daemon's own do. */
export function buildkitdSettings({ registries, insecureRegistry }: Registries): string | undefined {
  const all = [
    ...(insecureRegistry === undefined ? [] : [{ host: insecureRegistry, insecure: true }]),
    ...registries,
  ];
  const sections = all.map(section).filter((text) => text !== undefined);
  return sections.length === 0 ? undefined : sections.join("\n");
}

function section({ host, mirror, insecure }: Registries["registries"][number]): string | undefined {
  if (mirror === undefined && !insecure) return undefined;
  return [
    `[registry.${JSON.stringify(host)}]`,
    ...(mirror === undefined ? [] : [`mirrors = [${JSON.stringify(mirror)}]`]),
    ...(insecure ? ["http = true"] : []),
    "",
  ].join("\n");
}

export function buildkitdFlags(build: Registries): string[] {
  return buildkitdSettings(build) === undefined ? [] : [`--config=${file}`];
}

export function buildkitdVolumes(build: Registries): Volume[] {
  if (buildkitdSettings(build) === undefined) return [];
  return [{ name: "buildkitd", configMap: { name: buildkitd.configMap, defaultMode: 0o444 } }];
}

export function buildkitdMounts(build: Registries): VolumeMount[] {
  if (buildkitdSettings(build) === undefined) return [];
  return [{ name: "buildkitd", mountPath: folder, readOnly: true }];
}
