/** Build arguments end to end: from the stack file through Argo, the kubelet and the shell to the builder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { builders } from "../../components/builds/builders/builders.ts";
import { insteadOf } from "../../components/builds/builders/flags.ts";
import { stageName, variableName } from "../../components/names.ts";
import { branch, named } from "../support/builders.ts";
import { step, template } from "../support/build-template.ts";
import { root } from "../support/declare.ts";
import type { Shell } from "../support/script.ts";
import { imageShell, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("arguments");
const builder = join(folder, "builder");
writeFileSync(
  builder,
  '#!/bin/sh\nfor one; do printf "%s\\0" "$one"; done\nprintf "%s\\0" "${tag-}" "${NAME-}"\n',
);
chmodSync(builder, 0o755);

const commit = "1a2b3c4d".repeat(5);
const sha7 = "1a2b3c4";
const tag = "v1.4.0";

/** What the author writes -> what the Dockerfile gets. */
const texts: Readonly<Record<string, string>> = {
  production: "production",
  "": "",
  "two  spaces ": "two  spaces ",
  "\ttab\nlines\n\n": "\ttab\nlines\n\n",
  "\"quotes\" 'quotes' `id` \\ \\\\ \\n": "\"quotes\" 'quotes' `id` \\ \\\\ \\n",
  "a=b=c, --flag;&|<>#": "a=b=c, --flag;&|<>#",
  "$HOME $$ $(NAME) $$(NAME) ${NAME} $(id) $": "$HOME $$ $(NAME) $$(NAME) ${NAME} $(id) $",
  "* ? [a-z] ~ /*": "* ? [a-z] ~ /*",
  "{{workflow.name}} {{=1+1}} {{{x}}} {{": "{{workflow.name}} {{=1+1}} {{{x}}} {{",
  "{open} {open{open}} {env:NAME} {env:} {env:x y} {": "{open} {open{open}} {env:NAME} {env:} {env:x y} {",
  '{"json": {"a": [{}]}}': '{"json": {"a": [{}]}}',
  "%s %25 \\{ \\x7b ü 값 😀": "%s %25 \\{ \\x7b ü 값 😀",
  "{commit}": commit,
  "{{commit}}": `{${commit}}`,
  "{branch}/{sha7}@{tag}{tag}": `release/1.x/${sha7}@${tag}${tag}`,
  "{{branch}}": "{release/1.x}",
  "{Commit} {sha} {commit {sha7": "{Commit} {sha} {commit {sha7",
};
const values = Object.keys(texts);
const nameOf = (index: number) => `ARG_${index.toString().padStart(2, "0")}`;
// In reverse, since the engine does not keep the order.
const args: Record<string, string> = Object.fromEntries(
  values.map((value, index): [string, string] => [nameOf(index), value]).reverse(),
);
const expected = Object.values(texts).map((value, index) => `${nameOf(index)}=${value}`);

/** Expands arguments as the kubelet does if every variable is set (Kubernetes third_party/forked/golang/expansion). */
function expand(text: string): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (_, one: string) => (one === "$" ? "$" : "<expanded>"));
}

