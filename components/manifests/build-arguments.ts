import type { BuildStep } from "./types/build.ts";
import type { EnvironmentVariable } from "./types/kubernetes.ts";

/** Build arguments as environment: the builder is told their names, and only these keys reach its pod. */
export function buildArgEnvironment({ repository, buildSecret }: BuildStep): EnvironmentVariable[] {
  return repository.buildArgs.map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: buildSecret, key } },
  }));
}
