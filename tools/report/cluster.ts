/** Queries the cluster with kubectl and the login of a kubeconfig context. */
import type { ExecFileException } from "node:child_process";
import { execFile } from "node:child_process";
import { shown } from "../../components/watch/objects.ts";
import { UserError } from "../offline/user-error.ts";
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
    if (Array.isArray(items)) return items as Item[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(`kubectl did not print a list of objects for the context ${context}.`);
}

function kubectl(context: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((done, fail) => {
    const child = execFile("kubectl", args, { maxBuffer: 2 ** 30, timeout }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new UserError(errorText(error, context, stderr)));
    });
    // kubectl asks for a user name if the kubeconfig has no login.
    child.stdin?.end();
  });
}

/** The code is a word if the command could not be started, and a number if it exited. */
function errorText({ code, message, killed }: ExecFileException, context: string, stderr: string): string {
  if (typeof code === "string") return `kubectl cannot be started: ${message}`;
  if (killed === true)
    return `The cluster of the context ${context} does not answer: kubectl timed out, perhaps waiting for a login.`;
  return `The cluster of the context ${context} does not answer: ${shown(stderr.trim().split("\n").at(-1) ?? "")}`;
}
