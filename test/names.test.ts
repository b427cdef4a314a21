import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import * as derived from "../components/derived-names.ts";
import * as names from "../components/names.ts";
import type { NameRule } from "../components/names.ts";

describe("a name's rule", () => {
  const cases: [string, NameRule<string>, string[], string[]][] = [
    [
      "dnsLabel",
      names.dnsLabel,
      ["a", "alog", "a-1", "1a", "a--b", "a".repeat(63)],
      ["", "A", "-a", "a-", "a.b", "a b", "a".repeat(64)],
    ],
    [
      "dnsSubdomain",
      names.dnsSubdomain,
      ["a", "alog", "a.b", "fast.ssd-1", "a--b.c", "1.2", "a".repeat(253)],
      ["", "A.b", ".a", "a.", "a..b", "a-.b", "a.-b", "a_b", "a b", "a".repeat(254)],
    ],
    [
      "repositoryName",
      names.repositoryName,
      ["web", "Web.js", "_a_", ".a-", "9", "w".repeat(63)],
      ["", "a/b", "a b", "...", " a", "a ", "web.git", "w".repeat(64)],
    ],
    [
      "owner",
      names.owner,
      ["KEA-ACCELER", "a", "a--b", "1", "o".repeat(39)],
      ["-a", "a-", "a_b", "", "o".repeat(40)],
    ],
    [
      "branch",
      names.branch,
      [
        "main",
        "feature/x",
        "v1.0",
        "a+b#c=d@e_f-g",
        "lock",
        "a.lockx",
        "_a",
        "a/-b",
        "HEADS",
        "b".repeat(200),
      ],
      [
        "",
        "refs/heads/x",
        "/a",
        "a/",
        "a//b",
        "a..b",
        "ab//c",
        "ab..c",
        "ab/",
        "ab.lock",
        "a b",
        "a.lock",
        "a.",
        "a~b",
        "b".repeat(201),
        // What git reads as an option or another ref, or refuses.
        ..."-x HEAD @ .a a/.b a.lock/b".split(" "),
        // No character of these is allowed in an image tag.
        ..."_ ++ #/= --".split(" "),
        "_".repeat(63) + "a",
      ],
    ],
    [
      "variableName",
      names.variableName,
      ["A", "REACT_APP_1", "_x", "a".repeat(253)],
      ["1A", "A-B", "", "A B", "A=", "a".repeat(254)],
    ],
    [
      "registryHost",
      names.registryHost,
      ["docker.io", "registry:5000", "a", "a-b.c:1", "a:65535", "h".repeat(63), "h.".repeat(126) + "h"],
      [
        ..."https://x x/y X -a a- a: a:123456 a:b a..b a.-b a-.b .a a. a:0 a:65536".split(" "),
        "",
        "h".repeat(64),
        "h.".repeat(127) + "h",
      ],
    ],
    [
      "imageNamespace",
      names.imageNamespace,
      ["chromato99", "a/b", "a.b_c-d", "a".repeat(128)],
      ["", "A", "/a", "a/", "a//b", "-a", "a-", "a".repeat(129)],
    ],
    [
      "tagTemplate",
      names.tagTemplate,
      ["{branch}-{sha7}", "latest", "{sha7}", "_a.b-c", "v{branch}", "t".repeat(100)],
      ["{tag}", "-a", ".a", "a b", "", "{branch", "a}", "t".repeat(101)],
    ],
    [
      "branchPattern",
      names.branchPattern,
      ["feature/*", "release-*", "*", "*/*", "*-fix", "v1.x", "a/*/b", "a".repeat(56)],
      [
        ...[
          "",
          "**",
          "feature/**",
          "/a",
          "a/",
          "a//b",
          "a..b",
          "a/.b",
          "-a",
          ".a",
          "a-",
          "a.",
          "!a",
          "a?",
          "[ab]",
        ],
        ...["a b", "a+b", "#1", "a@b", "$a", "{a}", "'a'", "a\n", "HEAD", "refs/heads/a", "a".repeat(57)],
      ],
    ],
    [
      "gitTagPattern",
      names.gitTagPattern,
      ["v*", "*", "1.0", "_a-b", "v".repeat(63)],
      ["", "-a", ".a", "a/b", "a b", "v?", "v".repeat(64)],
    ],
    [
      "commit",
      names.commit,
      ["1a2b3c4", "0".repeat(7), "f".repeat(40)],
      ["1a2b3c", "A".repeat(7), "g".repeat(7), "", "x1a2b3c4", "1a2b3c4x", "0".repeat(41)],
    ],
  ];
  for (const [name, rule, good, bad] of cases) {
    it(`${name} accepts valid names only`, () => {
      for (const text of good) assert.equal(names.parseName(rule, text), text);
      for (const text of bad) assert.equal(names.parseName(rule, text), undefined, text);
    });
    it(`${name} accepts its own example`, () => {
      const example = rule.example.replaceAll('"', "");
      assert.equal(names.parseName(rule, example), example);
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

  it("of a repository is a valid name in Kubernetes", () => {
    fc.assert(
      fc.property(repositories, (repository) => {
        const object = derived.objectName(repository);
        assert.equal(names.parseName(names.dnsLabel, object), object);
      }),
    );
  });

  it("of a branch is valid in a tag and as a label's value", () => {
    fc.assert(
      fc.property(branches, (branch) =>
        assert.match(derived.branchSegment(branch), /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/),
      ),
    );
  });

  it("matches only itself as a regular expression", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const pattern = new RegExp(`^${derived.escapeRegExp(text)}$`);
        assert.ok(pattern.test(text));
        assert.ok(!pattern.test(`${text}x`));
      }),
    );
  });

  it("of an image omits Docker Hub's host, as manifests do", () => {
    const image = (host: string, namespace: string | undefined) =>
      derived.imageName(
        parsed(names.registryHost, host),
        namespace === undefined ? undefined : parsed(names.imageNamespace, namespace),
        parsed(names.repositoryName, "Alog-Front-Web"),
      );
    assert.equal(image("docker.io", "chromato99"), "chromato99/alog-front-web");
    assert.equal(image("registry:5000", "team"), "registry:5000/team/alog-front-web");
    assert.equal(image("registry:5000", undefined), "registry:5000/alog-front-web");
  });

  it("with a suffix fits, even for the longest name", () => {
    assert.equal(derived.suffixed(parsed(names.dnsLabel, "alog"), "build"), "alog-build");
    assert.equal(
      derived.suffixed(parsed(names.dnsLabel, "a".repeat(63)), "build"),
      `${"a".repeat(57)}-build`,
    );
    const cut = `${"a".repeat(55)}--${"b".repeat(6)}`;
    assert.equal(derived.suffixed(parsed(names.dnsLabel, cut), "build"), `${"a".repeat(55)}-build`);
    assert.equal(derived.cloneSecret("alog"), "alog-clone");
    assert.equal(derived.buildSecret("a".repeat(63)), `${"a".repeat(57)}-build`);
  });

  it("of a repository is in lower case, with `-` for characters that Kubernetes refuses", () => {
    const object = (name: string) => derived.objectName(parsed(names.repositoryName, name));
    assert.deepEqual(["Web.js", "__A_b.C--", "-a-b-"].map(object), ["web-js", "a-b-c", "a-b"]);
  });

  it("of a branch has `-` for characters that a tag refuses, and none at its ends", () => {
    const segment = (name: string) => derived.branchSegment(parsed(names.branch, name));
    assert.deepEqual(["main", "release/1.x", "a+b#c", "__a_.b--", "_/x/_"].map(segment), [
      "main",
      "release-1.x",
      "a-b-c",
      "a_.b",
      "x",
    ]);
    assert.equal(segment("b".repeat(70)), "b".repeat(63));
    assert.equal(segment(`${"b".repeat(62)}/x`), "b".repeat(62));
  });

  it("of a tag has branch and commit filled in, everywhere", () => {
    const branch = parsed(names.branch, "release/1.x");
    const template = (text: string) => parsed(names.tagTemplate, text);
    const tag = (text: string) => derived.tagOf(template(text), branch, "1a2b3c4");
    assert.equal(tag("{branch}-{sha7}"), "release-1.x-1a2b3c4");
    assert.equal(tag("{sha7}{sha7}.{branch}_{branch}"), "1a2b3c41a2b3c4.release-1.x_release-1.x");
    const tags = {
      commit: template("c-{sha7}"),
      moving: [template("{branch}"), template("latest")],
    } as const;
    assert.equal(derived.followedTag(tags, branch, undefined), "release-1.x");
    const pin = parsed(names.commit, "1a2b3c4d5e");
    assert.equal(derived.followedTag(tags, branch, pin), "c-1a2b3c4");
  });

  it("of a git tag pattern expands `*`, and keeps everything else literal", () => {
    const expression = (text: string) => derived.patternExpression(parsed(names.gitTagPattern, text));
    assert.equal(expression("v*"), "v[A-Za-z0-9_.-]*");
    assert.equal(expression("*-1.0*"), "[A-Za-z0-9_.-]*-1\\.0[A-Za-z0-9_.-]*");
  });

  it("of a branch pattern expands `*` without `/`", () => {
    const pattern = parsed(names.branchPattern, "feature/*.x");
    assert.equal(derived.patternExpression(pattern), "feature/[A-Za-z0-9_.-]*\\.x");
  });
});

