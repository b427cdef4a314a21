/** Deliveries as GitHub sends them, and what a Sensor starts for them. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { WebhookDefinition } from "@octokit/webhooks-examples";
import { triggerArgs } from "../../components/trigger/args.ts";
import type { SensorSpec } from "../../components/kinds/events.ts";
import { sensor } from "../../components/trigger/sensor.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import { settingsOf } from "../../components/settings/settings.ts";
import { eventOf, passes } from "./argo-filter.ts";
import type { Config } from "./declare.ts";
import { smallConfig, smallProject } from "./declare.ts";
import { label } from "./builders.ts";

// The package is a single JSON file, which its types do not state.
const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as WebhookDefinition[];

/** A payload that GitHub has sent, with a test's changes. */
export function payload(event: string, action: string | undefined, changes: Config = {}): object {
  const examples: readonly unknown[] = definitions.find(({ name }) => name === event)?.examples ?? [];
  const found = examples.find((one) => Reflect.get(Object(one), "action") === action);
  assert.ok(found !== undefined, `${event} ${action ?? ""}`);
  return merged(found, changes) as object;
}

export function merged(value: unknown, changes: unknown): unknown {
  if (typeof changes !== "object" || changes === null || Array.isArray(changes)) return changes;
  const own = Object(value) as Config;
  return Object.fromEntries(
    [...new Set([...Object.keys(own), ...Object.keys(changes)])].map((key) => [
      key,
      key in changes ? merged(own[key], Reflect.get(changes, key)) : own[key],
    ]),
  );
}

const id = "72D3162E-cc78-11e3-81ab-4c9367dc0958";
export const repository = { full_name: "Acme/web", name: "web" };
export const named = "0123456789abcdef0123456789abcdef01234567";

/** @param own other keys of the project */
export function project(
  repositories: readonly unknown[],
  builds: Config = {},
  config: Config = {},
  own: Config = {},
) {
  const shop = { ...smallProject(), owner: "acme", repositories, ...own };
  const { settings, errors } = parseConfig(smallConfig({ builds, projects: { shop }, ...config }));
  assert.deepEqual(errors, []);
  assert.ok(settings !== undefined);
  const [one] = triggerArgs(settingsOf(settings, "test")).projects;
  assert.ok(one !== undefined);
  return one;
}

export function specOf(
  repositories: readonly unknown[],
  builds: Config = {},
  config: Config = {},
  own: Config = {},
): SensorSpec {
  const account = { serviceAccount: label("sensor"), replicas: 1, eventSource: label("github") };
  return sensor({ ...project(repositories, builds, config, own), ...account, event: label("shop") });
}

/** The names of the dependencies that the event passes. */
export function started(spec: SensorSpec, event: string, body: object, delivery = id): string[] {
  return spec.dependencies
    .filter((one) => passes(one, eventOf(event, delivery, body)))
    .map(({ name }) => name);
}

/** The parameters of a trigger's Workflow, and what its name is made of. */
export function filledIn(spec: SensorSpec, name: string) {
  const { k8s } = spec.triggers.find(({ template }) => template.name === name)?.template ?? {};
  assert.ok(k8s !== undefined, name);
  const { parameters } = k8s.source.resource.spec.arguments;
  const values = k8s.parameters.slice(2).map(({ src }) => src.dataTemplate);
  return {
    named: /printf "%s-%s-%s" \$name \((.*)\) \(index/.exec(k8s.parameters[0]?.src.dataTemplate ?? "")?.[1],
    given: Object.fromEntries(parameters.map((one, index) => [one.name, values[index]])),
  };
}
