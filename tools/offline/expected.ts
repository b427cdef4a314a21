/** Reads, evaluates and writes the objects that stacks are expected to declare, as files in test/expected. */
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Evaluation } from "./evaluate.ts";
import { evaluate } from "./evaluate.ts";
import type { Files } from "./folder.ts";
import { projectName, stackFileOf, stacks } from "./project.ts";
import { render } from "./render.ts";
import { readStackFile } from "./stack-file.ts";
import type { KnownFiles } from "./yaml.ts";
import { yaml } from "./yaml.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "test/expected");

/** A stack file with every option, for no real cluster. */
export const everything = join(folder, "everything.yaml");

/** The stack files by their stacks: the committed ones, and the one with every option. */
export const expectedStacks: ReadonlyMap<string, string> = new Map([
  ...stacks().map((stack) => [stack, stackFileOf(stack)] as const),
  ["everything", everything] as const,
]);

/** Scripts, shown by their paths: a change of one is visible in its own file. */
export const scripts: KnownFiles = new Map(
  readdirSync(join(root, "components/builds/programs"))
    .map((name) => `components/builds/programs/${name}`)
    .map((path) => [readFileSync(join(root, path), "utf8"), path]),
);

let evaluations = 0;

export async function evaluateStackFile(file: string): Promise<Evaluation> {
  evaluations += 1;
  // A module is evaluated once for each specifier.
  const program = `../../index.ts?file=${evaluations.toString()}`;
  const project = projectName();
  return evaluate({ project, ...readStackFile(file, project) }, () => import(program) as Promise<object>);
}

/** Everything that a stack declares: its resources and its outputs. */
export function filesOf({ declared, outputs }: Evaluation): Files {
  const rendered = render(declared, scripts).map(({ path, text }) => [path, text()] as const);
  return new Map([...rendered, ["_outputs.yaml", yaml(outputs)]]);
}

export function readExpected(stack: string): Files {
  const cwd = join(folder, stack);
  const paths = globSync("**/*.yaml", { cwd }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(cwd, path), "utf8")]));
}

export function writeExpected(stack: string, files: Files): void {
  rmSync(join(folder, stack), { recursive: true, force: true });
  for (const [path, text] of files) {
    const file = join(folder, stack, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
