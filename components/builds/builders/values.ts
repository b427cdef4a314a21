/** The values that a Dockerfile asks for: only these keys of the project's Secret reach the build's pod. */
import type { VariableName } from "../../names.ts";
import type { BuilderArgs } from "./builder.ts";
import { buildFolder } from "./builder.ts";
import type { EnvironmentVariable, Volume, VolumeMount } from "../../kinds/kubernetes.ts";

const folder = `${buildFolder}/secrets`;
const volume = "build-secrets";

/** Build arguments as environment: the builder is given their names. */
export function buildArgEnvironment({ repository, buildSecret }: BuilderArgs): EnvironmentVariable[] {
  return repository.buildArgs.map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: buildSecret, key } },
  }));
}

/** Secrets as files, which a builder mounts into the RUN that asks for them. */
export function secretVolumes({ repository: { secrets }, buildSecret }: BuilderArgs): Volume[] {
  const items = secrets.map((key) => ({ key, path: key }));
  return secrets.length === 0 ? [] : [{ name: volume, secret: { secretName: buildSecret, items } }];
}

export function secretMounts({ repository: { secrets } }: BuilderArgs): VolumeMount[] {
  return secrets.length === 0 ? [] : [{ name: volume, mountPath: folder, readOnly: true }];
}

/** As both builders take it. */
export function secretArguments({ repository: { secrets } }: BuilderArgs): string[] {
  return secrets.map((key: VariableName) => `--secret=id=${key},src=${folder}/${key}`);
}
