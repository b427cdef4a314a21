/** Asks the cluster by kubectl, with the login of a context of the kubeconfig. */
import type { ExecFileException } from "node:child_process";
import { execFile } from "node:child_process";
import { shown } from "../../components/watch/objects.ts";
import { UserError } from "../offline/user-error.ts";
import type { Application } from "./applications.ts";
import type { Workflow } from "./builds.ts";
import { parseOutside } from "./outside.ts";

/** Each throws a UserError in one line where kubectl or the cluster does not answer. */
export interface Cluster {
  readonly workflows: (namespace: string) => Promise<Workflow[]>;
  readonly applications: (namespace: string) => Promise<Application[]>;
}

/** @param patience how long kubectl may take, in milliseconds: its own limit is for requests alone, and not for a login */
export function clusterOf(context: string, patience = 60_000): Cluster {
  const list = async <Item>(kind: string, namespace: string) => {
    const args = ["--context", context, "--namespace", namespace, "--request-timeout=20s", "get", kind];
    return itemsOf<Item>(await kubectl(context, [...args, "--output=json"], patience), context);
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
  throw new UserError(
    `The kubectl of the context ${context} answers with something else than a list of objects.`,
  );
}

function kubectl(context: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((done, fail) => {
    const child = execFile("kubectl", args, { maxBuffer: 2 ** 30, timeout }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new UserError(errorText(error, context, stderr)));
    });
    // It asks for a user name where the kubeconfig has no login.
    child.stdin?.end();
  });
}

/** Node names what keeps a command from running by a word; a command that has run ends with a number. */
function errorText({ code, message, killed }: ExecFileException, context: string, stderr: string): string {
  if (typeof code === "string") return `kubectl does not run: ${message}`;
  if (killed === true)
    return `The cluster of the context ${context} does not answer: kubectl waits, as for a login.`;
  return `The cluster of the context ${context} does not answer: ${shown(stderr.trim().split("\n").at(-1) ?? "")}`;
}
