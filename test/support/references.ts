/** The references of declared objects: to other objects, and to their keys. */

type Fields = Readonly<Record<string, unknown>>;

/** Declared objects by the path of their files. */
export type Objects = ReadonlyMap<string, Fields>;

export interface Reference {
  readonly namespace: string;
  /** `Kind-name`. */
  readonly to: string;
  /** A key that it must have. */
  readonly key?: string;
}

/** References to missing objects and keys. */
export function missingReferences(objects: Objects): string[] {
  const missing = [...objects].flatMap(([path, object]) =>
    referencesOf(path, object).flatMap(({ namespace, to, key }) => {
      const target = `${namespace}/${to}.yaml`;
      const found = objects.get(target);
      if (found === undefined) return [`${path} -> ${target}`];
      return key === undefined || keysOf(found).includes(key) ? [] : [`${path} -> ${target} key ${key}`];
    }),
  );
  return [...new Set(missing)];
}

/** @param path of the object: a folder for its namespace, `_releases` for a chart's release */
export function referencesOf(path: string, object: Fields): Reference[] {
  const folder = path.split("/")[0] ?? "";
  const own = folder === "_releases" ? text(object["namespace"]) : folder;
  return found(object, own, text(object["kind"]));
}

/** The keys of a Secret or ConfigMap, the events of an EventSource, the ports of a Service. */
function keysOf(object: Fields): string[] {
  const spec = fields(object["spec"]);
  const ports = Array.isArray(spec["ports"]) ? spec["ports"].map((one) => text(fields(one)["port"])) : [];
  return [object["data"], object["stringData"], spec["github"]]
    .flatMap((one) => Object.keys(fields(one)))
    .concat(ports);
}

function found(value: unknown, namespace: string, kind: string): Reference[] {
  if (typeof value === "string") return inText(value, namespace, kind);
  if (typeof value !== "object" || value === null) return [];
  // The ConfigMap of a semaphore is in the namespace that it names.
  const place = "configMapKeyRef" in value && "namespace" in value ? text(value.namespace) : namespace;
  const here = Object.entries(value).flatMap(([key, child]) => byKey(key, child, place, kind));
  return [...here, ...Object.values(value).flatMap((child) => found(child, namespace, kind))];
}

/** References by the name of a field. */
function byKey(key: string, child: unknown, namespace: string, kind: string): Reference[] {
  const one = fields(child);
  const named = (of: string, field = "name") => ({ namespace, to: `${of}-${text(one[field])}` });
  const keyed = (of: string, field?: string) => ({ ...named(of, field), key: text(one["key"]) });
  const items = (of: string, field: string) => {
    const all = Array.isArray(one["items"]) ? one["items"] : [];
    return [
      named(of, field),
      ...all.map((item) => ({ ...named(of, field), key: text(fields(item)["key"]) })),
    ];
  };
  switch (key) {
    case "serviceAccountName":
      return [{ namespace, to: `ServiceAccount-${text(child)}` }];
    case "imagePullSecrets":
      return (child as Fields[]).map(({ name }) => ({ namespace, to: `Secret-${text(name)}` }));
    case "secretKeyRef":
    case "webhookSecret":
    case "clientId":
    case "clientSecret":
      return [keyed("Secret")];
    case "configMapKeyRef":
      return [keyed("ConfigMap")];
    case "artifactRepositoryRef":
      return [keyed("ConfigMap", "configMap")];
    case "secret":
      return "secretName" in one ? items("Secret", "secretName") : [];
    case "configMap":
      return typeof child === "object" ? items("ConfigMap", "name") : [];
    case "kubernetes.io/service-account.name":
      return [{ namespace, to: `ServiceAccount-${text(child)}` }];
    case "roleRef":
      return [named(text(one["kind"]))];
    case "subjects":
      return (child as Fields[]).map((subject) => ({
        namespace: text(subject["namespace"]),
        to: `${text(subject["kind"])}-${text(subject["name"])}`,
      }));
    case "backend":
      return "service" in one ? servicePort(fields(one["service"]), namespace) : [];
    case "workflowTemplateRef":
      return kind === "CronWorkflow"
        ? [{ namespace, to: `WorkflowTemplate-${text(fields(child)["name"])}` }]
        : [];
    case "project":
      return kind === "Application" ? [{ namespace, to: `AppProject-${text(child)}` }] : [];
    case "namePattern":
      return [{ namespace, to: `Application-${text(child)}` }];
    case "dependencies":
      return (child as Fields[]).map(({ eventSourceName, eventName }) => ({
        namespace,
        to: `EventSource-${text(eventSourceName)}`,
        key: text(eventName),
      }));
    case "triggers":
      return kind === "Sensor" ? (child as unknown[]).flatMap(startedTemplate) : [];
    default:
      return [];
  }
}

/** The lists of a pod whose items have a name of their own, by that name's field. */
const distinct: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  sidecars: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  env: "name",
};

/** Items of such lists that repeat a name: the API server refuses some, and silently takes the last of others. */
export function repeatedNames(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const field = distinct[key];
    const names =
      field === undefined || !Array.isArray(child) ? [] : child.map((one) => text(fields(one)[field]));
    const repeated = names.filter((name, index) => names.indexOf(name) !== index);
    return [...repeated.map((name) => `${key} ${name}`), ...repeatedNames(child)];
  });
}

function servicePort({ name, port }: Fields, namespace: string): Reference[] {
  return [{ namespace, to: `Service-${text(name)}`, key: text(fields(port)["number"]) }];
}

/** The template of a trigger that names it itself, instead of taking the name of the pushed repository. */
function startedTemplate(trigger: unknown): Reference[] {
  const whole = JSON.stringify(trigger);
  const [, name] = /\{\{ \\"([a-z0-9-]+)\\" \}\}/.exec(whole) ?? [];
  const [, namespace = ""] = /"namespace":"([^"]+)"/.exec(whole) ?? [];
  return name === undefined ? [] : [{ namespace, to: `WorkflowTemplate-${name}` }];
}

/** References in a text: in a ConfigMap's JSON, and in the notations of Argo CD and of the Image Updater. */
function inText(value: string, namespace: string, kind: string): Reference[] {
  const pulled = /^pullsecret:([^/]+)\/(.+)$/.exec(value);
  if (pulled !== null) return [{ namespace: pulled[1] ?? "", to: `Secret-${pulled[2] ?? ""}` }];
  const key = /^\$([a-z][a-z0-9-]*):(\w+)$/.exec(value);
  if (key !== null) return [{ namespace, to: `Secret-${key[1] ?? ""}`, key: key[2] ?? "" }];
  if (kind !== "ConfigMap" || !value.startsWith("{")) return [];
  return [...value.matchAll(/(?:Key|ca)Secret": \{\s*"name": "([^"]+)",\s*"key": "([^"]+)"/g)].map(
    ([, name, one]) => ({
      namespace,
      to: `Secret-${name ?? ""}`,
      key: one ?? "",
    }),
  );
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? value.toString() : "";
}
