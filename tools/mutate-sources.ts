/**
 * Makes one mutation at a time in the sources, and lists those that no test of their folder detects.
 *
 * npm run mutate:sources                       all folders
 * npm run mutate:sources -- settings           one of settings, manifests, programs and scripts
 * npm run mutate:sources -- settings FILE...   some files of it
 */
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { mutateScripts } from "./mutate-sources/scripts.ts";

interface Folder {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
  /** Whether tests run the sources in other processes, where Stryker sees no coverage: each mutation gets all tests. */
  readonly inOtherProcesses?: boolean;
}

const folders: Readonly<Record<string, readonly Folder[]>> = {
  settings: [
    {
      sources: ["components/*.ts", "components/settings/**/*.ts"],
      tests: ["test/{names,fields}.test.ts", "test/settings/*.test.ts"],
    },
  ],
  manifests: [
    {
      sources: [
        "components/{builds,charts,cluster,delivery,kinds,trigger}/**/*.ts",
        "!components/builds/programs/**",
      ],
      tests: ["test/{builds,charts,delivery,trigger}/*.test.ts"],
    },
  ],
  programs: [
    {
      sources: programs("application", "environment", "failures", "json", "text"),
      tests: ["test/builds/programs/pure.test.ts"],
    },
    started(["begin", "kubernetes"], "begin"),
    started(["end"], "end"),
    started(["github", "http"], "status"),
    started(["deployment", "live"], "live"),
    started(["program", "published", "updater"], "published"),
  ],
};

function programs(...names: readonly string[]): string[] {
  return names.map((name) => `components/builds/programs/${name}.ts`);
}

/** Programs that a test runs as processes. */
function started(names: readonly string[], test: string): Folder {
  return {
    sources: programs(...names),
    tests: [`test/builds/programs/${test}.test.ts`],
    inOtherProcesses: true,
  };
}

/** Stryker prints the score and the survivors. */
async function mutateTypeScript(name: string, folder: Folder, files: readonly string[]) {
  const { sources, tests, inOtherProcesses = false } = folder;
  const stryker = new Stryker({
    testRunner: "tap",
    plugins: ["@stryker-mutator/tap-runner", import.meta.resolve("./mutate-sources/descriptions.ts")],
    ignorers: ["descriptions"],
    mutate: files.length === 0 ? [...sources] : [...files],
    tap: {
      testFiles: [...tests],
      nodeArgs: ["-r", "{{hookFile}}", "--test-reporter=tap", "{{testFile}}"],
      forceBail: true,
    },
    coverageAnalysis: inOtherProcesses ? "off" : "perTest",
    concurrency: 2,
    // In milliseconds, added to the usual time: a slow machine must not count as a detection.
    timeoutMS: 60_000,
    reporters: ["clear-text"],
    clearTextReporter: { logTests: false, allowColor: false, reportScoreTable: true },
    // Outside of node_modules, where Node does not run TypeScript.
    tempDirName: join(tmpdir(), `mutate-${name}`),
  });
  await stryker.runMutationTest();
}

/** The files that are sources of a folder. */
function within({ sources }: Folder, files: readonly string[]): string[] {
  return files.filter((file) => sources.some((pattern) => matchesGlob(file, pattern)));
}

const [wanted, ...files] = process.argv.slice(2);
for (const [name, all] of Object.entries(folders)) {
  if (wanted !== undefined && wanted !== name) continue;
  for (const folder of all) {
    const some = within(folder, files);
    if (files.length === 0 || some.length > 0) await mutateTypeScript(name, folder, some);
  }
}
if (wanted === undefined || wanted === "scripts") {
  const { mutations, survivors } = await mutateScripts(files);
  console.log(
    `${(mutations - survivors.length).toString()} of ${mutations.toString()} mutations of scripts are detected`,
  );
}
