/** Leaves alone what `.describe()` says of a key: text for docs/configuration.md, which the check of the docs holds up. */

/** As much of Babel's path as is read here. */
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
      shouldIgnore: (path: Path) => (isDescription(path) ? "it is text for people" : undefined),
    },
  },
];
