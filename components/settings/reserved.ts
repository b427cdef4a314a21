/** Rules against names that have a meaning of their own where they would be used. */
import { entries } from "../entries.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Readable } from "./readable.ts";

/** What the builders, their shells and the loader read from the environment, in which build arguments stand. */
const variables =
  /^(PATH|HOME|USER|SHELL|IFS|ENV|PWD|RESULTS|DOCKER_CONFIG|BUILDKIT.*|BUILDCTL.*|LD_.*|SSL_CERT_.*|KANIKO_.*|FF_KANIKO_.*|AWS_CONTAINER_.*|KUBERNETES_.*)$/;

export function reservedBuildArgs({ projects }: Readable): SettingError[] {
  return entries(projects).flatMap(([key, { repositories }]) =>
    repositories.flatMap(({ buildArgs }, index) =>
      buildArgs.flatMap((value, position) =>
        variables.test(value)
          ? [
              {
                path: joinPath("projects", [key, "repositories", index, "buildArgs", position]),
                value,
                rule: "the builder itself reads this variable",
                fix: "give the argument another name in the Dockerfile, or use `secrets`",
              },
            ]
          : [],
      ),
    ),
  );
}

/** Those of Kubernetes and of the stack's own parts are no place for applications: these could change what builds them. */
export function reservedNamespaces({ stack: { namespaces }, projects }: Readable): SettingError[] {
  const parts: readonly string[] = Object.values(namespaces ?? {});
  return entries(projects).flatMap(([key, { applications }]) =>
    applications.flatMap(({ namespace }, index) =>
      parts.includes(namespace) || namespace.startsWith("kube-")
        ? [
            {
              path: joinPath("projects", [key, "applications", index, "namespace"]),
              value: namespace,
              rule: "it belongs to Kubernetes or to a part of this stack",
              fix: "choose a namespace of the application's own, or default",
            },
          ]
        : [],
    ),
  );
}
