import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { z } from "zod";
import * as addresses from "../components/addresses.ts";
import * as field from "../components/fields.ts";
import { nearest, unknownKeyFix } from "../components/checks.ts";

interface Case {
  readonly schema: z.ZodType;
  /** Accepted unchanged. */
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
  /** The error for the bad values, with the fix in a second line. */
  readonly message: string;
}

const cases: Readonly<Record<string, Case>> = {
  cpu: {
    schema: field.cpu,
    good: ["1", "12", "500m", "0.5", "0.05", "0.50", "1.5", "10.25"],
    bad: [
      "",
      "0",
      "0.0",
      "0m",
      "01",
      "m",
      "1.5m",
      "1.",
      ".5",
      "1 ",
      " 1",
      "1cpu",
      "x1",
      "-1",
      "10000000",
      "10000000m",
    ],
    message: 'a Kubernetes CPU quantity, in quotes\nwrite it like "500m" or "2"',
  },
  bytes: {
    schema: field.bytes,
    good: ["1Ki", "512Mi", "10Gi", "2Ti", "9999999999Ki", "999999Ti"],
    bad: ["", "0Gi", "Gi", "10", "10G", "1.5Gi", "10GiB", " 10Gi", "x1Gi", "1000000Ti", "99999999999Gi"],
    message: "a Kubernetes quantity with a binary unit, below 1Ei\nwrite it like 512Mi or 10Gi",
  },
  volumeSize: {
    schema: field.volumeSize,
    good: ["1Gi", "10Gi", "2Ti"],
    bad: ["", "1Ki", "1023Mi", "1024Mi", "0Gi", "10G", "1.5Gi", "1000000Ti"],
    message: "a volume size of 1Gi or more, in Gi or Ti\nwrite it like 10Gi",
  },
  "path that no commit has": {
    schema: field.repositoryPath,
    good: [".github", ".gitmodules", "a.git", "a/.gitkeep"],
    bad: [".git", ".git/hooks", "a/.git", "a/.GIT/b", "./.git"],
    message: "a path that a commit can contain, which excludes .git\nname a folder or file of the repository",
  },
  "file that no commit has": {
    schema: field.rootedPath,
    good: ["/.github/Dockerfile", ".gitignore"],
    bad: [".git/Dockerfile", "/a/.git/Dockerfile"],
    message: "a path that a commit can contain, which excludes .git\nname a folder or file of the repository",
  },
  nodePort: {
    schema: field.nodePort,
    good: [30000, 32767],
    bad: [29999, 32768, 30000.5, "30000", 0],
    message: "a NodePort: a whole number from 30000 to 32767\nchoose a free one in that range",
  },
  count: {
    schema: field.count("how many"),
    good: [1, 40],
    bad: [0, -1, 1.5, "1"],
    message: "how many: a whole number from 1 to 1000000\nwrite a number like 4",
  },
  cacheRepository: {
    schema: field.cacheRepository,
    good: [
      "{image}",
      "{image}-cache",
      "{image}/cache",
      "registry:5000/team/cache",
      "registry.example/a_b.c-d",
      "{image}cache/a__b",
      "registry.example:65535/a",
    ],
    bad: [
      "",
      "{image}-",
      "x{image}",
      "{image}:tag",
      "Registry/cache",
      "registry:500000/x",
      "-x",
      "a/",
      "{service}",
      "a//b",
      "{image}//b",
      "{image}-.b",
      "a/-b",
      "a..b/c",
      "registry:65536/x",
      "registry.-a:5000/x",
    ],
    message: "an image repository without a tag; it may begin with {image}\nwrite it like {image}-cache",
  },
  bucket: {
    schema: field.bucket,
    good: ["abc", "build-logs", "a.b", "1-2", "a".repeat(63)],
    bad: ["", "ab", "-abc", "abc-", "Abc", "a_b", "a".repeat(64), "abc ", " abc"],
    message: "an S3 bucket: 3 to 63 lower-case letters, digits, '.' and '-'\nwrite it like build-logs",
  },
  helmParameter: {
    schema: field.helmParameter,
    good: ["image", "{service}.image.tag", "a[0].b", "_x", "A-1"],
    bad: ["", ".a", "-a", "a b", "a=b", "a,b", "a\n", "[0]"],
    message: "the name of a Helm value; it may contain {service}\nwrite it like {service}.image.tag",
  },
  "httpUrl of an impossible host": {
    schema: addresses.httpUrl,
    good: ["https://a:65535", "https://255.1.1.1", "https://1.2.3.4.example"],
    bad: [
      ..."https://a:65536 https://256.1.1.1 https://1.2.3.4.5 http://a..0x https://a..b https://a.-b".split(
        " ",
      ),
      ..."https://-a https://a- https://a.example. https://a-.b".split(" "),
      `https://${"a".repeat(64)}.example`,
      `https://${"a.".repeat(127)}example`,
    ],
    message:
      "a URL with a valid host and port\ncorrect the host: each part between dots has 1 to 63 letters, digits and '-', with a letter or digit at both ends; a port is at most 65535, and an IP address has four numbers up to 255",
  },
  httpsUrl: {
    schema: addresses.httpsUrl,
    good: ["https://a", "http://localhost:1", "http://10.0.0.1:44433/x", "http://127.0.0.1"],
    bad: [
      "http://a.example",
      "http://0",
      "http://10.1",
      "http://10.0.0.1.example",
      "http://localhost.example",
    ],
    message: "an HTTPS address\nwrite https://, with a certificate that the caller trusts",
  },
  httpUrl: {
    schema: addresses.httpUrl,
    good: ["https://a", "http://a.b-c:8080", "https://a.example/", "https://a.example:443/x/~y_z.-"],
    bad: [
      ..."a.example ftp://a https:// https://a:123456".split(" "),
      ..."https://a?b https://a/b?c https://a/b#c https://u@a https://a/b%20 xhttps://a".split(" "),
      "https://a b",
      "https://a/\n",
    ],
    message: "a URL of scheme, host and path only\nwrite it like https://alog.acceler.kr/github-webhook",
  },
  webhookUrl: {
    schema: addresses.webhookUrl,
    good: ["https://a", "https://a/", "https://a/b/c/", "http://10.0.0.1/x"],
    bad: ["https://a//", "https://a//b", "https://a/b//c"],
    message: "an address without // in its path\nwrite a single /",
  },
  hostName: {
    schema: addresses.hostName,
    good: ["a", "cd.example", "1-a.b", "a".repeat(63)],
    bad: [
      ..."A -a a- a. .a a_b a:80 https://a a/b a..b a.-b a-.b".split(" "),
      "",
      "a".repeat(64),
      "a.".repeat(127) + "a",
    ],
    message: "a DNS name in lower case\nwrite it like argocd.acceler.kr",
  },
  rootedPath: {
    schema: field.rootedPath,
    good: ["Dockerfile", "docker/web.Dockerfile", "/docker/web.Dockerfile", "/Dockerfile", "a b"],
    bad: ["", "/", "//Dockerfile", "../Dockerfile", "/../Dockerfile", "a/../b", "/a/..", "-f", "a$b", "{a}"],
    message:
      "a file inside the repository, of letters, digits, '.', '_', '/', and after the first character also '@', '+', '-' and spaces; without ..; a leading / is the repository's root\nwrite it like Dockerfile or /docker/web.Dockerfile",
  },
  partOfRepository: {
    schema: field.partOfRepository,
    good: ["앱/(shop)", "app/[id]/page.tsx", "R&D", "it's/a b", "-a", "+x", "{a,b}", "👪/$HOME", "..a"],
    bad: [
      "",
      "/a",
      "!a",
      "..",
      "a/../b",
      "a/*",
      "a?",
      "a\\b",
      'a"b',
      " a",
      "a ",
      "a/ b",
      "a /b",
      "a\n",
      "a\ud800",
    ],
    message:
      'the full path of a folder or file in the repository, not a pattern: without * ? \\ and ", without a leading / or !, without .. and without spaces at the ends of names\nwrite it like services/web',
  },
  repositoryPath: {
    schema: field.repositoryPath,
    good: ["a", "services/web", ".github", "a..b", "..a", "a/b.._", "_x/@y+z-1 2"],
    bad: ["", "/a", "..", "../a", "a/..", "a/../b", "-a", " a", "a\\b", "a:b", "a\n"],
    message:
      "a path inside the repository, of letters, digits, '.', '_', '/', and after the first character also '@', '+', '-' and spaces; without .. and without a space at the end\nwrite it like services/web",
  },
};

