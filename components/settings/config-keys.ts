/** The keys of Pulumi's configuration: the program's own begin with the project's name and a colon. */

/** A key of the program as it is in a stack file. */
export function fullKey(project: string, key: string): string {
  return `${project}:${key}`;
}

export function isOwnKey(project: string, key: string): boolean {
  return key.startsWith(fullKey(project, ""));
}

/** A key of the program without its prefix; any other key unchanged. */
export function shortKey(project: string, key: string): string {
  return isOwnKey(project, key) ? key.slice(fullKey(project, "").length) : key;
}

/** The program's own keys, without their prefix. */
export function ownKeys<Value>(
  project: string,
  config: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const own = Object.entries(config).filter(([key]) => isOwnKey(project, key));
  return Object.fromEntries(own.map(([key, value]) => [shortKey(project, key), value]));
}

/** The program's own keys, with their prefix. */
export function prefixed<Value>(
  project: string,
  keys: Readonly<Record<string, Value>>,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [fullKey(project, key), value]));
}

/** A configuration as the engine passes it: text unchanged, everything else as JSON. */
export function engineConfig(config: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
