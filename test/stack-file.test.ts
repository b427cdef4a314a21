/** Hand-written stack files: what the engine accepts is accepted, and the rest is reported. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseConfig } from "../components/settings/parse.ts";
import { readStackFile } from "../tools/offline/stack-file.ts";
import { UserError } from "../tools/offline/user-error.ts";
import { stackConfig } from "./support/declare.ts";

const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
after(() => {
  rmSync(folder, { recursive: true });
});
const develop = readFileSync("Pulumi.develop.yaml", "utf8");
const file = join(folder, "Pulumi.hand.yaml");

function read(text: string | Buffer) {
  writeFileSync(file, text);
  return readStackFile(file, "argo-cicd");
}

/** The error of a file that is refused. */
function refused(text: string | Buffer): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(file, "FILE");
  }
  return assert.fail("the file is accepted");
}

/** The only error of a file. */
function errorOf(text: string): string {
  const [head = "", one = ""] = refused(text).trimEnd().split("\n\n");
  assert.match(head, / has 1 error; /);
  return one.replaceAll(/\n? {2,}/g, " | ").slice(3);
}

const branch = (text: string) => develop.replace("argo-cicd:branch: develop", text);
const more = (text: string) => develop.replace("  argo-cicd:projects:", `${text}\n  argo-cicd:projects:`);
const withArgument = (text: string) =>
  develop.replace(
    "        - alog-service-user",
    `        - name: alog-service-user\n          args: {V: ${text}}`,
  );

describe("the committed stack files", () => {
  for (const stack of ["develop", "publish"]) {
    it(`${stack} has no error once its secrets are set`, () => {
      assert.deepEqual(parseConfig(stackConfig(stack)).errors, []);
    });
  }
});

describe("a stack file that is not valid YAML", () => {
  it("because of aliases is reported", () => {
    assert.match(refused(branch("argo-cicd:branch: *nope")), /^FILE is not YAML: Unresolved alias .*: nope$/);
    assert.equal(
      refused(more("  argo-cicd:builds: &a\n    cache: *a")),
      "FILE is not YAML: an anchor (&) contains an alias (*) of itself",
    );
    const tenfold = (name: string, inner: string) =>
      `  argo-cicd:${name}: &${name} [${Array(10).fill(inner).join()}]`;
    const aliasBomb = [tenfold("a", "1"), tenfold("b", "*a"), tenfold("c", "*b"), tenfold("d", "*c")].join(
      "\n",
    );
    assert.match(refused(more(aliasBomb)), /^FILE is not YAML: Excessive alias count/);
    for (const merged of ["*nope", "develop", "[1]", "null"])
      assert.match(
        refused(more(`  argo-cicd:builds:\n    <<: ${merged}`)),
        /^FILE is not YAML: <<: must merge an anchor \(&\) with keys, and one here is missing/,
      );
  });

  it("because of tags, documents or encodings that Pulumi reads differently or not at all is reported", () => {
    assert.match(
      refused(branch("argo-cicd:branch: !foo develop")),
      /^FILE is not YAML: Unresolved tag: !foo/,
    );
    assert.equal(
      refused(`${develop}---\nother: 1\n`),
      "FILE has several documents, and Pulumi reads only the first: remove the --- between them.",
    );
    const utf16 = Buffer.from(`\ufeff${develop}`, "utf16le");
    assert.equal(
      refused(utf16),
      "FILE is not encoded in UTF-8, the only encoding that Pulumi reads: save it as UTF-8.",
    );
  });

  it("because it cannot be read is reported", () => {
    assert.throws(
      () => readStackFile(folder, "argo-cicd"),
      (error) => error instanceof UserError && error.message === `${folder} cannot be read: EISDIR.`,
    );
  });

  it("does not include one with a byte order mark, CRLF, or a merged anchor, which the engine accepts", () => {
    const { config } = read(develop);
    assert.deepEqual(read(`\ufeff${develop}`).config, config);
    assert.deepEqual(read(develop.replaceAll("\n", "\r\n")).config, config);
    const merged = develop
      .replace("    alog:\n", "    alog: &alog\n")
      .replace("    aform:\n      owner: KEA-ACCELER", "    aform:\n      <<: {owner: KEA-ACCELER}");
    assert.deepEqual(read(merged).settings(), read(develop).settings());
  });
});

