/**
 * Puts one fault after the other into the sources, and shows those that no test of their folder notices.
 *
 * npm run mutate:sources                       all folders
 * npm run mutate:sources -- settings           one of settings, manifests and scripts
 * npm run mutate:sources -- settings FILE...   some files of it
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { mutateScripts } from "./mutate-sources/scripts.ts";

interface Folder {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

const folders: Readonly<Record<string, Folder>> = {
  settings: {
    sources: ["components/names.ts", "components/settings/**/*.ts"],
    tests: ["test/names.test.ts", "test/settings/*.test.ts"],
  },
  manifests: {
    sources: ["components/{builds,charts,cluster,delivery,kinds,trigger}/**/*.ts"],
    tests: ["test/{builds,charts,delivery,kinds,trigger}/*.test.ts"],
  },
};

/** The score of sources in TypeScript is Stryker's, which lists the survivors too. */
async function mutateTypeScript(name: string, { sources, tests }: Folder, files: readonly string[]) {
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
    coverageAnalysis: "perTest",
    concurrency: 2,
    // Milliseconds beside the usual time: a busy machine is no fault that is noticed.
    timeoutMS: 60_000,
    reporters: ["clear-text"],
    clearTextReporter: { logTests: false, allowColor: false, reportScoreTable: true },
    // Outside of node_modules, where Node takes no TypeScript.
    tempDirName: join(tmpdir(), `mutate-${name}`),
  });
  await stryker.runMutationTest();
}

const [wanted, ...files] = process.argv.slice(2);
for (const [name, folder] of Object.entries(folders)) {
  if (wanted === undefined || wanted === name) await mutateTypeScript(name, folder, files);
}
if (wanted === undefined || wanted === "scripts") {
  const { faults, survivors } = await mutateScripts(files);
  console.log(
    `${(faults - survivors.length).toString()} of ${faults.toString()} faults in scripts are noticed`,
  );
}