describe("a value of kind", () => {
  for (const [kind, { schema, good, bad, message }] of Object.entries(cases)) {
    it(`${kind} is accepted if valid`, () => {
      for (const value of good) assert.equal(schema.parse(value), value);
    });

    it(`${kind} is refused if invalid, with the rule and a fix`, () => {
      for (const value of bad) {
        const { error } = schema.safeParse(value);
        assert.ok(error !== undefined, JSON.stringify(value));
        const typed = typeof value === "string" && typeof good[0] === "number";
        if (!typed || kind === "nodePort" || kind === "count")
          assert.equal(error.issues[0]?.message, message);
      }
    });
  }

  it("period is converted to minutes, and must be one that cron can express", () => {
    const read = { "5m": 5, "10m": 10, "60m": 60, "1h": 60, "12h": 720, "24h": 1440, "1d": 1440 };
    for (const [text, minutes] of Object.entries(read)) assert.equal(field.period.parse(text), minutes);
    for (const text of [
      "",
      "0m",
      "1m",
      "4m",
      "7m",
      "45m",
      "90m",
      "5h",
      "25h",
      "2d",
      "600s",
      10,
      " 10m",
      "10mh",
    ]) {
      const { error } = field.period.safeParse(text);
      assert.match(
        error?.issues[0]?.message ?? "",
        /^a period that divides an hour or a day evenly/,
        String(text),
      );
    }
  });

  it("timeLimit is a duration in which a pod can start", () => {
    for (const [text, seconds] of [
      ["10s", 10],
      ["1m", 60],
      ["30d", 30 * 86400],
    ])
      assert.equal(field.timeLimit.parse(text), seconds);
    for (const text of ["1s", "9s"])
      assert.equal(
        field.timeLimit.safeParse(text).error?.issues[0]?.message,
        "a time in which a pod can start: 10s or more\nwrite it like 30m",
      );
  });

  it("duration is converted to seconds", () => {
    const read = { "1s": 1, "90s": 90, "30m": 1800, "2h": 7200, "7d": 604800, "999999s": 999999 };
    for (const [text, seconds] of Object.entries(read)) assert.equal(field.seconds.parse(text), seconds);
    for (const text of ["", "0s", "01s", "s", "90", "1.5h", "1w", "1000000s", " 1s", "1s ", "1h30m"]) {
      assert.equal(field.seconds.safeParse(text).success, false, text);
    }
    assert.equal(field.seconds.parse("3650d"), 315_360_000);
    for (const text of ["3651d", "36500d", "87601h", "999999h"]) {
      const { error } = field.seconds.safeParse(text);
      assert.deepEqual(
        error?.issues.map(({ message }) => message),
        ["a duration of at most 3650d (ten years)\nwrite a shorter one"],
      );
    }
  });
});

