/** The real Pulumi engine on the real program: the committed stack files, local state, attached providers. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as automation from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { serveProvider, World } from "./attached-provider.ts";
import type { ClusterApi } from "./cluster-api.ts";
import type { Config } from "./declare.ts";
import { project, root, secretsFor } from "./declare.ts";
import { goTool, pulumiVersion } from "./go-tools.ts";

export { World } from "./attached-provider.ts";

/** The operations that the engine has in mind, by kind; `same` is left out. */
export type Plan = Readonly<Record<string, readonly string[]>>;

export interface Engine {
  readonly world: World;
  /** Everything that the engine has printed. */
  readonly printed: () => string;
  /** Changes the stack file, secrets aside. */
  readonly edit: (change: (config: Config) => void) => void;
  readonly preview: () => Promise<Plan>;
  readonly up: () => Promise<Plan>;
  readonly refresh: () => Promise<Plan>;
  readonly destroy: () => Promise<void>;
  /** The text of the state, as the backend keeps it. */
  readonly state: () => string;
  /** The values of all secrets that were given to the stack. */
  readonly secrets: readonly string[];
  readonly close: () => void;
}

/**
 * Makes a stack of a committed stack file with a value for each secret, all unlike.
 *
 * @param cluster whose API takes the objects of Kubernetes; this process where absent
 */
export async function startEngine(name: string, cluster?: ClusterApi): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), `engine-${name}-`));
  const work = join(folder, "work");
  for (const path of ["home", "state", "work"]) mkdirSync(join(folder, path));
  // The engine only looks whether the program is there; `program` is what runs.
  const files = ["Pulumi.yaml", `Pulumi.${name}.yaml`, "index.ts"];
  for (const file of files) cpSync(join(root, file), join(work, file));

  const world = new World(cluster);
  const provider = await serveProvider(world);
  const stack = await openStack(name, folder, provider.port);
  const stackFile = join(work, `Pulumi.${name}.yaml`);
  const secrets = await setSecrets(stack, stackFile);
  let printed = "";
  const options = { color: "never" as const, onOutput: (text: string) => (printed += text) };
  return {
    world,
    secrets,
    printed: () => printed,
    edit: (change) => {
      editFile(stackFile, change);
    },
    preview: () => planned((onEvent) => stack.preview({ ...options, onEvent, program })),
    up: () => planned((onEvent) => stack.up({ ...options, onEvent, program })),
    refresh: () => planned((onEvent) => stack.refresh({ ...options, onEvent })),
    destroy: async () => {
      await stack.destroy(options);
    },
    // Read from the backend, since the Automation API's export decrypts.
    state: () => readFileSync(join(folder, "state/.pulumi/stacks", project, `${name}.json`), "utf8"),
    close: () => {
      provider.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openStack(name: string, folder: string, port: number): Promise<automation.Stack> {
  const version = pulumiVersion(root);
  const pulumi = await goTool("pulumi", {
    module: "github.com/pulumi/pulumi/pkg/v3",
    version,
    package: "cmd/pulumi",
    ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
  });
  const workspace = await automation.LocalWorkspace.create({
    workDir: join(folder, "work"),
    program,
    envVars: {
      PATH: `${dirname(pulumi)}:${process.env["PATH"] ?? ""}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "the passphrase of a test",
      PULUMI_DEBUG_PROVIDERS: ["kubernetes", "github", "random"]
        .map((one) => `${one}:${port.toString()}`)
        .join(","),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    },
    pulumiCommand: await pulumiCommand(pulumi),
  });
  return automation.Stack.createOrSelect(name, workspace);
}

/** The Automation API looks for its command below a folder `bin`, or in the PATH of this process. */
async function pulumiCommand(pulumi: string): Promise<automation.PulumiCommand> {
  process.env["PATH"] = `${dirname(pulumi)}:${process.env["PATH"] ?? ""}`;
  return automation.PulumiCommand.get();
}

let runs = 0;

/** The real program, evaluated anew for each run. */
function program(): Promise<Record<string, unknown>> {
  runs += 1;
  return import(`../../index.ts?run=${runs.toString()}`) as Promise<Record<string, unknown>>;
}

async function setSecrets(stack: automation.Stack, stackFile: string): Promise<string[]> {
  const secrets = secretsFor(ownConfig(stackFile));
  const leaves = leavesOf(secrets, "secrets");
  await stack.setAllConfig(
    Object.fromEntries(leaves.map(([path, value]) => [`${project}:${path}`, { value, secret: true }])),
    true,
  );
  return leaves.map(([, value]) => value);
}

function leavesOf(value: unknown, path: string): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, `${path}.${key}`));
}

interface StackFile {
  config: Config;
}

function ownConfig(stackFile: string): Config {
  const { config } = parse(readFileSync(stackFile, "utf8")) as StackFile;
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(project.length + 1), value]));
}

function editFile(stackFile: string, change: (config: Config) => void): void {
  const file = parse(readFileSync(stackFile, "utf8")) as StackFile;
  const own = ownConfig(stackFile);
  change(own);
  const others = Object.entries(file.config).filter(([key]) => !key.startsWith(`${project}:`));
  const edited = Object.entries(own).map(([key, value]) => [`${project}:${key}`, value]);
  file.config = Object.fromEntries([...others, ...edited]) as Config;
  writeFileSync(stackFile, stringify(file));
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
 * A program that fails leaves several rejected promises in the SDK. Its own listener takes them, while the test
 * runner would count each as a failure: the outcome of the operation is what tells.
 */
async function withoutRunner(run: () => Promise<unknown>): Promise<void> {
  const event = "unhandledRejection";
  const listeners = process.listeners(event);
  process.removeAllListeners(event);
  process.on(event, () => undefined);
  try {
    await run();
  } finally {
    // Rejections are told after the turn in which they happen.
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
