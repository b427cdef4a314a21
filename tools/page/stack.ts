/** The objects that a push passes, by the keys that link them. */
import { z } from "zod";
import type { DeclaredObject } from "../declared/objects.ts";
import { webhookKinds } from "../declared/objects.ts";
import type { Found } from "./objects.ts";
import { objectsLike } from "./objects.ts";

/** The webhook of an organization has no repository. */
const webhook = z.object({
  repository: z.string().optional(),
  configuration: z.object({ url: z.string() }),
});
const source = z.object({ spec: z.object({ github: z.record(z.string(), z.unknown()) }) });
const sensor = z.object({
  spec: z.object({ dependencies: z.array(z.object({ eventSourceName: z.string(), eventName: z.string() })) }),
});
const template = z.object({
  spec: z.object({
    onExit: z.string().optional(),
    entrypoint: z.string(),
    templates: z.array(
      z.object({
        name: z.string(),
        dag: z
          .object({ tasks: z.array(z.object({ name: z.string(), depends: z.string().default("") })) })
          .optional(),
      }),
    ),
  }),
});
const updater = z.object({
  spec: z.object({
    applicationRefs: z.array(
      z.object({ namePattern: z.string(), images: z.array(z.object({ imageName: z.string() })) }),
    ),
  }),
});
const application = z.object({ spec: z.object({ destination: z.object({ namespace: z.string() }) }) });

export type Stack = ReturnType<typeof readStack>;
export type Application = Found<z.output<typeof application>>;
export type Template = Found<z.output<typeof template>>;

/** Reads each kind once, whatever the number of repositories. */
export function readStack(objects: readonly DeclaredObject[]) {
  const templates = objectsLike(objects, "WorkflowTemplate", template);
  return {
    objects: new Map(objects.map((one) => [one.path, one])),
    bus: objects.find(({ kind }) => kind === "EventBus"),
    webhooks: new Map(
      webhookKinds
        .flatMap((kind) => objectsLike(objects, kind, webhook))
        .map((one) => [hookKey(one.data), one.object]),
    ),
    sources: objectsLike(objects, "EventSource", source),
    sensors: objectsLike(objects, "Sensor", sensor),
    templates: new Map(templates.map((one) => [one.object.name, one])),
    updaters: objectsLike(objects, "ImageUpdater", updater),
    applications: new Map(
      objectsLike(objects, "Application", application).map((one) => [one.object.name, one]),
    ),
  };
}

/** A repository or an organization has one webhook for each URL. */
export function hookKey({ repository = "", configuration: { url } }: z.output<typeof webhook>): string {
  return `${repository} ${url}`;
}
