/**
 * Makes one mutation after the other in the sources, and shows those that no test of their folder detects.
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
  /** Whether tests start the sources as processes, of which Stryker does not see what they run: each mutation gets all tests. */
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

/** Programs that a test starts as processes. */
function started(names: readonly string[], test: string): Folder {
  return {
    sources: programs(...names),
    tests: [`test/builds/programs/${test}.test.ts`],
    inOtherProcesses: true,
  };
}

/** The score of sources in TypeScript is Stryker's, which lists the survivors too. */
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
    // Milliseconds beside the usual time: a busy machine is not a mutation that is detected.
    timeoutMS: 60_000,
    reporters: ["clear-text"],
    clearTextReporter: { logTests: false, allowColor: false, reportScoreTable: true },
    // Outside of node_modules, where Node takes no TypeScript.
    tempDirName: join(tmpdir(), `mutate-${name}`),
  });
  await stryker.runMutationTest();
}

/** Those of the files that are a folder's sources. */
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
