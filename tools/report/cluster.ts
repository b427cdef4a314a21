/** Queries the cluster with kubectl and the login of a kubeconfig context. */
import { shown } from "../../components/watch/objects.ts";
import { UserError } from "../offline/user-error.ts";
import { run } from "../system/run.ts";
import type { Application } from "./applications.ts";
import type { Workflow } from "./builds.ts";
import { parseOutside } from "./outside.ts";

/** Each throws a UserError of one line if kubectl or the cluster does not answer. */
export interface Cluster {
  readonly workflows: (namespace: string) => Promise<Workflow[]>;
  readonly applications: (namespace: string) => Promise<Application[]>;
}

/** @param timeout of kubectl, in milliseconds: its own limit applies to requests but not to a login */
export function clusterOf(context: string, timeout = 60_000): Cluster {
  const list = async <Item>(kind: string, namespace: string) => {
    const args = ["--context", context, "--namespace", namespace, "--request-timeout=20s", "get", kind];
    return itemsOf<Item>(await kubectl(context, [...args, "--output=json"], timeout), context);
  };
  return {
    workflows: (namespace) => list<Workflow>("workflows.argoproj.io", namespace),
    applications: (namespace) => list<Application>("applications.argoproj.io", namespace),
  };
}

/** A wrapper in place of kubectl may print something else. */
function itemsOf<Item>(answer: string, context: string): Item[] {
  try {
    const items: unknown = Reflect.get(Object(parseOutside(answer)), "items");
    if (Array.isArray(items) && items.every(isObject)) return items as Item[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(`kubectl did not print a list of objects for the context ${context}.`);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function kubectl(context: string, args: readonly string[], timeout: number): Promise<string> {
  // Its standard input is empty, as kubectl asks for a user name if the kubeconfig has no login.
  const { stdout, stderr, status, failure } = await run("kubectl", args, { timeout });
  if (failure === undefined) return stdout;
  const ownWords = stderr.trim().split("\n").at(-1) ?? "";
  const hint = failure.startsWith("no answer") ? ", perhaps because kubectl waits for a login" : "";
  const because = status === undefined || ownWords === "" ? `${failure}${hint}` : ownWords;
  throw new UserError(`The cluster of the context ${context} does not answer: ${shown(because)}`);
}
