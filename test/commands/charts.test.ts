/** `npm run charts`, with a stand-in for helm that prints its arguments. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { argoCd } from "../../components/charts/argo-cd.ts";
import { readExpected } from "../../tools/offline/expected.ts";
import { compareCharts } from "../../tools/charts/compare.ts";
import type { Files } from "../../tools/offline/folder.ts";
import { writeFolder } from "../../tools/offline/folder.ts";
import { nodeArguments } from "../support/package-script.ts";
import { handedOn, outcome, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("charts");
const bin = join(folder, "bin");
mkdirSync(bin);
/** Prints two objects: one contains the arguments and values, and both contain what every version changes. */
writeFileSync(
  join(bin, "helm"),
  `#!/bin/sh
case $* in *" 0.0.1 "*) echo "Error: chart not found" >&2; exit 1 ;; esac
printf '%s\\n' '---' 'kind: ConfigMap' 'metadata:' '  name: asked' "  labels: {helm.sh/chart: '$6'}" 'data:'
printf "  args: '%s'\\n" "$*"
printf "  values: '%s'\\n" "$(cat)"
printf '%s\\n' '---' '# Source: empty' '---' 'kind: Service' "metadata: {name: same, namespace: x, annotations: {checksum/cm: '$6'}}"
`,
  { mode: 0o755 },
);

const files = readExpected("develop");
const path = "_releases/argo-cd.yaml";

/** The committed stack as it was before an edit of the release of Argo CD. */
function earlier(edit: (text: string) => string): Files {
  const release = files.get(path) ?? "";
  assert.notEqual(edit(release), release);
  return new Map([...files, [path, edit(release)]]);
}

const version = (other: string) => (text: string) =>
  text.replace(`version: ${argoCd.version}`, `version: ${other}`);

describe("the rendered objects of a chart", () => {
  const { PATH = "" } = process.env;
  beforeEach(() => (process.env["PATH"] = `${bin}:${PATH}`));
  after(() => (process.env["PATH"] = PATH));

  it("are compared without what every version changes", async () => {
    const asked = (one: string) =>
      `args: template argo-cd argo-cd --repo https://argoproj.github.io/argo-helm --version ${one} --namespace argocd --values - --include-crds`;
    assert.equal(
      (await compareCharts(earlier(version("10.0.0")), files)).replace(
        /^ {3}values: .*$/gm,
        "   values: ...",
      ),
      `# argo-cd 10.0.0 -> ${argoCd.version}

changed: argo-cd/ConfigMap-asked.yaml
===================================================================
--- argo-cd/ConfigMap-asked.yaml
+++ argo-cd/ConfigMap-asked.yaml
@@ -1,5 +1,5 @@
 data:
-  ${asked("10.0.0")}
+  ${asked(argoCd.version)}
   values: ...
 kind: ConfigMap
 metadata:
`,
    );
  });

  it("have the values of the stack, and include CRDs unless they are skipped", async () => {
    const before = earlier((text) =>
      text
        .replace("controller.resource.health.persist: true", "controller.resource.health.persist: false")
        .replace("timeout: 900", "timeout: 900\nskipCrds: true"),
    );
    const reported = await compareCharts(before, files);
    assert.match(reported, new RegExp(`^# argo-cd ${argoCd.version}\\n`));
    assert.match(reported, /^- .* --skip-crds$/m);
    assert.match(reported, /^\+ .* --include-crds$/m);
    assert.match(reported, /^- .*"controller\.resource\.health\.persist":false/m);
    assert.match(reported, /^\+ .*"controller\.resource\.health\.persist":true/m);
  });

  it("are added or removed with the chart", async () => {
    const without = new Map([...files].filter(([one]) => one !== path));
    assert.match(
      await compareCharts(without, files),
      new RegExp(`^# argo-cd not installed -> ${argoCd.version}\\n\\nadded: argo-cd/ConfigMap-asked.yaml\\n`),
    );
    assert.match(await compareCharts(files, without), /\n\nremoved: argo-cd\/x\/Service-same\.yaml\n/);
  });

  it("are not rendered for an unchanged chart", async () => {
    process.env["PATH"] = "/nowhere";
    assert.equal(await compareCharts(files, files), "No chart differs.");
  });

  it("may be unchanged", async () => {
    assert.equal(
      await compareCharts(
        earlier((text) => text.replace("timeout: 900", "timeout: 60")),
        files,
      ),
      `# argo-cd ${argoCd.version}\n\nNo object differs.\n`,
    );
  });

  it("cannot be shown without Helm, or if Helm fails", async () => {
    const compare = (one: string) => compareCharts(earlier(version(one)), files);
    await assert.rejects(compare("0.0.1"), {
      message: "Helm cannot render argo-cd 0.0.1: Error: chart not found",
    });
    process.env["PATH"] = "/nowhere";
    await assert.rejects(compare("10.0.0"), {
      message:
        "helm cannot be started: it is not installed, or not in PATH. Install Helm 3 or 4: https://helm.sh/docs/intro/install",
    });
  });

  it("are not what something else in place of Helm prints", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    process.env["PATH"] = `${other}:${PATH}`;
    for (const printed of ["", "---", "just words", "kind: [", "kind: Service", "- kind: Service"]) {
      writeFileSync(join(other, "helm"), `#!/bin/sh\ncat >/dev/null\necho '${printed}'\n`, { mode: 0o755 });
      await assert.rejects(compareCharts(earlier(version("10.0.0")), files), {
        message: "Helm printed no objects for argo-cd 10.0.0: is the helm in PATH a wrapper?",
      });
    }
  });
});

describe("npm run charts", { concurrency: true }, () => {
  const charts = (...args: string[]) =>
    outcome(
      spawn(process.execPath, [...nodeArguments("charts"), ...args], {
        env: handedOn,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );

  it("compares what a stack declares with an earlier preview", async () => {
    const out = join(folder, "same");
    writeFolder(out, files);
    assert.deepEqual(await charts("develop", "--against", out), {
      status: 0,
      stdout: "No chart differs.\n",
      stderr: "",
    });
  });

  it("requires something to compare with", async () => {
    const { status, stderr } = await charts("develop");
    assert.equal(status, 1);
    assert.match(stderr, /^--against is missing\.\n\nnpm run charts/);
  });
});
