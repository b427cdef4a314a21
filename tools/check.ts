/**
 * Runs a lane of checks. The last lines show how long each part took, and `N passed, N failed, N skipped`.
 *
 * npm test              types, imports, lint, format, the generated docs, and every test of functions and objects
 * npm run test:commands the commands, and the programs of the cluster, each as a process; needs a shell and git
 * npm run test:engine   the real Pulumi engine on the committed stack files; needs Go
 * npm run test:edits    what edits of a stack file and a new version of the program change; needs Go
 * npm run test:parts    single parts, such as a registry, Argo's linters and a browser; needs Go, Debian's packages and root
 * npm run test:up       `pulumi up` by the real Kubernetes provider on a real API server; needs the same
 * npm run test:cluster  real Argo on a real node: builds and deployments; needs the same, or CLUSTER_KUBECONFIG
 * npm run test:webhooks deliveries and the network of a stack on a real node; needs the same, or CLUSTER_KUBECONFIG
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import type { Lane } from "../test/support/cluster-tools.ts";
import type { Count } from "./check/commands.ts";
import { cache, checks, commandChecks } from "./check/commands.ts";

const root = join(import.meta.dirname, "..");

/** Of a test, a hook or a suite, in milliseconds: several times what the slowest takes on a busy machine. */
const timeout = 30 * 60 * 1000;
const beforeEachFile = ["--import", import.meta.resolve("./check/test-process.ts")];

const durationsFile = join(cache, "durations.json");
process.env["NODE_COMPILE_CACHE"] = join(cache, "node");

interface TestOptions {
  readonly exclude?: readonly string[];
  /** Options of Node. */
  readonly execArgv?: readonly string[];
  /** How many test files run at once. */
  readonly concurrency?: number;
}

/** How long each test file took the last time, in milliseconds. */
const durations = readDurations();

function readDurations(): Map<string, number> {
  try {
    return new Map(JSON.parse(readFileSync(durationsFile, "utf8")) as [string, number][]);
  } catch {
    return new Map();
  }
}

/** So that no core waits for a slow file at the end. A new file may be slow. */
function slowestFirst(files: readonly string[]): string[] {
  const of = (file: string) => durations.get(file) ?? Infinity;
  return files.toSorted((a, b) => (of(a) === of(b) ? 0 : of(b) - of(a)));
}

/** Runs every test file in a process of its own: Pulumi's settings are global to one. */
function tests(
  patterns: string | readonly string[],
  { exclude = [], execArgv = [], concurrency = availableParallelism() }: TestOptions = {},
): Promise<Count> {
  const files = slowestFirst(globSync(patterns, { cwd: root, exclude }).map((file) => join(root, file)));
  return new Promise((done) => {
    const stream = run({ files, concurrency, timeout, execArgv: [...beforeEachFile, ...execArgv] });
    stream.on("test:summary", ({ file, counts, duration_ms: took }) => {
      // The summary without a file is the total.
      if (file !== undefined) {
        durations.set(file, took);
        return;
      }
      const { tests: all, passed, skipped } = counts;
      done({ passed, failed: all - passed - skipped, skipped });
    });
    stream.compose(spec).pipe(process.stdout);
  });
}

/** Prepares once for all test files: reports what is missing, and builds what is not in the cache. */
async function prepared(prepare: () => Promise<unknown>): Promise<Count | undefined> {
  try {
    await prepare();
    return undefined;
  } catch (error) {
    console.log(`✖ ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function engineTools(): Promise<void> {
  const { pulumiTool } = await import("../test/support/pulumi-tool.ts");
  await timed("tools", pulumiTool);
}

async function clusterTools(lane: Lane): Promise<void> {
  const { testPackages } = await import("../test/support/cluster-prerequisites.ts");
  const { requireSite } = await import("../test/support/cluster-site.ts");
  const { clusterTool, toolsOf } = await import("../test/support/cluster-tools.ts");
  const { parts: versions } = await import("../test/support/cluster-versions.ts");
  const { pulumiTool } = await import("../test/support/pulumi-tool.ts");
  await requireSite(testPackages);
  for (const { name, installed, run, why } of versions()) {
    console.log(`${name}: ${installed === run ? run : `${installed} is installed, tested with ${run}`}`);
    if (why !== undefined) console.log(`  because ${why}`);
  }
  await timed("tools", async () => {
    await pulumiTool();
    // One after another, because each build uses all cores.
    for (const name of toolsOf(lane)) await clusterTool(name);
  });
}

const times: string[] = [];

/** Records how long a part of the lane took. */
async function timed<T>(part: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await run();
  } finally {
    times.push(`${part} ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
}

/** Files that start a process for each test. */
const ofProcesses = ["test/commands/*.test.ts", "test/builds/programs/*.test.ts"];

/** Tests that evaluate stacks without an engine load less of the SDK. */
const execArgv = ["--import", import.meta.resolve("./offline/light-sdk.ts")];

// Some files spend much of their time waiting.
const oneMore = availableParallelism() + 1;

/** Runs tests that need a preparation. */
async function preparedTests(
  prepare: () => Promise<unknown>,
  patterns: string,
  options: TestOptions = {},
): Promise<Count[]> {
  const missing = await prepared(prepare);
  return [missing ?? (await timed("tests", () => tests(patterns, options)))];
}

/** A lane that needs more than Node has a folder of the same name. */
const lanes: Readonly<Record<string, () => Promise<Count[]>>> = {
  node: () =>
    Promise.all([
      timed(checks.join(", "), commandChecks),
      timed("tests", () =>
        tests("test/**/*.test.ts", {
          exclude: [
            ...ofProcesses,
            "test/engine/**",
            "test/edits/**",
            "test/parts/**",
            "test/up/**",
            "test/cluster/**",
            "test/webhooks/**",
          ],
          execArgv,
          concurrency: oneMore,
        }),
      ),
    ]),
  commands: async () => [await timed("tests", () => tests(ofProcesses, { execArgv, concurrency: oneMore }))],
  engine: () => preparedTests(engineTools, "test/engine/*.test.ts", { concurrency: oneMore }),
  edits: () => preparedTests(engineTools, "test/edits/*.test.ts", { concurrency: oneMore }),
  parts: () => preparedTests(() => clusterTools("parts"), "test/parts/*.test.ts"),
  up: () => preparedTests(() => clusterTools("up"), "test/up/*.test.ts"),
  cluster: () =>
    preparedTests(() => clusterTools("cluster"), "test/cluster/*.test.ts", { concurrency: oneMore }),
  webhooks: () => preparedTests(() => clusterTools("webhooks"), "test/webhooks/*.test.ts"),
};

// Go programs that run briefly spend much of their time in garbage collection, and the machine has memory to spare.
process.env["GOGC"] ??= "400";

const lane = process.argv[2] ?? "node";
const runLane = lanes[lane];
if (runLane === undefined)
  throw new Error(`there is no lane ${lane}; there are ${Object.keys(lanes).join(", ")}`);
const counts = await timed("in all", runLane);
const total = (key: keyof Count): string => counts.reduce((sum, count) => sum + count[key], 0).toString();
process.exitCode = total("failed") === "0" ? 0 : 1;
mkdirSync(cache, { recursive: true });
writeFileSync(durationsFile, JSON.stringify([...durations]));
// After the spec reporter's own summary.
process.on("exit", () => {
  console.log(`time: ${times.join(", ")}`);
  console.log(`${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
});