describe("a key of a stack file", () => {
  it("without a prefix is the project's, as for the engine", () => {
    assert.equal(read(branch("branch: main")).config["argo-cicd:branch"], "main");
    assert.match(errorOf(more("  bulids: {timeLimit: 5h}")), /^argo-cicd:bulids .*did you mean builds\?$/);
    assert.equal(
      errorOf(more("  branch: main")),
      "argo-cicd:branch | rule: appears twice, with its prefix and without | fix:  remove one of the two".replace(
        "fix:  ",
        "fix: | ",
      ),
    );
  });

  it("with a misspelt prefix is reported, and a provider's is ignored", () => {
    for (const prefix of ["argo-cidc", "Argo-cicd", "argocicd"]) {
      assert.equal(
        errorOf(more(`  ${prefix}:builds: {timeLimit: 5h}`)),
        `argo-cicd:builds | rule: is written as ${prefix}:builds in the file, and nothing reads the prefix ${prefix} | fix: | write argo-cicd:builds`,
      );
    }
    assert.ok(read(more("  kubernetes:context: other")));
  });

  it("next to `config:` is reported", () => {
    for (const key of ["argo-cicd:builds", "builds"]) {
      assert.equal(
        errorOf(`${develop}${key}:\n  timeLimit: 5h\n`),
        "argo-cicd:builds | rule: is outside `config:`, where nothing reads it | fix: | indent it, so that it is below `config:`",
      );
    }
  });

  it("with a special meaning in JavaScript is reported, not ignored", () => {
    assert.match(
      errorOf(more("  argo-cicd:registries: {__proto__: {username: a}}")),
      /^argo-cicd:registries\.__proto__ \| rule: cannot be used as a key/,
    );
    assert.match(
      errorOf(withArgument("x, __proto__: y")),
      /^argo-cicd:projects\.alog\.repositories\[1\]\.args\.__proto__ /,
    );
    assert.match(
      errorOf(develop.replace("      owner: KEA", "      __proto__: 1\n      owner: KEA")),
      /unknown key; known/,
    );
  });
});

describe("an encrypted value", () => {
  it("outside of `secrets` is reported, since the declared objects would have it in plain text", () => {
    const said =
      "rule: only values of `secrets` may be encrypted; this one would be in plain text in the declared resources | fix: | write it in plain text or, if it must stay secret, use a key that refers to one of `secrets`";
    const at = "argo-cicd:projects.alog.repositories[1].args.V";
    assert.equal(errorOf(withArgument("{secure: v1:abc}")), `${at} | ${said}`);
    assert.equal(errorOf(branch("argo-cicd:branch: {secure: v1:abc}")), `argo-cicd:branch | ${said}`);
    assert.ok(read(more("  argo-cicd:secrets: {githubToken: {secure: v1:abc}}")));
  });
});

describe("a value without quotes", () => {
  it("that Pulumi reads as a date or another number is reported, and accepted with quotes", () => {
    const at = "argo-cicd:projects.alog.repositories[1].args.V";
    const fix = "fix: | put it in quotes, or write a number without leading zeros and _";
    for (const date of ["2024-01-01", "2024-1-2", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00"]) {
      assert.equal(
        errorOf(withArgument(date)),
        `${at} = "${date}" | rule: without quotes, Pulumi reads it as a date, and changes its format | ${fix}`,
      );
      assert.ok(read(withArgument(`"${date}"`)));
    }
    for (const number of ["0777", "1_000", "0b101", "-012", "0x1_0"]) {
      assert.equal(
        errorOf(withArgument(number)),
        `${at} = "${number}" | rule: without quotes, Pulumi reads it as another number | ${fix}`,
      );
    }
    for (const text of ["12:30:45", "1.2.3", "2024-01", "a_1", "_1", "0b2", "v1_000", "2024-01-01-rc"])
      assert.ok(read(withArgument(text)), text);
    assert.match(errorOf(develop.replace("nodePort: 30443", "nodePort: 073353")), /another number/);
  });
});
