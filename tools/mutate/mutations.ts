/** All single changes of a tree of plain values. */
import * as pulumi from "@pulumi/pulumi";

export interface Mutation {
  /** Where the change is, and what it is. */
  readonly title: string;
  /** The tree before and after, both reduced to the path to the change. */
  readonly before: object;
  readonly after: object;
}

type Tree = Readonly<Record<string, unknown>>;
type Steps = readonly string[];

/**
 * @param keep top-level keys that are kept in the reduced trees
 * @param others placeholders of secrets that replace those of the tree
 */
export function* mutations(root: Tree, keep: Steps, others: Steps): Generator<Mutation> {
  for (const [steps, container] of containers(root, [])) {
    for (const [title, changed] of changes(container, others)) {
      yield {
        title: `${steps.join(".")}${steps.length === 0 ? "" : ": "}${title}`,
        before: reduced(root, steps, container, keep),
        after: reduced(root, steps, changed, keep),
      };
    }
  }
}

/** Every object and list, with its path. */
function* containers(value: unknown, steps: Steps): Generator<[Steps, object]> {
  if (typeof value !== "object" || value === null) return;
  yield [steps, value];
  for (const [key, child] of Object.entries(value)) yield* containers(child, [...steps, key]);
}

function* changes(container: object, others: Steps): Generator<[string, unknown]> {
  if (pulumi.runtime.isRpcSecret(container)) {
    const value: unknown = pulumi.runtime.unwrapRpcSecret(container);
    yield ["no longer secret", value];
    for (const [title, changed] of scalarChanges(value, others)) {
      yield [title, { ...container, value: changed }];
    }
    return;
  }
  yield* Array.isArray(container) ? listChanges(container, others) : objectChanges(container, others);
}

function* objectChanges(container: object, others: Steps): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(container)) {
    yield [`no ${key}`, Object.fromEntries(Object.entries(container).filter(([one]) => one !== key))];
    for (const [title, changed] of scalarChanges(value, others)) {
      yield [`${key} ${title}`, { ...container, [key]: changed }];
    }
  }
}

function* listChanges(list: readonly unknown[], others: Steps): Generator<[string, unknown]> {
  for (const [index, value] of list.entries()) {
    yield [`no [${index.toString()}]`, list.toSpliced(index, 1)];
    for (const [title, changed] of scalarChanges(value, others)) {
      yield [`[${index.toString()}] ${title}`, list.with(index, changed)];
    }
    const next = list[index + 1];
    if (index + 1 < list.length && JSON.stringify(next) !== JSON.stringify(value)) {
      yield [`[${index.toString()}] and the next swapped`, list.with(index, next).with(index + 1, value)];
    }
  }
}

function* scalarChanges(value: unknown, others: Steps): Generator<[string, unknown]> {
  if (typeof value === "string") {
    yield ["with another letter", `${value}x`];
    if (/^([0-9]+|true|false)$/.test(value)) yield ["no longer a string", JSON.parse(value)];
    const own = others.find((one) => value.includes(one));
    const other = others.find((one) => one !== own);
    if (own !== undefined && other !== undefined) yield [`as ${other}`, value.replaceAll(own, other)];
  }
  if (typeof value === "number") yield ["one more", value + 1];
  if (typeof value === "boolean") yield ["the opposite", !value];
  if (typeof value === "number" || typeof value === "boolean") yield ["as a string", String(value)];
}

/** Reduces the tree to the path, so that a large object is rendered as fast as a small one. */
function reduced(root: Tree, [step, ...rest]: Steps, end: unknown, keep: Steps): object {
  if (step === undefined) return Object(end) as object;
  const kept = Object.entries(root).filter(([key]) => key !== step && keep.includes(key));
  return { ...Object.fromEntries(kept), [step]: narrowed(root[step], rest, end) };
}

function narrowed(value: unknown, [step, ...rest]: Steps, end: unknown): unknown {
  if (step === undefined) return end;
  const child = narrowed(Reflect.get(Object(value), step), rest, end);
  if (Array.isArray(value)) return [child];
  return pulumi.runtime.isRpcSecret(value) ? { ...Object(value), value: child } : { [step]: child };
}
