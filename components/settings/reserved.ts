/** Rules against reserved names. */
import { appDeliveries, catchUp, objectName } from "../derived-names.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { applicationsOf, repositoriesOf } from "./readable.ts";

/**
 * Variables that the builders, their shells and the loader read from the environment, which also contains the build
 * arguments. Those of build.sh begin with `_`.
 */
const variables =
  /^(PATH|HOME|USER|SHELL|IFS|ENV|PWD|OLDPWD|OPTIND|LINENO|PS4|TMPDIR|RESULTS|DOCKER_(AUTH_)?CONFIG|BUILDKIT.*|BUILDCTL.*|ROOTLESSKIT.*|XDG_.*|LD_.*|SSL_CERT_.*|KANIKO_.*|FF_KANIKO_.*|ARGO_.*|GO(DEBUG|GC|MEMLIMIT|MAXPROCS|TRACEBACK)|AWS_CONTAINER_.*|KUBERNETES_.*|_[a-z]*)$/;

/** Variables from which a builder reads the proxy, and which it passes on to RUN. */
const proxyVariables = /^(http|https|no)_proxy$/i;

export function reservedBuildArgs(config: Readable): SettingError[] {
  const hasProxy = config.stack.network?.proxy !== undefined;
  return namedBuildArgs(config)
    .filter(({ name }) => variables.test(name) || (hasProxy && proxyVariables.test(name)))
    .map(({ path, name }) => ({
      path,
      value: name,
      rule: "the builder itself reads this variable",
      fix: "give the argument another name in the Dockerfile, or use `secrets`",
    }));
}

/** The build arguments of all repositories, with secret values and with plain ones. */
function namedBuildArgs(config: Readable): { readonly path: string; readonly name: string }[] {
  return repositoriesOf(config).flatMap(({ repository: { buildArgs, args }, at }) => [
    ...buildArgs.map((name, position) => ({ path: at("buildArgs", position), name })),
    ...Object.keys(args).map((name) => ({ path: at("args", name), name })),
  ]);
}

/** A service's WorkflowTemplate has the name of the service. */
export function reservedServices(config: Readable): SettingError[] {
  if (config.stack.builds?.catchUp.enabled !== true) return [];
  return repositoriesOf(config)
    .filter(({ repository: { name, service = name } }) => objectName(service) === catchUp)
    .map(({ repository: { name, service = name }, at }) => ({
      path: at(),
      value: service,
      rule: "the WorkflowTemplate that starts the builds of lost pushes has this name",
      fix: "give the repository a `service` of another name, or set builds.catchUp.enabled to false",
    }));
}

export function reservedProjects(config: Readable): SettingError[] {
  return [...projectOfArgoCd(config), ...projectLikeApp(config), ...projectsLikeValues(config)];
}

/** Keys that a version of YAML reads as a number, a date, a boolean or null, and so under another name. */
const noText =
  /^(y|n|yes|no|on|off|true|false|null|[0-9]+(e[0-9]+)?|0[box][0-9a-f]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$/;

function projectsLikeValues({ projects }: Readable): SettingError[] {
  return Object.keys(projects)
    .filter((key) => noText.test(key))
    .map((key) => ({
      path: joinPath("projects", [key]),
      rule: "YAML reads a key like this as a number, a date or a boolean, not as a name",
      fix: "rename it, for example to project-1",
    }));
}

/** Deliveries are distinguished by the names of projects. */
function projectLikeApp({ stack, projects }: Readable): SettingError[] {
  if (stack.github?.app?.checks === undefined || !(appDeliveries in projects)) return [];
  const path = joinPath("projects", [appDeliveries]);
  return [{ path, rule: "deliveries of the GitHub App have this name", fix: "rename the project" }];
}

/** Each project is an AppProject. Argo CD already has one of this name, for every Application that names none. */
function projectOfArgoCd({ projects }: Readable): SettingError[] {
  return "default" in projects
    ? [
        {
          path: "projects.default",
          rule: "Argo CD has a project of this name, for applications without a project",
          fix: "rename it",
        },
      ]
    : [];
}

/** In namespaces of Kubernetes and of the stack's own parts, applications could change what builds them. */
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
