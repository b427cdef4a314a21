/** Runs the program against a recorder in place of the engine. Once in a process: Pulumi's settings are global. */
import * as pulumi from "@pulumi/pulumi";
import { placeholder } from "./stack-file.ts";

/** A resource that the program declared. */
export interface Declared {
  /** Pulumi's type token. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Its inputs as the engine would be given them; secrets still in their wrapper. */
  readonly inputs: Record<string, unknown>;
  /** Whether a provider manages it; components are not. */
  readonly custom: boolean;
  readonly provider: string;
}

export interface Evaluation {
  readonly declared: readonly Declared[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the program would say in `pulumi preview`. */
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
  await pulumi.runtime.setMocks(recorder(declared, stack), stack.project, stack.stack, true);
  pulumi.runtime.setAllConfig({ ...stack.config }, [...stack.secretKeys]);
  const { result, warnings } = await listening(async () => {
    const exports: unknown = await pulumi.runtime.runInPulumiStack(program);
    await pulumi.runtime.disconnect();
    return exports;
  });
  return { declared, outputs: await resolved(result), warnings };
}

/** Without an engine, Pulumi's log goes to the console. */
async function listening<Result>(run: () => Promise<Result>) {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text.replace(/^warning: \[runtime\] /, ""));
  try {
    return { result: await run(), warnings };
  } finally {
    console.warn = warn;
  }
}

function recorder(declared: Declared[], { config, project }: Stack): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, custom, provider, id }) => {
      const plain = inputs as Record<string, unknown>;
      // What is only read is not declared.
      if (id === undefined || id === "") {
        declared.push({ type, name, inputs: plain, custom: custom ?? false, provider: provider ?? "" });
      }
      const known = { ...plain, ...madeByProvider(type, config[`${project}:cluster`]) };
      return { id: custom === false ? undefined : `${name}_id`, state: known };
    },
    call: ({ token }) => {
      throw new Error(`the program calls ${token}, which only the engine can answer`);
    },
  };
}

/** The outputs that the program reads and that no input gives. */
function madeByProvider(type: string, cluster: string | undefined): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") return { result: pulumi.secret(placeholder) };
  if (type === "kubernetes:core/v1:Namespace" && cluster !== undefined) {
    const { uid } = JSON.parse(cluster) as { uid?: string };
    return uid === undefined ? {} : { metadata: { uid } };
  }
  return {};
}

function resolved(outputs: unknown): Promise<Record<string, unknown>> {
  return new Promise((done) => pulumi.output(outputs as Record<string, unknown>).apply(done));
}
