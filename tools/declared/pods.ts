/** The pods that declared objects create, for objects of all kinds. */
import type { Fields } from "./fields.ts";
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text } from "./fields.ts";
import type { DeclaredObject } from "./objects.ts";

export interface Pod {
  readonly object: DeclaredObject;
  /** Its place in the object: `template build`; "" if the object has only one kind of pod. */
  readonly at: string;
  /** The fields of a PodSpec that the object sets. */
  readonly spec: Fields;
  readonly containers: readonly Container[];
}

export interface Container {
  /** `container`, `tip`: its name, or the field that holds it. */
  readonly name: string;
  readonly content: Fields;
}

/** A cache, because every policy reads the pods. */
const podCache = new WeakMap<DeclaredObject, readonly Pod[]>();

/** Every pod, including pods of objects that are embedded in other objects. */
export function podsOf(object: DeclaredObject): readonly Pod[] {
  const found = podCache.get(object) ?? readPods(object);
  podCache.set(object, found);
  return found;
}

function readPods(object: DeclaredObject): Pod[] {
  const { kind, content } = object;
  return podsOfKind(kind, fields(content, "spec")).map((pod) => ({ object, ...pod }));
}

type PodOfKind = Omit<Pod, "object">;

function podsOfKind(kind: string, spec: Fields): PodOfKind[] {
  switch (kind) {
    case "Workflow":
    case "WorkflowTemplate":
    case "ClusterWorkflowTemplate":
      return podsOfWorkflow(spec);
    case "CronWorkflow":
      return podsOfWorkflow(fields(spec, "workflowSpec"));
    case "Sensor":
      return [podOfEvents(spec), ...startedPods(spec)];
    case "EventSource":
      return [podOfEvents(spec)];
    case "EventBus":
      return podOfBus(spec);
    case "Pod":
      return [podOf(spec)];
    case "CronJob":
      return [podOf(fields(spec, "jobTemplate", "spec", "template", "spec"))];
    default:
      return at(spec, "template", "spec") === undefined ? [] : [podOf(fields(spec, "template", "spec"))];
  }
}

const lists = ["initContainers", "containers", "sidecars", "ephemeralContainers"];

function podOf(spec: Fields): PodOfKind {
  return { at: "", spec, containers: lists.flatMap((key) => listed(spec, key)) };
}

function listed(spec: Fields, ...path: readonly string[]): Container[] {
  return listAt(spec, ...path).map((one) => ({ name: text(one, "name"), content: fields(one) }));
}

function single(spec: Fields, ...keys: readonly string[]): Container[] {
  return keys.flatMap((name) =>
    at(spec, name) === undefined ? [] : [{ name, content: fields(spec, name) }],
  );
}

/** A template overrides what the Workflow sets for all its pods, except for volumes, which add up. */
function podsOfWorkflow(spec: Fields): PodOfKind[] {
  return listAt(spec, "templates").flatMap((one) => {
    const template = fields(one);
    const containers = [
      ...listed(template, "initContainers"),
      ...single(template, "container", "script"),
      ...listed(template, "containerSet", "containers"),
      ...listed(template, "sidecars"),
    ];
    if (containers.length === 0) return [];
    const patch = { ...readPatch(spec["podSpecPatch"]), ...readPatch(template["podSpecPatch"]) };
    const volumes = [...listAt(spec, "volumes"), ...listAt(template, "volumes")];
    return [
      {
        at: `template ${text(template, "name")}`,
        spec: { ...spec, ...template, volumes, ...patch },
        containers,
      },
    ];
  });
}

/** @returns the fields of a patch; empty if it is not JSON, or only becomes JSON when Argo substitutes values */
export function readPatch(patch: unknown): Fields {
  if (typeof patch !== "string" || patch.includes("{{")) return {};
  try {
    return fields(JSON.parse(patch));
  } catch {
    return {};
  }
}

function podOfEvents(spec: Fields): PodOfKind {
  const template = fields(spec, "template");
  return { at: "template", spec: template, containers: single(template, "container") };
}

/** A Sensor contains the objects that it creates. */
function startedPods(spec: Fields): PodOfKind[] {
  return listAt(spec, "triggers").flatMap((trigger) =>
    ["k8s", "argoWorkflow"].flatMap((by) => {
      const resource = fields(trigger, "template", by, "source", "resource");
      const inside = podsOfKind(text(resource, "kind"), fields(resource, "spec"));
      return inside.map((pod) => ({ ...pod, at: `trigger ${text(trigger, "template", "name")} ${pod.at}` }));
    }),
  );
}

const ofBus = ["containerTemplate", "reloaderContainerTemplate", "metricsContainerTemplate"];

function podOfBus(spec: Fields): PodOfKind[] {
  return [fields(spec, "jetstream"), fields(spec, "nats", "native")]
    .filter((bus) => Object.keys(bus).length > 0)
    .map((bus) => ({ at: "", spec: bus, containers: single(bus, ...ofBus) }));
}
