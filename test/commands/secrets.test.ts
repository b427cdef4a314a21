import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkout } from "../support/checkout.ts";
import { root } from "../support/declare.ts";
import { handedOn, outcome, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("secrets");

/** A stand-in for pulumi: sets and records a value, and runs AT_JWT_SECRET before it sets JWT_SECRET. */
const pulumi = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const { parseDocument } = require("${root}/node_modules/yaml");
const args = process.argv.slice(2);
const path = args[args.indexOf("--path") + 1];
const value = readFileSync(0, "utf8");
appendFileSync(process.env.TAKEN, JSON.stringify({ args: args.slice(0, 8).filter((one) => one !== path), path, value }) + "\\n");
const [, , , , key] = ["config", ...path.split(".")];
if (key === "JWT_SECRET") eval(process.env.AT_JWT_SECRET ?? "");
const file = args[args.indexOf("--config-file") + 1];
const document = parseDocument(readFileSync(file, "utf8"));
document.setIn(["config", "argo-cicd:secrets", ...path.split(".").slice(1)], { secure: "v1:" + key });
writeFileSync(file, document.toString());
`;

let cases = 0;

interface Given {
  readonly env: string;
  /** JavaScript that the command runs before it sets JWT_SECRET. */
  readonly atJwtSecret?: string;
  readonly input?: string;
}

interface Taken {
  readonly args: readonly string[];
  readonly path: string;
  readonly value: string;
}

/** Runs the command in a checkout of its own, with the stand-in for pulumi. */
function prepared({ env, atJwtSecret = "", input }: Given) {
  cases += 1;
  const base = checkout(join(folder, `case-${cases.toString()}`));
  const bin = join(base, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "package.json"), '{ "type": "commonjs" }');
  writeFileSync(join(bin, "pulumi"), pulumi, { mode: 0o755 });
  writeFileSync(join(base, "alog.env"), env);
  const taken = join(base, "taken");
  const stackFile = join(base, "Pulumi.develop.yaml");
  const own = { PATH: bin, TAKEN: taken, AT_JWT_SECRET: atJwtSecret, STACK_FILE: stackFile, TMPDIR: base };
  const variables = { ...handedOn, ...own };
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [join(base, "tools/secrets.ts"), ...args], {
      cwd: base,
      env: variables,
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(input ?? "");
    return child;
  };
  return {
    base,
    variables,
    start,
    run: (...args: string[]) => outcome(start(...args)),
    stackFile: () => readFileSync(stackFile, "utf8"),
    taken: (): Taken[] =>
      existsSync(taken)
        ? readFileSync(taken, "utf8")
            .split("\n")
            // The last line may still be incomplete.
            .slice(0, -1)
            .map((line) => JSON.parse(line) as Taken)
        : [],
    /** Files that exist only during an import. */
    leftovers: () => readdirSync(base).filter((name) => /^secrets-|\.new$/.test(name)),
  };
}

const committed = readFileSync(join(root, "Pulumi.develop.yaml"), "utf8");

/** Runs a program whose standard input does not block, as some terminals and parents set it. */
const perl = `perl -MFcntl -e 'fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK); exec @ARGV'`;
const importAlog = ["import", "develop", "alog", "alog.env"];

describe("npm run secrets -- import", { concurrency: 2 }, () => {
  it("sets the declared keys, reports skipped and missing ones, and shows no value", async () => {
    const one = prepared({
      env: "DB_USERNAME=hunter1\nJWT_SECRET=c2VjcmV0==\nDB_PASWORD=hunter2\nGITHUB_TOKEN=hunter3\nREGION=\nREACT_APP_CLIENT_ID='hunter 4'",
    });
    const { status, stdout, stderr } = await one.run(...importAlog);
    assert.deepEqual([status, stderr], [0, ""]);
    const set = (key: string) =>
      `  pulumi config set --secret --path 'secrets.projects.alog.${key}' --stack develop`;
    const missing = [
      ...["DB_PASSWORD", "AWS_ENDPOINT", "REGION", "S3_BUCKET_NAME", "AWS_ACCESS_KEY_ID"],
      ...["AWS_SECRET_ACCESS_KEY", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "SPRING_MAIL_HOST"],
      ...[
        "SPRING_MAIL_PORT",
        "SPRING_MAIL_USERNAME",
        "SPRING_MAIL_PASSWORD",
        "SPRING_MAIL_PROPS_MAIL_SMTP_TIMEOUT",
      ],
      ...[
        "REACT_APP_CLIENT_SECRET",
        "REACT_APP_ALOG_API_URL",
        "REACT_APP_YORKIE_API_URL",
        "REACT_APP_YORKIE_API_KEY",
      ],
    ];
    const unknown = "no key of projects.alog.secret and no build has this name";
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "3 values were set for the project alog of the stack develop.",
      "set:",
      "  DB_USERNAME",
      "  JWT_SECRET",
      "  REACT_APP_CLIENT_ID",
      "skipped:",
      `  DB_PASWORD: ${unknown}; did you mean DB_PASSWORD?`,
      `  GITHUB_TOKEN: ${unknown}`,
      "  REGION: it has no value in the file",
      "still without a value:",
      ...missing.map(set),
    ]);
    assert.deepEqual(
      one.taken().map(({ path, value }) => [path, value]),
      [
        ["secrets.projects.alog.DB_USERNAME", "hunter1"],
        ["secrets.projects.alog.JWT_SECRET", "c2VjcmV0=="],
        ["secrets.projects.alog.REACT_APP_CLIENT_ID", "hunter 4"],
      ],
    );
    assert.deepEqual(one.taken()[0]?.args, [
      "config",
      "set",
      "--secret",
      "--raw",
      "--path",
      "--stack",
      "develop",
    ]);
    assert.match(one.stackFile(), /alog:\n +DB_USERNAME:\n +secure: v1:DB_USERNAME\n/);
    assert.deepEqual(one.leftovers(), []);
  });

  it("replaces existing values, reports that, and reads the standard input", async () => {
    const one = prepared({ env: "DB_USERNAME=a", input: "\uFEFFDB_USERNAME=b\r\nREGION=kr" });
    await one.run(...importAlog);
    const { status, stdout } = await one.run("import", "develop", "alog", "-");
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^2 values were set .*\nset:\n {2}REGION\nreplaced:\n {2}DB_USERNAME\nstill without/,
    );
    assert.deepEqual(
      one.taken().map(({ value }) => value),
      ["a", "b", "kr"],
    );
  });

  it("reads a pipe that does not block, and no more than a Secret can hold", async () => {
    const one = prepared({ env: "" });
    const child = spawn(
      "sh",
      [
        "-c",
        `{ sleep 1; printf REGION=kr; } | ${perl} "$0" "$@"`,
        process.execPath,
        join(one.base, "tools/secrets.ts"),
        ...importAlog.slice(0, 3),
        "-",
      ],
      {
        cwd: one.base,
        env: { ...one.variables, PATH: `${one.variables.PATH}:${process.env["PATH"] ?? ""}` },
      },
    );
    assert.deepEqual((await outcome(child)).stderr, "");
    assert.deepEqual(
      one.taken().map(({ value }) => value),
      ["kr"],
    );
    const large = prepared({ env: `REGION=${"x".repeat(2 ** 20)}` });
    const { status, stderr } = await large.run(...importAlog);
    assert.equal(status, 1);
    assert.equal(stderr, "alog.env has more than 1 MiB, which no Secret can hold; nothing was set.\n");
  });

  it("reports every error of the file at once, and sets nothing", async () => {
    const one = prepared({ env: "DB_USERNAME=ok\nJWT_SECRET=hunter#2\nhunter3\n" });
    const { status, stdout, stderr } = await one.run(...importAlog);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(
      stderr,
      `alog.env has 2 errors; nothing was set.

  line 2, JWT_SECRET
      rule: without quotes, some programs end the value at #
      fix:  put the value in single quotes

  line 3
      rule: a line must be KEY=value, a comment that begins with #, or empty
      fix:  write it as KEY=value; put a value of several lines in quotes

`,
    );
    assert.deepEqual([one.taken(), one.stackFile()], [[], committed]);
  });

  it("sets nothing if one value cannot be set, and prints pulumi's error", async () => {
    const one = prepared({
      env: "DB_USERNAME=a\nJWT_SECRET=b\nREGION=c",
      atJwtSecret: 'console.error("error: incorrect passphrase"); process.exit(255)',
    });
    const { status, stdout, stderr } = await one.run(...importAlog);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(stderr, "pulumi exited with 255, so nothing was set.\n  error: incorrect passphrase\n");
    assert.deepEqual([one.taken().length, one.stackFile(), one.leftovers()], [2, committed, []]);
  });

  it("reports in one line that pulumi is missing", async () => {
    const one = prepared({ env: "DB_USERNAME=a" });
    rmSync(join(one.base, "bin"), { recursive: true });
    const { status, stdout, stderr } = await one.run(...importAlog);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(
      stderr,
      "pulumi cannot be started: it is not installed, or not in PATH, so nothing was set.\n",
    );
    assert.deepEqual([one.stackFile(), one.leftovers()], [committed, []]);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    it(`sets nothing if ${signal} interrupts it`, async () => {
      const one = prepared({
        env: "DB_USERNAME=a\nJWT_SECRET=b",
        atJwtSecret: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)",
      });
      const child = one.start(...importAlog);
      const ended = outcome(child);
      while (one.taken().length < 2 && child.exitCode === null)
        await new Promise((done) => setTimeout(done, 20));
      child.kill(signal);
      const { stdout, stderr } = await ended;
      assert.deepEqual([stdout, one.stackFile()], ["", committed]);
      if (signal === "SIGKILL") return;
      assert.equal(stderr, "Interrupted; Pulumi.develop.yaml is unchanged.\n");
      assert.deepEqual(one.leftovers(), []);
    });
  }

  it("keeps an edit made during the import", async () => {
    const one = prepared({
      env: "JWT_SECRET=b",
      atJwtSecret: 'appendFileSync(process.env.STACK_FILE, "# an edit\\n")',
    });
    const { status, stderr } = await one.run(...importAlog);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "Pulumi.develop.yaml was changed in the meantime, so nothing was set. Run this again.\n",
    );
    assert.equal(one.stackFile(), `${committed}# an edit\n`);
  });

  it("fails if no key of the file is declared", async () => {
    const one = prepared({ env: "FOO=1" });
    const { status, stdout } = await one.run(...importAlog);
    assert.equal(status, 1);
    assert.match(stdout, /^0 values were set .*\nskipped:\n {2}FOO: no key of/);
    assert.deepEqual([one.taken(), one.stackFile()], [[], committed]);
  });

  const mistakes: [string, string[], RegExp][] = [
    [
      "no file",
      ["import", "develop", "alog"],
      /^Name a stack, a project and a file\.\n\nnpm run secrets -- /,
    ],
    ["another action", ["export", "develop", "alog", "x"], /^Name a stack, a project and a file\./],
    ["an unknown stack", ["import", "staging", "alog", "x"], /^There is no stack staging: /],
    [
      "an unknown project",
      ["import", "develop", "blog", "alog.env"],
      /^Pulumi\.develop\.yaml declares no keys for a project blog: /,
    ],
    [
      "a file that does not exist",
      ["import", "develop", "alog", "no.env"],
      /^no\.env cannot be read: no such file or directory\.\n$/,
    ],
    [
      "a file in UTF-16",
      ["import", "develop", "alog", "utf16.env"],
      /^utf16\.env is not text in UTF-8; nothing was set\.\n$/,
    ],
  ];
  it("reports a user error in one line", async () => {
    const one = prepared({ env: "DB_USERNAME=a" });
    writeFileSync(join(one.base, "utf16.env"), Buffer.from("\uFEFFDB_USERNAME=a", "utf16le"));
    const ended = await Promise.all(
      mistakes.map(async (mistake) => [mistake, await one.run(...mistake[1])] as const),
    );
    for (const [[name, , expected], { status, stdout, stderr }] of ended) {
      assert.deepEqual([status, stdout], [1, ""], name);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /^ +at /m);
    }
    assert.deepEqual(one.taken(), []);
  });
});
