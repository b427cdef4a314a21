/** Uses a stand-in for the builder: whether and how it is called is under test. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../../support/declare.ts";
import type { Shell } from "../../support/script.ts";
import { imageShell, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("build");
const builder = join(folder, "builder");
writeFileSync(
  builder,
  '#!/bin/sh\nfor one; do printf "<%s>\\n" "$one"; done\necho "said last" >&2\nexit "${CODE:-0}"\n',
  { mode: 0o755 },
);
const commit = "1a2b3c4d".repeat(5);

let runs = 0;

/** Calls the script as the step does: with the builder and its arguments. */
function build(
  { path }: Shell,
  args: readonly string[],
  digest: string | undefined,
  CODE = "0",
  later = 0,
  own: Readonly<Record<string, string>> = {},
) {
  const RESULTS = join(folder, `results-${(runs++).toString()}`);
  mkdirSync(RESULTS);
  writeFileSync(join(RESULTS, "commit"), commit);
  writeFileSync(join(RESULTS, "tag"), "");
  const open = () => writeFileSync(join(RESULTS, "registries"), "docker.io");
  if (later === 0) open();
  else setTimeout(open, later);
  if (digest !== undefined) writeFileSync(join(RESULTS, "digest"), digest);
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((done, fail) => {
    const script = join(root, "components/builds/programs/build.sh");
    const child = spawn("/usr/bin/env", ["sh", script, builder, ...args], {
      env: { PATH: path, RESULTS, CODE, ...own },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on("error", fail);
    child.on("close", (status) => done({ status, ...output }));
  });
}

const shell = imageShell();
describe(`build.sh in ${shell.name}`, () => {
  it("waits until the proxy in its pod serves the registries", async () => {
    const started = performance.now();
    assert.equal((await build(shell, ["a"], "", "0", 500)).status, 0);
    assert.ok(performance.now() - started >= 500);
  });

  it("fills in the tag of this build, with the commit, and the values of variables", async () => {
    const args = ["--destination=a:{own-tag}", "--no-push-cache={env:_readonly}"];
    const own = { _imagetag: "pull-17-{sha7}", _readonly: "true" };
    const { stdout } = await build(shell, args, "", "0", 0, own);
    assert.match(stdout, /^<--destination=a:pull-17-1a2b3c4>\n<--no-push-cache=true>\n/);
  });

  it("calls the builder with the commit filled in everywhere, and nothing else changed", async () => {
    const args = [
      "--tag=a:{branch}-{sha7}",
      "--label={commit},{sha7}",
      "a  b",
      "",
      "*",
      "$(id)",
      "{sha}",
      "\\n&",
      "[{tag}] {open}open} {env:CODE}{env:PATHS}",
    ];
    assert.deepEqual(await build(shell, args, ""), {
      status: 0,
      stdout: [
        "<--tag=a:{branch}-1a2b3c4>",
        `<--label=${commit},1a2b3c4>`,
        ...["<a  b>", "<>", "<*>", "<$(id)>", "<{sha}>", "<\\n&>", "<[] {open} 0>"],
        "said last\n",
      ].join("\n"),
      stderr: "",
    });
  });

  it("exits with the builder's status", async () => {
    assert.equal((await build(shell, [], "", "7")).status, 7);
    assert.equal((await build(shell, [], undefined, "1")).status, 1);
  });

  it("exits with 1 and says so if a signal has ended the builder or a program that it ran", async () => {
    for (const [code, said] of [
      ["137", /\na program of the build was killed: if it ran out of memory, raise `resources\.memory` in /],
      ["143", /\nthe builder exited with code 143: a signal ended a program of the build\n$/],
    ] as const) {
      const { status, stdout } = await build(shell, [], "", code);
      assert.equal(status, 1);
      assert.match(stdout, said);
    }
    assert.equal((await build(shell, [], "", "127")).status, 127);
  });

  it("builds nothing if the image exists", async () => {
    assert.deepEqual(await build(shell, ["x"], "sha256:1a2b"), {
      status: 0,
      stdout: "the image exists: nothing to build\n",
      stderr: "",
    });
  });
});
