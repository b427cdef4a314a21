/** Iterates over objects of a known type, and over the raw configuration. */

export function entries<Shape extends object>(
  object: Shape,
): { [Key in keyof Shape & string]: [Key, Shape[Key]] }[keyof Shape & string][];
export function entries<Value>(object: Readonly<Record<string, Value>>): [string, Value][];
export function entries(object: unknown): [string, unknown][];
export function entries(object: unknown): [string, unknown][] {
  return typeof object === "object" && object !== null ? Object.entries<unknown>({ ...object }) : [];
}

export function list(object: unknown, key: string): unknown[] {
  const value: unknown = Reflect.get(Object(object), key);
  return Array.isArray(value) ? value : [];
}
