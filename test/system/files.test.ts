import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { UserError } from "../../tools/offline/user-error.ts";
import { makeFolder, reasonOf, temporaryFolder, writeWhole } from "../../tools/system/files.ts";
import { outcome, temporaryFolder as testFolder } from "../support/script.ts";

const folder = testFolder("files");

describe("a file that a command writes", () => {
  it("replaces an existing one in one step, and keeps its mode", () => {
    const file = join(folder, "page.html");
    writeFileSync(file, "before", { mode: 0o600 });
    const { ino } = statSync(file);
    writeWhole(file, "after");
    assert.deepEqual([readFileSync(file, "utf8"), statSync(file).mode & 0o777], ["after", 0o600]);
    assert.notEqual(statSync(file).ino, ino);
  });

  it("may be the target of a link, which stays", () => {
    const link = join(folder, "link");
    writeFileSync(join(folder, "target"), "before");
    symlinkSync("target", link);
    writeWhole(link, "after");
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(join(folder, "target"), "utf8"), "after");
  });

  it("may be a pipe or a device, which is written to", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = outcome(spawn("cat", [pipe], { stdio: ["ignore", "pipe", "pipe"] }));
    writeWhole(pipe, "text");
    assert.equal((await reader).stdout, "text");
    assert.ok(statSync(pipe).isFIFO());
    writeWhole("/dev/null", "text");
    assert.ok(statSync("/dev/null").isCharacterDevice());
  });

  it("is named if it cannot be written, and nothing is left beside it", () => {
    writeFileSync(join(folder, "file"), "");
    const before = readdirSync(folder);
    for (const [file, because] of [
      [join(folder, "no/page.html"), "no such file or directory"],
      [join(folder, "file/page.html"), "not a directory"],
      [join(folder, `${"a".repeat(250)}.html`), "name too long"],
      [folder, "illegal operation on a directory"],
      ["/proc/page.html", "no such file or directory"],
    ] as const) {
      assert.throws(() => writeWhole(file, "text"), new UserError(`${file} cannot be written: ${because}.`));
    }
    assert.deepEqual(readdirSync(folder), before);
  });
});

describe("a folder that a command creates", () => {
  it("is created with those above it, and refused where there can be none", () => {
    makeFolder(join(folder, "a/b/c"));
    makeFolder(join(folder, "a/b/c"));
    assert.ok(statSync(join(folder, "a/b/c")).isDirectory());
    assert.throws(() => makeFolder("/proc/a/b"), { code: "ENOENT", path: "/proc/a" });
  });

  it("is refused in one sentence if TMPDIR is of no use", () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = join(folder, "missing");
    try {
      assert.throws(
        () => temporaryFolder("x-"),
        new UserError(
          `No temporary folder can be created in ${folder}/missing: no such file or directory. Set TMPDIR to a folder that can be written to.`,
        ),
      );
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });

  it("has reasons as they are, apart from Node Node's codes", () => {
    assert.equal(reasonOf(new Error("plain, and simple")), "plain, and simple");
    assert.equal(reasonOf("text"), "text");
  });
});
