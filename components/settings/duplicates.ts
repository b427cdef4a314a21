/** Rules against the same thing declared twice. */
import { objectName, parseName, repositoryName } from "../names.ts";
import type { DnsLabel } from "../names.ts";
import { entries, list } from "./entries.ts";
import type { Fault } from "./faults.ts";
import { joinPath } from "./faults.ts";
import type { Readable } from "./parse.ts";

/** Something that may stand only once, and where it stands. */
export interface Occurrence {
  readonly path: string;
  readonly value: unknown;
  readonly key: string;
}

/** A fault for each occurrence after the first of the same key. */
export function duplicates(occurrences: readonly Occurrence[], rule: string, fix: string): Fault[] {
  const first = new Map<string, string>();
  return occurrences.flatMap(({ path, value, key }) => {
    const earlier = first.get(key);
    if (earlier !== undefined) return [{ path, value, rule: `${rule}; the first is ${earlier}`, fix }];
    first.set(key, path);
    return [];
  });
}

/** Reads the raw lists, so that a fault inside one repository does not hide that it stands twice. */
export function duplicateRepositories({ raw }: Readable): Fault[] {
  const occurrences = entries(raw["projects"]).flatMap(([project, value]) =>
    list(value, "repositories").flatMap((one, index): Occurrence[] => {
      const text: unknown = typeof one === "string" ? one : Reflect.get(Object(one), "name");
      const parsed = typeof text === "string" ? parseName(repositoryName, text) : undefined;
      if (parsed === undefined) return [];
      return [{ path: at(project, "repositories", index), value: text, key: objectName(parsed) }];
    }),
  );
  return duplicates(
    occurrences,
    "a repository is declared once in a stack, and names that differ only in case, '.', '_' and '-' make the same Kubernetes name",
    "remove one of the two",
  );
}

export function duplicateApplications({ projects }: Readable): Fault[] {
  const occurrences = entries(projects).flatMap(([key, project]) =>
    project.applications.map(({ name }, index) => ({
      path: at(key, "applications", index),
      value: name,
      key: name,
    })),
  );
  return duplicates(occurrences, "an application's name stands once in a stack", "rename one of the two");
}

export function duplicateWebhooks({ projects }: Readable): Fault[] {
  const occurrences = entries(projects).map(([key, project]) => {
    const { hostname, pathname } = new URL(project.webhook.url);
    const path = joinPath("projects", [key, "webhook", "url"]);
    return { path, value: project.webhook.url, key: hostname + pathname };
  });
  return duplicates(
    occurrences,
    "each project has a webhook address of its own",
    "change the path of one, e.g. append the project's name",
  );
}

export function duplicateNodePorts({ stack, projects }: Readable): Fault[] {
  const ports: [string, number | undefined][] = [
    ["argocd.nodePort", stack.argocd?.nodePort],
    ["workflows.nodePort", stack.workflows?.nodePort],
    ["addons.registry.nodePort", stack.addons?.registry?.nodePort],
    ["addons.ingressController.nodePorts.http", stack.addons?.ingressController?.nodePorts?.http],
    ["addons.ingressController.nodePorts.https", stack.addons?.ingressController?.nodePorts?.https],
    ...entries(projects).map(([key, project]): [string, number | undefined] => [
      joinPath("projects", [key, "webhook", "nodePort"]),
      project.webhook.nodePort,
    ]),
  ];
  const occurrences = ports.flatMap(([path, value]) =>
    value === undefined ? [] : [{ path, value, key: value.toString() }],
  );
  return duplicates(occurrences, "a NodePort serves one thing", "choose another port for one of the two");
}

export function duplicateNamespaces({ stack }: Readable): Fault[] {
  const occurrences = entries(stack.namespaces ?? {}).map(([key, value]) => ({
    path: `namespaces.${key}`,
    value,
    key: value,
  }));
  return duplicates(
    occurrences,
    "each part has a namespace of its own, since their pod security differs",
    "rename one of the two",
  );
}

/** Secrets that would be the same object of Kubernetes. */
export function duplicateSecretNames({ stack, projects }: Readable): Fault[] {
  const { namespaces, registry } = stack;
  if (namespaces === undefined || registry === undefined) return [];
  const occurrences = entries(projects).flatMap(([key, project]) => {
    const buildSecret = { path: joinPath("projects", [key, "buildSecret"]), value: project.buildSecret };
    const secret = { path: joinPath("projects", [key, "secret", "name"]), value: project.secret?.name };
    const targets = new Set(project.applications.map((one) => one.namespace));
    return [
      { ...buildSecret, key: `${namespaces.builds}/${project.buildSecret ?? `${key}-build`}` },
      ...(project.secret === undefined ? [] : [...targets]).map((target) => ({
        ...secret,
        key: `${target}/${project.secret?.name ?? ""}`,
      })),
    ];
  });
  const login = entries(projects).flatMap(([, project]) => project.applications.map((one) => one.namespace));
  const logins = new Set<DnsLabel>([namespaces.builds, namespaces.delivery, ...login]);
  const pullSecrets = [...logins].map((target) => ({
    path: "registry.pullSecret",
    value: registry.pullSecret,
    key: `${target}/${registry.pullSecret}`,
  }));
  return duplicates(
    [...pullSecrets, ...occurrences],
    "two Secrets of one namespace cannot have the same name",
    "rename one of the two",
  );
}

function at(project: string, field: string, index: number): string {
  return joinPath("projects", [project, field, index]);
}
