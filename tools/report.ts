/**
 * Shows the last builds of a stack, the time of each step, and what is live now. Asks the cluster by kubectl.
 *
 * npm run report -- <stack> [--last N] [--context NAME] [--json]
 */
import { spawnSync } from "node:child_process";
import { command, readArguments } from "./command.ts";
import type { Declared } from "./offline/evaluate.ts";
import { evaluate } from "./offline/evaluate.ts";
import { projectName, stackFileOf, stacks } from "./offline/project.ts";
import { readStackFile, UserError } from "./offline/stack-file.ts";
import type { Application } from "./report/applications.ts";
import { liveApplications } from "./report/applications.ts";
import type { Workflow } from "./report/builds.ts";
import { buildRows } from "./report/builds.ts";
import { reportText } from "./report/text.ts";

const usage = `npm run report -- <stack> [--last N] [--context NAME] [--json]

  <stack>         the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --last N        how many builds, 10 if not given
  --context NAME  another context of the kubeconfig than the stack's
  --json          for programs`;

const options = {
  last: { type: "string", default: "10" },
  context: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = readArguments(options, usage);
  if (values.help) {
    console.log(usage);
    return;
  }
  const [stack = "", ...more] = positionals;
  const last = Number(values.last);
  if (stack === "" || more.length > 0) throw new UserError(`Name one stack.\n\n${usage}`);
  if (!Number.isInteger(last) || last < 1) throw new UserError("--last takes a whole number from 1.");
  const project = projectName();
  const stackFile = readStackFile(stackFileOf(stack), project);
  const { declared, warnings } = await evaluate({ project, ...stackFile }, () => import("../index.ts"));
  const ask = asking(values.context ?? contextOf(declared));
  const workflows = namespacesOf(declared, "WorkflowTemplate").flatMap((namespace) =>
    ask<Workflow>("workflows.argoproj.io", namespace),
  );
  const applications = namespacesOf(declared, "Application").flatMap((namespace) =>
    ask<Application>("applications.argoproj.io", namespace),
  );
  const all = buildRows(workflows, workflows.length);
  const commits = new Map(
    all.flatMap(({ digest, commit }) => (digest === undefined ? [] : [[digest, commit]])),
  );
  const report = {
    stack,
    builds: all.slice(0, last),
    applications: liveApplications(applications, commits),
    pins: warnings.flatMap((warning) => /^(\S+ is pinned at \S+):/.exec(warning)?.[1] ?? []),
  };
  console.log(values.json ? JSON.stringify(report, undefined, 2) : reportText(report));
}

function contextOf(declared: readonly Declared[]): string {
  const provider = declared.find(({ type }) => type === "pulumi:providers:kubernetes");
  return String(provider?.inputs["context"]);
}

function namespacesOf(declared: readonly Declared[], kind: string): string[] {
  const found = declared
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .map(({ inputs }) => String(Reflect.get(Object(inputs["metadata"]), "namespace")));
  return [...new Set(found)];
}

/** @throws UserError in one line where kubectl or the cluster does not answer */
function asking(context: string) {
  return <Item>(kind: string, namespace: string): Item[] => {
    const args = ["--context", context, "--namespace", namespace, "--request-timeout=20s", "get", kind];
    const { error, status, stdout, stderr } = spawnSync("kubectl", [...args, "--output=json"], {
      encoding: "utf8",
      maxBuffer: 2 ** 30,
    });
    if (error !== undefined) throw new UserError(`kubectl does not run: ${error.message}`);
    if (status !== 0) {
      throw new UserError(
        `The cluster of the context ${context} does not answer: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      );
    }
    return (JSON.parse(stdout) as { items: Item[] }).items;
  };
}

await command(main);
