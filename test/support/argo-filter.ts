/** Decides like Argo Events (`pkg/sensors/dependencies/filter.go`) whether an event passes a dependency's filters. */
import type { DataFilter, SensorDependency } from "../../components/kinds/events.ts";

/** The event that the EventSource creates from a delivery. */
export function eventOf(event: string, id: string, payload: object) {
  return {
    headers: { "X-Hub-Signature-256": [`sha256=${"0".repeat(64)}`] },
    body: { ...payload, "X-GitHub-Event": event, "X-GitHub-Delivery": id },
  };
}

export function passes({ filters }: SensorDependency, event: object): boolean {
  return filters.data.every((one) => isMet(one, event));
}

/** One matching value is enough. A path that does not exist never matches, whatever the comparator. */
function isMet({ path, type, value, comparator }: DataFilter, event: object): boolean {
  const found = resultAt(event, path);
  if (found === undefined) return false;
  if (type === "bool") return value.includes(String(found === true));
  const text = typeof found === "string" ? found : found === null ? "" : goJson(found);
  return value.some((one) => expression(one).test(text) !== (comparator === "!="));
}

/** Go escapes the special characters of HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/** A leading `(?i)` of Go is a flag of JavaScript. */
function expression(text: string): RegExp {
  const withoutCase = text.replace(/^\(\?i\)/, "");
  return new RegExp(withoutCase, withoutCase === text ? "" : "i");
}

/** A path of gjson: keys, and several paths in brackets, of which missing ones are left out. */
function resultAt(root: unknown, path: string): unknown {
  const [, before = "", several] = /^([^[]*)(?:\[(.*)\])?$/.exec(path) ?? [];
  const found = valueAt(root, before.split(".").filter(Boolean));
  if (several === undefined || found === undefined) return found;
  return several
    .split(",")
    .map((one) => resultAt(found, one))
    .filter((one) => one !== undefined);
}

/** A `#` at the end is the length of a list; with keys after it, the list of their values in each item. */
function valueAt(root: unknown, keys: readonly string[]): unknown {
  const [key, ...more] = keys;
  if (key === undefined) return root;
  if (typeof root !== "object" || root === null) return undefined;
  if (key !== "#" || !Array.isArray(root)) return valueAt(Reflect.get(root, key), more);
  if (more.length === 0) return root.length;
  return root.map((one) => valueAt(one, more)).filter((one) => one !== undefined);
}
