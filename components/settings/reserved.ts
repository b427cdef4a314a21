/** Rules against names that have a meaning of their own where they would be used. */
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { applicationsOf, repositoriesOf } from "./readable.ts";

/** What the builders, their shells and the loader read from the environment, in which build arguments stand. */
const variables =
  /^(PATH|HOME|USER|SHELL|IFS|ENV|PWD|RESULTS|DOCKER_CONFIG|BUILDKIT.*|BUILDCTL.*|LD_.*|SSL_CERT_.*|KANIKO_.*|FF_KANIKO_.*|AWS_CONTAINER_.*|KUBERNETES_.*)$/;

/** Those by which a builder finds the proxy, and which it hands on to RUN. */
const proxyVariables = /^(http|https|no)_proxy$/i;

export function reservedBuildArgs(config: Readable): SettingError[] {
  const hasProxy = config.stack.network?.proxy !== undefined;
  return repositoriesOf(config).flatMap(({ repository: { buildArgs }, at }) =>
    buildArgs.flatMap((value, position) =>
      variables.test(value) || (hasProxy && proxyVariables.test(value))
        ? [
            {
              path: at("buildArgs", position),
              value,
              rule: "the builder itself reads this variable",
              fix: "give the argument another name in the Dockerfile, or use `secrets`",
            },
          ]
        : [],
    ),
  );
}

/** Each project is one of Argo CD's, which has this one already: every Application that names none belongs to it. */
export function reservedProjects({ projects }: Readable): SettingError[] {
  return "default" in projects
    ? [
        {
          path: "projects.default",
          rule: "Argo CD has a project of this name, which holds what belongs to no other",
          fix: "rename it",
        },
      ]
    : [];
}

/** Those of Kubernetes and of the stack's own parts are no place for applications: these could change what builds them. */
export function reservedNamespaces(config: Readable): SettingError[] {
  const parts: readonly string[] = Object.values(config.stack.namespaces ?? {});
  return applicationsOf(config)
    .filter(({ application: { namespace } }) => parts.includes(namespace) || namespace.startsWith("kube-"))
    .map(({ application: { namespace }, at }) => ({
      path: at("namespace"),
      value: namespace,
      rule: "it belongs to Kubernetes or to a part of this stack",
      fix: "choose a namespace of the application's own, or default",
    }));
}
