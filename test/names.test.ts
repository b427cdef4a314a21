import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import * as names from "../components/names.ts";
import type { NameRule } from "../components/names.ts";

describe("a name's rule", () => {
  const cases: [string, NameRule<string>, string[], string[]][] = [
    [
      "dnsLabel",
      names.dnsLabel,
      ["a", "alog", "a-1", "a".repeat(63)],
      ["", "A", "-a", "a-", "a.b", "a".repeat(64)],
    ],
    [
      "repositoryName",
      names.repositoryName,
      ["web", "Web.js", "_a_"],
      ["", "a/b", "a b", "...", "w".repeat(64)],
    ],
    ["owner", names.owner, ["KEA-ACCELER", "a"], ["-a", "a-", "a_b", ""]],
    [
      "branch",
      names.branch,
      ["main", "feature/x", "v1.0"],
      ["refs/heads/x", "/a", "a/", "a..b", "a b", "a.lock", "a."],
    ],
    ["variableName", names.variableName, ["A", "REACT_APP_1", "_x"], ["1A", "A-B", ""]],
    ["registryHost", names.registryHost, ["docker.io", "registry:5000"], ["https://x", "x/y", "", "X"]],
    ["tagTemplate", names.tagTemplate, ["{branch}-{sha7}", "latest"], ["{tag}", "-a", "a b", ""]],
  ];
  for (const [name, rule, good, bad] of cases) {
    it(`${name} takes what is right and nothing else`, () => {
      for (const text of good) assert.equal(names.parseName(rule, text), text);
      for (const text of bad) assert.equal(names.parseName(rule, text), undefined, text);
    });
    it(`${name} takes its own example`, () => {
      assert.equal(names.parseName(rule, rule.example), rule.example);
    });
  }
});

describe("a derived name", () => {
  const repositories = fc
    .stringMatching(/^[A-Za-z0-9._-]{1,63}$/)
    .map((text) => names.parseName(names.repositoryName, text))
    .filter((name) => name !== undefined);
  const branches = fc
    .stringMatching(/^[A-Za-z0-9._/+#=@-]{1,200}$/)
    .map((text) => names.parseName(names.branch, text))
    .filter((name) => name !== undefined);

  it("of a repository is a name that Kubernetes takes", () => {
    fc.assert(
      fc.property(repositories, (repository) => {
        const object = names.objectName(repository);
        assert.equal(names.parseName(names.dnsLabel, object), object);
      }),
    );
  });

  it("of a branch is part of a tag and a label's value", () => {
    fc.assert(
      fc.property(branches, (branch) =>
        assert.match(names.branchSegment(branch), /^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/),
      ),
    );
  });

  it("matches itself as a regular expression, and nothing beside", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const pattern = new RegExp(`^${names.escapeRegExp(text)}$`);
        assert.ok(pattern.test(text));
        assert.ok(!pattern.test(`${text}x`));
      }),
    );
  });

  it("of an image leaves Docker Hub's host out, as manifests do", () => {
    const image = (host: string, namespace: string | undefined) =>
      names.imageName(
        parsed(names.registryHost, host),
        namespace === undefined ? undefined : parsed(names.imageNamespace, namespace),
        parsed(names.repositoryName, "Alog-Front-Web"),
      );
    assert.equal(image("docker.io", "chromato99"), "chromato99/alog-front-web");
    assert.equal(image("registry:5000", "team"), "registry:5000/team/alog-front-web");
    assert.equal(image("registry:5000", undefined), "registry:5000/alog-front-web");
  });

  it("with a suffix fits, however long the name is", () => {
    assert.equal(names.suffixed(parsed(names.dnsLabel, "alog"), "build"), "alog-build");
    assert.equal(names.suffixed(parsed(names.dnsLabel, "a".repeat(63)), "build").length, 63);
  });
});

function parsed<Name extends string>(rule: NameRule<Name>, text: string): Name {
  const name = names.parseName(rule, text);
  assert.ok(name !== undefined, text);
  return name;
}
