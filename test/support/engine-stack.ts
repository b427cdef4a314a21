/** A stack of the real Pulumi engine in a folder, and the operations on it, with the Automation API. */
import { dirname, join } from "node:path";
import * as automation from "@pulumi/pulumi/automation/index.js";
import { clusterTool } from "./cluster-tools.ts";
import { pulumiTool } from "./pulumi-tool.ts";
import { annotatePatchForce } from "./patch-force.ts";
import "./process-store.ts";

/** The resources of the engine's steps, by kind of step; `same`, `refresh` and `read` are left out. */
export type Plan = Readonly<Record<string, readonly string[]>>;

export type Operation = "preview" | "up" | "refresh" | "destroy";

/** Where a stack is, and its providers. */
export interface Opening {
  readonly name: string;
  readonly folder: string;
  /** The port of the attached providers. */
  readonly port: number;
  /** For the cluster that the real provider of Kubernetes uses. */
  readonly kubeconfig?: string | undefined;
}

export async function createStack(opening: Opening): Promise<automation.Stack> {
  return automation.Stack.create(opening.name, await openWorkspace(opening));
}

export async function openStack(opening: Opening): Promise<automation.Stack> {
  return automation.Stack.select(opening.name, await openWorkspace(opening));
}

async function openWorkspace({ folder, port, kubeconfig }: Opening): Promise<automation.Workspace> {
  const command = await pulumiCommand(await pulumiTool());
  return automation.LocalWorkspace.create({
    workDir: join(folder, "work"),
    program: evaluate,
    envVars: {
      ...(kubeconfig === undefined ? {} : await ofCluster(folder, kubeconfig)),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "the passphrase of a test",
      PULUMI_DEBUG_PROVIDERS: ["github", "random", ...(kubeconfig === undefined ? ["kubernetes"] : [])]
        .map((one) => `${one}:${port.toString()}`)
        .join(","),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    },
    pulumiCommand: command,
  });
}

export interface Listening {
  readonly onOutput: (text: string) => void;
  /** What an `up` leaves out: URNs, with `*` and `**` as wildcards. */
  readonly exclude?: readonly string[] | undefined;
  /** Acts like Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
}

/** @returns what the engine did */
export async function operate(
  stack: automation.Stack,
  operation: Operation,
  { kubeconfig }: Opening,
  { onOutput, exclude = [], signal }: Listening,
): Promise<Plan> {
  let failure: Error | undefined;
  const program = () => {
    if (kubeconfig !== undefined) annotatePatchForce();
    return evaluate().catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
      throw failure;
    });
  };
  const options = { color: "never" as const, onOutput, ...(signal === undefined ? {} : { signal }) };
  const plan = await planned((onEvent) => {
    switch (operation) {
      case "preview":
        return stack.preview({ ...options, onEvent, program });
      case "up":
        return stack.up({ ...options, onEvent, program, exclude: [...exclude] });
      case "refresh":
        return stack.refresh({ ...options, onEvent });
      case "destroy":
        return stack.destroy({ ...options, onEvent });
    }
  });
  // The Automation API treats a program that ends with a gRPC error as completed.
  if (failure !== undefined) throw failure;
  return plan;
}

let runs = 0;

/** The real program, evaluated anew for each run. */
function evaluate(): Promise<Record<string, unknown>> {
  runs += 1;
  return import(`../../index.ts?run=${runs.toString()}`) as Promise<Record<string, unknown>>;
}

/** The engine finds the provider's program in the PATH, and starts and ends it like any plugin. */
async function ofCluster(folder: string, kubeconfig: string): Promise<Record<string, string>> {
  const provider = await clusterTool("pulumi-resource-kubernetes");
  return {
    PATH: `${dirname(provider)}:${process.env["PATH"] ?? ""}`,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: join(folder, "helm"),
    HELM_CONFIG_HOME: join(folder, "helm"),
    HELM_DATA_HOME: join(folder, "helm"),
  };
}

/** The Automation API looks for its command below a folder `bin`, or in the PATH of this process. */
async function pulumiCommand(pulumi: string): Promise<automation.PulumiCommand> {
  process.env["PATH"] = `${dirname(pulumi)}:${process.env["PATH"] ?? ""}`;
  return automation.PulumiCommand.get();
}

/** Runs an operation and collects what the engine did, from its events. */
async function planned(
  run: (onEvent: (event: automation.EngineEvent) => void) => Promise<unknown>,
): Promise<Plan> {
  const plan: Record<string, string[]> = {};
  await withoutRunner(() =>
    run(({ resourcePreEvent }) => {
      if (resourcePreEvent === undefined) return;
      const { op, urn } = resourcePreEvent.metadata;
      if (op === "same" || op === "refresh" || op === "read") return;
      (plan[op] ??= []).push(shortName(urn));
    }),
  );
  return Object.fromEntries(Object.entries(plan).map(([op, names]) => [op, names.toSorted()]));
}

/**
 * A program that fails leaves several rejected promises in the SDK. They are ignored, because the test runner would
 * count each as a failure: the outcome of the operation decides.
 */
async function withoutRunner(run: () => Promise<unknown>): Promise<void> {
  const event = "unhandledRejection";
  const listeners = process.listeners(event);
  process.removeAllListeners(event);
  process.on(event, () => undefined);
  try {
    await run();
  } finally {
    // Rejections are reported after the turn in which they happen.
    await new Promise((done) => setTimeout(done, 50));
    process.removeAllListeners(event);
    for (const listener of listeners) process.on(event, listener);
  }
}

/** `<type> <name>`, the type without its package and group: `WorkflowTemplate alog-front-web`. */
function shortName(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.split("$").at(-1)?.split(":").at(-1) ?? ""} ${name.join("::")}`;
}