/** Calls the builder as the pod does. */
function run(shell: Shell, given: readonly string[], environment: Readonly<Record<string, string>>) {
  const RESULTS = join(folder, `results-${(runs++).toString()}`);
  mkdirSync(RESULTS);
  for (const [name, value] of Object.entries({ commit, tag, digest: "", registries: "docker.io" }))
    writeFileSync(join(RESULTS, name), value);
  const script = join(root, "components/builds/programs/build.sh");
  return new Promise<string[]>((done, fail) => {
    const child = spawn("/usr/bin/env", ["sh", script, builder, ...given], {
      env: { ...environment, PATH: shell.path, RESULTS },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.on("error", fail);
    child.on("close", () => done(output.split("\0").slice(0, -1)));
  });
}
let runs = 0;

for (const name of Object.keys(builders) as (keyof typeof builders)[]) {
  const flag = name === "kaniko" ? "--build-arg=" : "--opt=build-arg:";
  describe(`build arguments of ${name}`, () => {
    it("hold nothing that Argo would expand", () => {
      const given = step("build", { builder: name, args }).container.args?.filter((one) =>
        one.startsWith(flag),
      );
      assert.equal(given?.length, values.length);
      assert.doesNotMatch(JSON.stringify(given), /\{\{/);
      // They change nothing else in the template.
      const whole = (one: Parameters<typeof template>[0]) =>
        JSON.stringify(template({ builder: name, ...one })).split("{{");
      assert.equal(whole({ args }).length, whole({}).length);
    });

    const shell = imageShell();
    it(`arrive as they are written, with the commit filled in, by ${shell.name}`, async () => {
      const given =
        step("build", { builder: name, args }, { branch: branch("release/1.x") }).container.args ?? [];
      const received = await run(shell, given.map(expand), { NAME: "of the environment" });
      assert.deepEqual(
        received.filter((one) => one.startsWith(flag)).map((one) => one.slice(flag.length)),
        expected,
      );
      // If other branches are built, the branch's name is in the environment.
      const others = step("build", { builder: name, args, otherBranches: true }).container.args ?? [];
      const receivedOther = await run(shell, others.map(expand), { _branch: "release/1.x", _imagetag: "x" });
      assert.deepEqual(
        receivedOther.filter((one) => one.startsWith(flag)).map((one) => one.slice(flag.length)),
        expected,
      );
    });
  });
}

describe("build arguments whose values are secrets", () => {
  const secret = "a $(NAME) {commit} {{x}} {open}\n\n";
  const shell = imageShell();
  it(`reach BuildKit as they are, by ${shell.name}`, async () => {
    const buildArgs = [named(variableName, "NAME"), named(variableName, "tag")];
    const given = step("build", { builder: "buildkit", buildArgs }).container.args ?? [];
    const received = await run(shell, given.map(expand), { NAME: secret, tag: "of the environment" });
    assert.deepEqual(
      received.filter((one) => one.startsWith("--opt=build-arg:")),
      [`--opt=build-arg:NAME=${secret}`, "--opt=build-arg:tag=of the environment"],
    );
    // Kaniko reads them itself.
    assert.deepEqual(received.slice(-2), ["of the environment", secret]);
  });
});

describe("flags of a builder", () => {
  const all = {
    args: { A: "b" },
    buildArgs: [named(variableName, "B")],
    secrets: [named(variableName, "C")],
    target: named(stageName, "prod"),
  };

  for (const name of Object.keys(builders) as (keyof typeof builders)[]) {
    it(`that the program passes to ${name} may not be set in a stack file`, () => {
      const given = step("build", { builder: name, ...all });
      const flags = (given.container.args ?? []).filter((one) => one.startsWith("--"));
      assert.ok(flags.length > 10);
      assert.deepEqual(
        flags.filter((one) => insteadOf(one, builders[name].reservedFlags) === undefined),
        [],
      );
    });

    const shell = imageShell();
    it(`come last to ${name}, as they are written but for the commit, by ${shell.name}`, async () => {
      const builderFlags = ["--a={{x}} $(NAME) {sha7}", "--b"];
      const given = step("build", { builder: name, builderFlags }).container.args ?? [];
      assert.doesNotMatch(given.slice(-2).join(""), /\{\{/);
      const received = await run(shell, given.map(expand), {});
      assert.deepEqual(received.slice(-4, -2), [`--a={{x}} $(NAME) ${sha7}`, "--b"]);
    });
  }

  it("are recognized by name, and by key if they have keys", () => {
    const own = new Map([
      ["a", "1"],
      ["b=x", "2"],
      ["b=y:*", "3"],
    ]);
    const of = (flag: string) => insteadOf(flag, own);
    assert.deepEqual(["--a", "--a=", "--a=b=c"].map(of), ["1", "1", "1"]);
    assert.deepEqual(["--b=x", "--b=x=1", "--b=y:z=1", "--b=y:z:w\n=1"].map(of), ["2", "2", "3", "3"]);
    const free = ["--aa", "--b", "--b=xx", "--b=y", "--b=z:y", "--c=a", "--constructor"];
    assert.deepEqual(
      free.map(of),
      free.map(() => undefined),
    );
  });
});
