/** Orders the steps of a WorkflowTemplate by when they may start. */

interface Task {
  readonly name: string;
  /** Argo's expression: names of other tasks, some with a state, and operators. */
  readonly depends: string;
}

/** The steps that start at once, then those that wait for them, and so on. */
export function levels(tasks: readonly Task[]): string[][] {
  const depths = new Map<string, number>();
  for (const { name, depends } of tasks) {
    const awaited = [...depends.matchAll(/[\w-]+/g)].map(([word]) => depths.get(word) ?? -1);
    depths.set(name, Math.max(-1, ...awaited) + 1);
  }
  const last = Math.max(-1, ...depths.values());
  return Array.from({ length: last + 1 }, (_, depth) =>
    [...depths].filter(([, one]) => one === depth).map(([name]) => name),
  );
}
