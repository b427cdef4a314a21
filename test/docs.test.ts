/** Commands of the documentation, run as they are written. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parse } from "yaml";
import { parseConfig } from "../components/settings/parse.ts";
import type { Config } from "./support/declare.ts";
import { root, smallConfig } from "./support/declare.ts";

/** The code block of a document that holds a text. */
function block(document: string, text: string): string {
  const blocks = readFileSync(join(root, document), "utf8").matchAll(/```sh\n(.*?)```/gs);
  const found = [...blocks].map(([, code = ""]) => code).find((code) => code.includes(text));
  assert.ok(found !== undefined, text);
  return found;
}

describe("the import of an .env file", () => {
  const folder = mkdtempSync(join(tmpdir(), "docs-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Writes down what it is asked to set. */
  const pulumi = '#!/bin/sh\nprintf \'%s=%s\\n\' "$5" "$(cat)" >>"$TAKEN"\n';

  it("sets each value whole: with equals signs, without quotes, and the last line too", () => {
    writeFileSync(join(folder, "pulumi"), pulumi, { mode: 0o755 });
    const lines = [
      "# A comment=none",
      "",
      "JWT_SECRET=c2VjcmV0a2V5MTIzNA=",
      'DB_PASSWORD="two words"',
      "REGION='kr'",
      "EMPTY=",
      "LAST=x=y",
    ];
    writeFileSync(join(folder, "alog.env"), lines.join("\n"));
    const taken = join(folder, "taken");
    execFileSync("sh", ["-euc", block("docs/operations.md", "alog.env")], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env["PATH"] ?? ""}`, TAKEN: taken },
    });
    const prefix = "secrets.projects.alog.";
    assert.deepEqual(readFileSync(taken, "utf8").replaceAll(prefix, "").trimEnd().split("\n"), [
      "JWT_SECRET=c2VjcmV0a2V5MTIzNA=",
      "DB_PASSWORD=two words",
      "REGION=kr",
      "EMPTY=",
      "LAST=x=y",
    ]);
  });
});

describe("the parts of a stack file in docs/registries.md", () => {
  const text = readFileSync(join(root, "docs/registries.md"), "utf8");
  const blocks = [...text.matchAll(/```yaml\n(argo-cicd:.*?)```/gs)].map(([, block = ""]) => block);
  // A certificate is left out there.
  const whole = blocks.filter((block) => !block.includes("…"));

  it("are valid, but for secrets", () => {
    assert.ok(whole.length >= 4);
    for (const block of whole) {
      const keys = Object.entries(parse(block) as Config).map(([key, value]) => [
        key.replace(/^.*:/, ""),
        value,
      ]);
      const { errors } = parseConfig(smallConfig(Object.fromEntries(keys) as Config));
      const others = errors.filter(({ missingSecret }) => missingSecret === undefined);
      assert.deepEqual(others, [], block);
    }
  });
});