describe("a name in the program", () => {
  it("is checked", () => {
    assert.equal(names.dnsLabelOf("build"), "build");
    assert.throws(() => names.dnsLabelOf("My_Build"), { message: `My_Build is not ${names.dnsLabel.rule}` });
  });

  it("is fixed for Secrets that other programs read", () => {
    const { statusSecret, logSecret, argoCdWebhookSecret, updaterSecret } = derived;
    assert.deepEqual(
      [statusSecret, logSecret, argoCdWebhookSecret, updaterSecret],
      ["github-status", "build-logs", "argocd-github-webhook", "image-updater-webhook"],
    );
  });
});

function parsed<Name extends string>(rule: NameRule<Name>, text: string): Name {
  const name = names.parseName(rule, text);
  assert.ok(name !== undefined, text);
  return name;
}

describe("the name prefix of a build's Workflow", () => {
  it("is the template's name, and differs for templates with the same long prefix", () => {
    const prefix = (text: string) => derived.workflowPrefix(parsed(names.dnsLabel, text));
    assert.equal(prefix("a".repeat(41)), "a".repeat(41));
    assert.equal(prefix("a".repeat(42)), `${"a".repeat(32)}-7a538607`);
    assert.notEqual(prefix(`${"a".repeat(50)}b`), prefix(`${"a".repeat(50)}c`));
  });
});

describe("the port of a project's deliveries", () => {
  it("depends only on its name, and is one that an unprivileged pod may listen on", () => {
    assert.equal(derived.eventPort("alog"), 19822);
    assert.equal(derived.eventPort("aform"), 23754);
    fc.assert(
      fc.property(fc.string(), (name) => {
        const port = derived.eventPort(name);
        assert.ok(port >= 12000 && port < 32000);
      }),
    );
  });
});
