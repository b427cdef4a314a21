/** The path of a push through the objects of a stack, from the repository to the namespaces in which its image runs. */
import { posix } from "node:path";
import { followedTag, imageParts, tagOf } from "../../components/derived-names.ts";
import type { ProjectSettings, RepositorySettings } from "../../components/settings/resolve.ts";
import type { Settings } from "../../components/settings/settings.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import type { Application, Stack, Template } from "./stack.ts";
import { hookKey, readStack } from "./stack.ts";
import { levels } from "./steps.ts";

/** A stop on the way. */
export interface Stop {
  /** Unique on the way. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** The file of its object; undefined if the stack does not declare it. */
  readonly path: string | undefined;
  readonly details: readonly string[];
}

/** The stops in one place, in their order. */
export interface Place {
  readonly title: string;
  readonly stops: readonly Stop[];
}

export interface Way {
  readonly project: ProjectSettings;
  readonly repository: RepositorySettings;
  readonly places: readonly Place[];
  /** From stop to stop, by their ids. If no edges link the stops of a place, one to the first is one to all. */
  readonly edges: readonly (readonly [string, string])[];
  /** In which its build runs. */
  readonly namespace: string;
}

/** The stops whose names are the repository's own; it shares the others with its project. */
export const ownStops: readonly string[] = ["webhook", "template", "image"];

/** The ways of all repositories, in the order of the settings. */
export function ways(objects: readonly DeclaredObject[], settings: Settings): Way[] {
  const stack = readStack(objects);
  return settings.projects.flatMap((project) =>
    project.repositories.map((repository) => wayOf(repository, project, settings, stack)),
  );
}

function wayOf(
  repository: RepositorySettings,
  project: ProjectSettings,
  settings: Settings,
  stack: Stack,
): Way {
  const built = stack.templates.get(repository.object);
  const events = eventStops(project, stack);
  const delivered = deliveryStops(repository, stack);
  const namespace = built?.object.folder ?? settings.namespaces.builds;
  const before = ["webhook", ...events.map(({ id }) => id), "template", "image"];
  return {
    project,
    repository,
    namespace,
    places: [
      { title: `${project.owner} on GitHub`, stops: [webhookStop(repository, project, stack)] },
      { title: events[0]?.folder ?? settings.namespaces.events, stops: events },
      { title: namespace, stops: [templateStop(repository, built)] },
      { title: posix.dirname(withHost(repository.image)), stops: [imageStop(repository, project)] },
      ...delivered.places,
    ].filter(({ stops }) => stops.length > 0),
    edges: [...before.slice(1).map((to, index) => [before[index] ?? "", to] as const), ...delivered.edges],
  };
}

function webhookStop({ name }: RepositorySettings, project: ProjectSettings, stack: Stack): Stop {
  const { webhook: configuration } = project;
  const at = configuration.organization ? {} : { repository: name };
  const hook = stack.webhooks.get(hookKey({ ...at, configuration }));
  return { id: "webhook", kind: "Webhook", name, path: hook?.path, details: [] };
}

function eventStops({ name, branch }: ProjectSettings, stack: Stack) {
  const from = stack.sources.find(({ data }) => name in data.spec.github)?.object;
  const by = stack.sensors.find(({ data }) =>
    data.spec.dependencies.some((one) => one.eventSourceName === from?.name && one.eventName === name),
  )?.object;
  const found = [
    ["source", from, `event ${name}`],
    ["bus", stack.bus, ""],
    ["sensor", by, `pushes to ${branch}`],
  ] as const;
  return found.flatMap(([id, object, detail]) =>
    object === undefined ? [] : [{ ...stop(id, object, detail), folder: object.folder }],
  );
}

function templateStop({ object }: RepositorySettings, found: Template | undefined): Stop {
  const { templates, entrypoint, onExit } = found?.data.spec ?? { templates: [], entrypoint: "" };
  const tasks = templates.find(({ name }) => name === entrypoint)?.dag?.tasks ?? [];
  const steps = levels(tasks).map((names, index) => `${(index + 1).toString()}. ${names.join(", ")}`);
  const details = onExit === undefined ? steps : [...steps, `exit handler: ${onExit}`];
  return { id: "template", kind: "WorkflowTemplate", name: object, path: found?.object.path, details };
}

/** Adds the host, which the names of images at Docker Hub omit. */
function withHost(image: string): string {
  const { host, path } = imageParts(image);
  return `${host}/${path}`;
}

function imageStop({ image, tags, pin }: RepositorySettings, { branch }: ProjectSettings): Stop {
  const details = [tags.commit, ...tags.moving].map((tag) => tagOf(tag, branch, "{sha7}"));
  const held = pin === undefined ? [] : [`pinned to ${followedTag(tags, branch, pin)}`];
  return {
    id: "image",
    kind: "Image",
    name: posix.basename(image),
    path: undefined,
    details: [...details, ...held],
  };
}

type Delivered = Pick<Way, "places" | "edges">;

/** The applications that follow the image, and where they run. */
function deliveryStops({ image }: RepositorySettings, stack: Stack): Delivered {
  const follows = stack.updaters.flatMap(({ object, data }) => {
    const refs = data.spec.applicationRefs.filter(({ images }) =>
      images.some(({ imageName }) => imageName.startsWith(`${image}:`)),
    );
    return refs.map(({ namePattern }) => ({ object, application: stack.applications.get(namePattern) }));
  });
  const applications = follows.flatMap(({ application }) => (application === undefined ? [] : [application]));
  const [by] = follows;
  const [only] = applications;
  if (by === undefined || only === undefined) return { places: [], edges: [] };
  const updater = stop("updater", by.object, "");
  return applications.length === 1 ? toOne(updater, only, stack) : toSeveral(updater, applications);
}

function toOne(updater: Stop, { object, data }: Application, stack: Stack): Delivered {
  const target = targetStop(data.spec.destination.namespace, stack);
  const application = stop("application", object, "");
  return {
    places: [
      { title: object.folder, stops: [updater, application] },
      { title: "Runs in", stops: [target] },
    ],
    edges: [
      ["image", updater.id],
      [updater.id, application.id],
      [application.id, target.id],
    ],
  };
}

/** Each application shows its namespace, so one edge to all of them suffices. */
function toSeveral(updater: Stop, applications: readonly Application[]): Delivered {
  const title = applications[0]?.object.folder ?? "";
  const stops = applications.map(({ object, data }, index) =>
    stop(`application-${index.toString()}`, object, `in ${data.spec.destination.namespace}`),
  );
  return {
    places: [
      { title, stops: [updater] },
      { title, stops },
    ],
    edges: [
      ["image", updater.id],
      [updater.id, stops[0]?.id ?? ""],
    ],
  };
}

function targetStop(name: string, { objects }: Stack): Stop {
  const { path } = objects.get(`_cluster/Namespace-${name}.yaml`) ?? { path: undefined };
  return { id: "target", kind: "Namespace", name, path, details: [] };
}

function stop(id: string, { kind, name, path }: DeclaredObject, detail: string): Stop {
  return { id, kind, name, path, details: detail === "" ? [] : [detail] };
}
