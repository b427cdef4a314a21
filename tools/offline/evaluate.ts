/** Runs the program with a recorder as its engine. Evaluations cannot overlap, because Pulumi's settings are global. */
import * as pulumi from "@pulumi/pulumi";
import type { Options, OptionsRecorder } from "./options.ts";
import { optionsRecorder } from "./options.ts";
import { placeholder } from "./placeholders.ts";
import { withPlainStructs } from "./plain-structs.ts";
import { withMember } from "./with-member.ts";
import { withoutTraces } from "./without-traces.ts";
import { fullKey } from "../../components/settings/config-keys.ts";

/** A resource that the program declared. */
export interface Declared {
  /** Pulumi's type token. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Its inputs as the engine would receive them, with secrets in their wrappers. */
  readonly inputs: Record<string, unknown>;
  /** Whether a provider manages it; components are not. */
  readonly custom: boolean;
  /** The reference of its provider, its own or its parent's. */
  readonly provider: string;
  readonly options: Options;
}

export interface Evaluation {
  readonly declared: readonly Declared[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The warnings that `pulumi preview` would show. */
  readonly warnings: readonly string[];
}

export interface Stack {
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** @param program evaluates the module that declares the resources, and returns its exports */
export async function evaluate(stack: Stack, program: () => Promise<object>): Promise<Evaluation> {
  const declared: Declared[] = [];
  const options = optionsRecorder();
  await pulumi.runtime.setMocks(recorder(declared, options, stack), stack.project, stack.stack, true);
  pulumi.runtime.setAllConfig({ ...stack.config }, [...stack.secretKeys]);
  const run = async (): Promise<unknown> => {
    const failures: unknown[] = [];
    const exports: unknown = await pulumi.runtime.runInPulumiStack(() => {
      pulumi.runtime.registerStackTransformation(options.transformation);
      // Pulumi would also pass an error on to promises that nobody awaits.
      return program().catch((error: unknown) => {
        failures.push(error);
        return {};
      });
    });
    await pulumi.runtime.disconnect();
    for (const failure of failures) throw failure;
    return exports;
  };
  const { result, warnings } = await withWarnings(() =>
    withoutEnvironment(() => withPlainStructs(() => withoutTraces(run))),
  );
  return { declared, outputs: await resolved(result), warnings };
}

/** Providers read defaults from these, so the same files would declare something else on another machine. */
const providerVariables = /^(KUBECONFIG$|PULUMI_K8S_|GITHUB_)/;

async function withoutEnvironment<Result>(run: () => Promise<Result>): Promise<Result> {
  const hidden = Object.entries(process.env).filter(([name]) => providerVariables.test(name));
  for (const [name] of hidden) Reflect.deleteProperty(process.env, name);
  try {
    return await run();
  } finally {
    Object.assign(process.env, Object.fromEntries(hidden));
  }
}

/** Collects Pulumi's warnings, which go to the console without an engine. */
async function withWarnings<Result>(run: () => Promise<Result>) {
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text.replace(/^warning: \[runtime\] /, ""));
  return { result: await withMember(console, "warn", warn, run), warnings };
}

function recorder(
  declared: Declared[],
  options: OptionsRecorder,
  { config, project }: Stack,
): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, custom = false, provider = "", id }) => {
      const plain = inputs as Record<string, unknown>;
      // A resource that is only read is not declared.
      if (id === undefined || id === "") {
        declared.push({ type, name, inputs: plain, custom, provider, options: options.of(type, name) });
      }
      const known = {
        ...readable(plain),
        ...providerOutputs(type, name, config[fullKey(project, "cluster")]),
      };
      return { id: custom ? `${name}_id` : undefined, state: known };
    },
    call: ({ token }) => {
      throw new Error(`the program calls ${token}, which only the engine can answer`);
    },
  };
}

/**
 * The inputs as outputs, without the specification of an object, which the program never reads back: converting it
 * takes as long as everything else that the program does.
 */
function readable(inputs: Record<string, unknown>): Record<string, unknown> {
  return "spec" in inputs ? { ...inputs, spec: null } : inputs;
}

/** The outputs that the program reads and that are not inputs. */
function providerOutputs(type: string, name: string, cluster: string | undefined): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") {
    return { result: pulumi.secret(placeholder(`RandomPassword ${name}`)) };
  }
  if (type === "kubernetes:core/v1:Namespace" && cluster !== undefined) {
    const { uid = "not asked" } = JSON.parse(cluster) as { uid?: string };
    return { metadata: { uid } };
  }
  return {};
}

function resolved(outputs: unknown): Promise<Record<string, unknown>> {
  return new Promise((done) => pulumi.output(outputs as Record<string, unknown>).apply(done));
}
