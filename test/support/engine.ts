/** The real Pulumi engine on the real program: a stack file, local state, and the real provider or attached ones. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as automation from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { serveProvider, World } from "./attached-provider.ts";
import type { Config } from "./declare.ts";
import { project, root, secretsFor } from "./declare.ts";
import { killAll, operateApart } from "./engine-process.ts";
import type { Listening, Opening, Operation, Plan } from "./engine-stack.ts";
import { createStack, operate } from "./engine-stack.ts";
import { fullKey, isOwnKey, ownKeys, prefixed } from "../../components/settings/config-keys.ts";

export interface Engine {
  readonly world: World;
  /** Everything that the engine has printed. */
  readonly printed: () => string;
  /** Changes the stack file, except its secrets. */
  readonly edit: (change: (config: Config) => void) => void;
  readonly preview: () => Promise<Plan>;
  readonly up: (options?: UpOptions) => Promise<Plan>;
  readonly refresh: () => Promise<Plan>;
  readonly destroy: () => Promise<Plan>;
  /** Kills the command and its plugins. */
  readonly kill: () => void;
  /** Releases the stack's lock after an operation was killed. */
  readonly cancel: () => Promise<void>;
  /** The text of the state, as the backend stores it. */
  readonly state: () => string;
  /** Replaces the state, as `pulumi stack import` does. Secrets are in plain text in both. */
  readonly importState: (change: (state: State) => State) => Promise<void>;
  /** The values of all secrets that were given to the stack. */
  readonly secrets: readonly string[];
  readonly close: () => void;
}

export interface UpOptions extends Pick<Listening, "exclude"> {
  /** Acts like Ctrl-C. */
  readonly interrupt?: AbortSignal;
}

/** What the backend stores of a stack. */
export interface State {
  readonly resources: readonly StateResource[];
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Whether a provider manages it; components are not. */
  readonly custom: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** URNs. */
  readonly dependencies?: readonly string[];
  /** URNs by the input that needs them. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

export interface EngineOptions {
  /** In place of the committed stack file, with the values of its secrets. */
  readonly config?: Config;
  /** For the cluster that the real provider uses; without it, this process stands in for both. */
  readonly kubeconfig?: string;
  /** The parent of its own folder. */
  readonly folder?: string;
}

/** Creates a stack from a committed stack file, with a different value for each secret. */
export async function startEngine(name: string, options: EngineOptions = {}): Promise<Engine> {
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), `engine-${name}-`));
  const work = join(folder, "work");
  for (const path of ["home", "state", "work"]) mkdirSync(join(folder, path));
  // The engine only checks that the program exists; `program` is what runs.
  const files = ["Pulumi.yaml", `Pulumi.${name}.yaml`, "index.ts"];
  for (const file of files) cpSync(join(root, file), join(work, file));

  const world = new World();
  const provider = await serveProvider(world);
  const opening: Opening = { name, folder, port: provider.port, kubeconfig: options.kubeconfig };
  const stack = await createStack(opening);
  const stackFile = join(work, `Pulumi.${name}.yaml`);
  const { secrets: given, ...config } = options.config ?? ownConfig(stackFile);
  editFile(stackFile, () => config);
  const secrets = await setSecrets(stack, given ?? secretsFor(config));
  let printed = "";
  const onOutput = (text: string) => (printed += text);
  const run = (operation: Operation, { interrupt: signal, exclude }: UpOptions = {}) =>
    options.kubeconfig === undefined
      ? operate(stack, operation, opening, { onOutput, exclude, signal })
      : operateApart(operation, opening, { onOutput, exclude, signal });
  return {
    world,
    secrets,
    printed: () => printed,
    edit: (change) => {
      editFile(stackFile, (config) => {
        change(config);
        return config;
      });
    },
    preview: () => run("preview"),
    up: (given) => run("up", given),
    refresh: () => run("refresh"),
    destroy: () => run("destroy"),
    kill: () => killAll(folder),
    cancel: () => stack.cancel(),
    // Read from the backend, since the Automation API's export decrypts.
    state: () => readFileSync(join(folder, "state/.pulumi/stacks", project, `${name}.json`), "utf8"),
    importState: async (change) => {
      const today: { version: number; deployment: State } = await stack.exportStack();
      await stack.importStack({ ...today, deployment: change(today.deployment) });
    },
    close: () => {
      provider.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function setSecrets(stack: automation.Stack, secrets: unknown): Promise<string[]> {
  const leaves = leavesOf(secrets, "secrets");
  await stack.setAllConfig(
    Object.fromEntries(leaves.map(([path, value]) => [fullKey(project, path), { value, secret: true }])),
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
  return ownKeys(project, config);
}

function editFile(stackFile: string, change: (config: Config) => Config): void {
  const file = parse(readFileSync(stackFile, "utf8")) as StackFile;
  const own = change(ownConfig(stackFile));
  const others = Object.entries(file.config).filter(([key]) => !isOwnKey(project, key));
  file.config = { ...Object.fromEntries(others), ...prefixed(project, own) };
  writeFileSync(stackFile, stringify(file));
}
