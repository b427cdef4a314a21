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

export function clusterOf(context: string): Cluster {
  return {
    workflows: (namespace) => list<Workflow>(context, "workflows.argoproj.io", namespace),
    applications: (namespace) => list<Application>(context, "applications.argoproj.io", namespace),
  };
}

async function list<Item>(context: string, kind: string, namespace: string): Promise<Item[]> {
  const args = ["--context", context, "--namespace", namespace, "--request-timeout=20s", "get", kind];
  const answer = parseOutside(await kubectl(context, [...args, "--output=json"])) as { items: Item[] };
  return answer.items;
}

function kubectl(context: string, args: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    execFile("kubectl", args, { maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new UserError(errorText(error, context, stderr)));
    });
  });
}

/** Node names what keeps a command from running by a word; a command that has run ends with a number. */
function errorText({ code, message }: ExecFileException, context: string, stderr: string): string {
  if (typeof code === "string") return `kubectl does not run: ${message}`;
  return `The cluster of the context ${context} does not answer: ${shown(stderr.trim().split("\n").at(-1) ?? "")}`;
}
