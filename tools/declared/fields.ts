/** Reads objects of unknown shape: a field that is missing, or of another type, is empty. */
import { at, listAt } from "../../components/builds/programs/json.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, ...path: readonly string[]): Fields {
  const found = at(value, ...path);
  return isFields(found) ? found : {};
}

export function text(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" || typeof found === "number" ? found.toString() : "";
}

export function texts(value: unknown, ...path: readonly string[]): string[] {
  return listAt(value, ...path).map((one) => text(one));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
