/** Skips arguments of `.describe()`: they are text for docs/configuration.md, which the check of the docs covers. */

/** The part of Babel's path that is read here. */
interface Path {
  readonly parentPath: { readonly node: { readonly type: string; readonly callee?: unknown } } | null;
  readonly listKey?: string;
}

function isDescription({ parentPath, listKey }: Path): boolean {
  const callee = parentPath?.node.callee as { property?: { name?: string } } | undefined;
  return listKey === "arguments" && callee?.property?.name === "describe";
}

export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "descriptions",
    value: {
      shouldIgnore: (path: Path) =>
        isDescription(path) ? "a description for docs/configuration.md" : undefined,
    },
  },
];