describe("a path inside a repository", () => {
  it("is normalized to the form of git", () => {
    const read = {
      "./web": "web",
      "web/": "web",
      "services//web": "services/web",
      "a/./b": "a/b",
      ".": ".",
      "./": ".",
    };
    for (const [text, path] of Object.entries(read)) assert.equal(field.repositoryPath.parse(text), path);
  });

  it("from its root is normalized, and keeps the leading slash", () => {
    const read = { "./Dockerfile": "Dockerfile", "/./a//b": "/a/b", "/Dockerfile": "/Dockerfile" };
    for (const [text, path] of Object.entries(read)) assert.equal(field.rootedPath.parse(text), path);
  });

  it("ends like a path of git, and a file's path does not end like a folder's", () => {
    for (const text of ["api ", "api /"]) assert.ok(!field.repositoryPath.safeParse(text).success, text);
    for (const text of ["docker/", "docker/.", "Dockerfile "])
      assert.ok(!field.rootedPath.safeParse(text).success, text);
    assert.equal(field.repositoryPath.parse("my app/.api"), "my app/.api");
  });

  it("must not be the whole repository where a part is required", () => {
    assert.equal(field.partOfRepository.parse("./web/"), "web");
    for (const text of [".", "./"]) {
      const { error } = field.partOfRepository.safeParse(text);
      assert.equal(
        error?.issues[0]?.message,
        "a part of the repository\nremove the key if every path matters",
      );
    }
  });
});

describe("a misspelt word", () => {
  const known = ["storageClass", "context", "uid"];

  it("is resolved to the nearest known one, in any case", () => {
    assert.equal(nearest("storageclass", known), "storageClass");
    assert.equal(nearest("CONTEXT", known), "context");
    assert.equal(nearest("contxt", known), "context");
    assert.equal(nearest("ccontext", known), "context");
    assert.equal(nearest("uix", known), "uid");
    // Up to a third of the letters may be wrong, and at least two.
    assert.equal(nearest("id", known), "uid");
    assert.equal(nearest("u", known), "uid");
    assert.equal(nearest("storageXXXss", known), "storageClass");
  });

  it("is not resolved if all known ones differ too much, or if there are none", () => {
    assert.equal(nearest("colour", known), undefined);
    assert.equal(nearest("xyz", known), undefined);
    assert.equal(nearest("storXXXXXass", known), undefined);
    assert.equal(nearest("uid", []), undefined);
  });

  it("is reported with the suggestion", () => {
    assert.equal(unknownKeyFix("contxt", known), "did you mean context?");
    assert.equal(unknownKeyFix("colour", known), "remove it");
  });
});
