/** The values that a Dockerfile requests. Only these keys of the project's Secret reach the build's pod. */
import type { VariableName } from "../../names.ts";
import type { BuilderArgs } from "./builder.ts";
import { buildFolder } from "./builder.ts";
import type { EnvironmentVariable, Volume, VolumeMount } from "../../kinds/kubernetes.ts";

const folder = `${buildFolder}/secrets`;
const volume = "build-secrets";

/** Build arguments as environment variables. The builder receives only their names. */
export function buildArgEnvironment({ repository, buildSecret }: BuilderArgs): EnvironmentVariable[] {
  return repository.buildArgs.map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: buildSecret, key } },
  }));
}

/** Build arguments with values from the stack file, `name=value`. Sorted, since the engine keeps no order of keys. */
export function plainArguments({ repository, branch }: BuilderArgs): string[] {
  return Object.entries(repository.args)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${asGiven(value, branch)}`);
}

/**
 * A text of the stack file as an argument of the builder, in which only the placeholders of a commit are replaced.
 * build.sh turns `{open}` into a `{`, so that Argo finds no template in the text, and build.sh no unintended
 * placeholder. The kubelet turns `$$` into a `$`.
 */
export function asGiven(text: string, branch: string): string {
  return text
    .replaceAll(/\{(?=\{|open\}|env:)/g, "{open}")
    .replaceAll("{branch}", branch)
    .replaceAll("$", "$$$$");
}

/** Secrets as files, which a builder mounts into the RUN instructions that request them. */
export function secretVolumes({ repository: { secrets }, buildSecret }: BuilderArgs): Volume[] {
  const items = secrets.map((key) => ({ key, path: key }));
  return secrets.length === 0 ? [] : [{ name: volume, secret: { secretName: buildSecret, items } }];
}

export function secretMounts({ repository: { secrets } }: BuilderArgs): VolumeMount[] {
  return secrets.length === 0 ? [] : [{ name: volume, mountPath: folder, readOnly: true }];
}

/** The flags of the secrets, which are the same for both builders. */
export function secretArguments({ repository: { secrets } }: BuilderArgs): string[] {
  return secrets.map((key: VariableName) => `--secret=id=${key},src=${folder}/${key}`);
}
