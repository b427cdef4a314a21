/** Reads objects of which nothing is known: what is not there, or is of another kind, is empty. */

export type Fields = Readonly<Record<string, unknown>>;

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, key) => (isFields(inner) ? inner[key] : undefined), value);
}

export function fields(value: unknown, ...path: readonly string[]): Fields {
  const found = at(value, ...path);
  return isFields(found) ? found : {};
}

export function items(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found: unknown = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function text(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" || typeof found === "number" ? found.toString() : "";
}

export function texts(value: unknown, ...path: readonly string[]): string[] {
  return items(value, ...path).map((one) => text(one));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
