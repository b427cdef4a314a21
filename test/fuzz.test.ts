/** A small run of `npm run fuzz`, and proof that it finds errors. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { describeErrors } from "../components/settings/errors.ts";
import { fuzz } from "../tools/fuzz/fuzz.ts";
import { reportedErrors, checkMessage } from "../tools/fuzz/judge.ts";
import { tryStack } from "../tools/fuzz/run.ts";
import { smallConfig } from "./support/declare.ts";
import { temporaryFolder } from "./support/script.ts";

const file = join(temporaryFolder("fuzz"), "Pulumi.fuzz.yaml");

describe("random stack files", () => {
  it("declare their objects, or are refused with a message in the agreed format", async () => {
    const { valid, refused, failure } = await fuzz({ runs: 24, seed: 1, file });
    assert.equal(failure, undefined);
    // Otherwise the files would be too random to be valid, or too regular to be refused.
    assert.ok(valid >= 3 && refused >= 3, `${valid.toString()} valid, ${refused.toString()} refused`);
  });
});

describe("a message", () => {
  const error = { path: "branch", value: "x y", rule: "a branch", fix: "change it" };
  const message = describeErrors("f.yaml", "argo-cicd", [error]);
  const judged = (text: string, keys: object = { branch: "x y" }) => {
    checkMessage(text, "hunter2", { ...keys });
  };

  it("in the agreed format is parsed", () => {
    assert.deepEqual(reportedErrors(message), [{ ...error, value: '"x y"' }]);
    judged(message);
  });

  const broken: [string, string, RegExp][] = [
    ["a wrong count of its errors", message.replace("1 error", "2 errors"), /It reports 1 error/],
    ["an error without a fix", message.replace(/ +fix: .*\n/, ""), /no path, rule and fix/],
    ["a stack trace", message.replace("change it", "change it node_modules"), /not match/],
    ["a control code of a terminal", message.replace("change it", "change it\u001b[2J"), /not match/],
    ["a secret", message.replace("change it", "not hunter2"), /a secret is shown/],
    ["a value that is not in the file", message.replace("x y", "z"), /branch is not/],
    [
      "a command with a broken quote",
      message.replace("change it", "pulumi --path 'a'b'"),
      /not quoted for a shell/,
    ],
    ["an error twice", describeErrors("f.yaml", "argo-cicd", [error, error]), /reported twice/],
    ["a line that is too long", message.replace("change it", "x".repeat(1001)), /a line of 1001/],
    ["another error", "TypeError: Invalid URL\n", /nothing was declared/],
  ];
  for (const [what, text, expected] of broken) {
    it(`with ${what} is found`, () => assert.throws(() => judged(text), expected));
  }
});

describe("a stack file", () => {
  it("whose objects break a policy is found", async () => {
    const keys = { ...smallConfig(), builds: { builderFlags: ["--skip-tls-verify"] }, secrets: {} };
    await assert.rejects(tryStack(keys, file), /Policy verified-servers/);
  });
});
