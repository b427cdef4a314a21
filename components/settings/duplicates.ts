/** Rules against the same thing declared twice. */
import { appDeliveries, eventPort, objectName } from "../derived-names.ts";
import { parseName, repositoryName } from "../names.ts";
import { entries, list } from "../entries.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import { chartNodePorts } from "./node-ports.ts";
import type { Readable } from "./readable.ts";
import { applicationsOf } from "./readable.ts";

/** Something that may occur only once, and its path. */
export interface Occurrence {
  readonly path: string;
  readonly value: unknown;
  readonly key: string;
}

/** An error for each occurrence after the first of the same key. */
export function duplicates(occurrences: readonly Occurrence[], rule: string, fix: string): SettingError[] {
  const first = new Map<string, string>();
  return occurrences.flatMap(({ path, value, key }) => {
    const earlier = first.get(key);
    if (earlier !== undefined) return [{ path, value, rule: `${rule}; the first is ${earlier}`, fix }];
    first.set(key, path);
    return [];
  });
}

/** Reads the raw lists, so that an error inside one repository does not hide that it appears twice. */
export function duplicateRepositories({ raw }: Readable): SettingError[] {
  return duplicates(
    listedRepositories(raw, "service"),
    "a repository is declared once in a stack, or once for each `service`, and names that differ only in case, '.', '_' and '-' make the same Kubernetes name",
    "remove one of the two",
  );
}

/** GitHub ignores the case of these names. Objects, webhooks and tokens are found by the name as it is written. */
export function differentSpellings(config: Readable): SettingError[] {
  const owners = entries(config.projects).map(([name, { owner }]) => ({
    path: joinPath("projects", [name, "owner"]),
    value: owner,
    key: owner.toLowerCase(),
  }));
  const clusterRepositories = applicationsOf(config).map(({ application: { repository }, project, at }) => ({
    path: at("repository"),
    value: repository,
    key: `${project.owner}/${repository}`.toLowerCase(),
  }));
  return [...owners, ...clusterRepositories].flatMap((one, _, all) => {
    const earlier = all.find(({ key }) => key === one.key);
    if (earlier === undefined || earlier.value === one.value) return [];
    const { path, value } = one;
    const rule = `a name at GitHub is written in one way in a stack; the first is ${earlier.value}, at ${earlier.path}`;
    return [{ path, value, rule, fix: `write ${earlier.value}` }];
  });
}

/** A repository's webhooks and filters belong to one project. */
export function sharedRepositories({ raw }: Readable): SettingError[] {
  const firsts = new Map<string, { path: string; project: string }>();
  return listedRepositories(raw, "name").flatMap(({ path, value, key, project }) => {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, { path, project });
    if (first === undefined || first.project === project) return [];
    return [
      {
        path,
        value,
        rule: `all services of a repository belong to one project; the first is ${first.path}`,
        fix: "declare it there",
      },
    ];
  });
}

/** @param by what distinguishes them: the name, or the service, which is the name by default */
function listedRepositories(
  raw: Readable["raw"],
  by: "name" | "service",
): (Occurrence & { readonly project: string })[] {
  return entries(raw["projects"]).flatMap(([project, value]) =>
    list(value, "repositories").flatMap((one, index) => {
      const read = (key: string): unknown => (typeof one === "string" ? one : Reflect.get(Object(one), key));
      const text = read(by) ?? read("name");
      const parsed = typeof text === "string" ? parseName(repositoryName, text) : undefined;
      if (parsed === undefined) return [];
      const path = joinPath("projects", [project, "repositories", index]);
      return [{ project, path, value: text, key: objectName(parsed) }];
    }),
  );
}

export function duplicateApplications(config: Readable): SettingError[] {
  const occurrences = applicationsOf(config).map(({ application: { name }, at }) => ({
    path: at(),
    value: name,
    key: name,
  }));
  return duplicates(
    occurrences,
    "an application's name may occur only once in a stack",
    "rename one of the two",
  );
}

/** The endpoints of deliveries: those of projects, and that of the GitHub App. */
export function listenersOf({ stack, projects }: Readable) {
  const checks = stack.github?.app?.checks;
  return [
    ...entries(projects).map(([name, { webhook }]) => ({
      ...webhook,
      name,
      at: (key: string) => joinPath("projects", [name, "webhook", key]),
    })),
    ...(checks === undefined
      ? []
      : [{ ...checks, name: appDeliveries, at: (key: string) => `github.app.checks.${key}` }]),
  ];
}

export function duplicateWebhooks(config: Readable): SettingError[] {
  const occurrences = listenersOf(config).map(({ url, at }) => {
    const { hostname, pathname } = new URL(url);
    return { path: at("url"), value: url, key: hostname + pathname };
  });
  return duplicates(
    occurrences,
    "each project needs its own webhook address",
    "change the path of one, e.g. append the project's name",
  );
}

/** Two names may have the same derived port by chance. */
export function duplicateEventPorts(config: Readable): SettingError[] {
  const occurrences = listenersOf(config).map(({ name, port, at }) => ({
    path: at("port"),
    value: port,
    key: (port ?? eventPort(name)).toString(),
  }));
  return duplicates(
    occurrences,
    "each project needs its own port of the EventSource, derived from its name or set here",
    "set this one to a port that no other project has, such as 11999",
  );
}

export function duplicateNodePorts(config: Readable): SettingError[] {
  const ofCharts = chartNodePorts(config.stack).map(({ path, port }) => ({ path, value: port }));
  const ofWebhooks = listenersOf(config).flatMap(({ nodePort, at }) =>
    nodePort === undefined ? [] : [{ path: at("nodePort"), value: nodePort }],
  );
  const occurrences = [...ofCharts, ...ofWebhooks].map((one) => ({ ...one, key: one.value.toString() }));
  return duplicates(
    occurrences,
    "a NodePort belongs to one Service",
    "choose another port for one of the two",
  );
}

export function duplicateNamespaces({ stack }: Readable): SettingError[] {
  if (stack.namespaces === undefined) return [];
  const occurrences = entries(stack.namespaces).map(([key, value]) => ({
    path: `namespaces.${key}`,
    value,
    key: value,
  }));
  return duplicates(
    occurrences,
    "each part needs its own namespace, since their pod security levels differ",
    "rename one of the two",
  );
}
