import assert from "node:assert/strict";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import type { ICruiseResult, IConfiguration } from "dependency-cruiser";
import { cruise } from "dependency-cruiser";
import ts from "typescript";
import { images } from "../components/builds/images.ts";
import { publicImages } from "./support/cluster-environment.ts";
import { withoutDigest } from "./support/cluster-tools.ts";
import { root } from "./support/declare.ts";

// The tool does not read TypeScript as its configuration.
const configuration = (await import(join(root, ".dependency-cruiser.js"))) as { default: IConfiguration };
const files = ["index.ts", ...globSync("{components,tools}/**/*.ts", { cwd: root })];

/** Shows that the check `imports` of `npm test` refuses each kind of import. */
describe("an import", () => {
  const folder = mkdtempSync(join(tmpdir(), "imports-"));
  after(() => rmSync(folder, { recursive: true }));

  /** The rules that these files break with these lines. */
  async function broken(lines: Readonly<Record<string, string>>): Promise<string[]> {
    const base = mkdtempSync(join(folder, "case-"));
    for (const [file, line] of Object.entries(lines)) {
      mkdirSync(dirname(join(base, file)), { recursive: true });
      writeFileSync(join(base, file), `${line}\n`);
    }
    const { forbidden = [], options = {} } = configuration.default;
    const { tsPreCompilationDeps = false, enhancedResolveOptions = {} } = options;
    const { output } = await cruise(["."], {
      tsPreCompilationDeps,
      enhancedResolveOptions,
      baseDir: base,
      validate: true,
      ruleSet: { forbidden },
    });
    return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))].sort();
  }

  const one = "export const one = 1;";
  for (const [what, rule, lines] of [
    [
      "from one subject of another",
      "subjects-apart",
      { "components/builds/a.ts": 'export { one } from "../trigger/b.ts";', "components/trigger/b.ts": one },
    ],
    [
      "of a subject by the settings",
      "settings-below-subjects",
      { "components/settings/a.ts": 'import "../delivery/b.ts";', "components/delivery/b.ts": one },
    ],
    [
      "of the settings by a chart",
      "charts-and-builders-below-settings",
      {
        "components/charts/a.ts": 'import type { A } from "../settings/b.ts";',
        "components/settings/b.ts": "export type A = 1;",
      },
    ],
    [
      "of a chart by a kind",
      "kinds-below-charts",
      { "components/kinds/a.ts": 'await import("../charts/b.ts");', "components/charts/b.ts": one },
    ],
    [
      "of a kind by a name",
      "vocabulary-lowest",
      { "components/names.ts": 'import "./kinds/b.ts";', "components/kinds/b.ts": one },
    ],
    [
      "of a tool by the program",
      "program-does-not-know-its-tools",
      { "components/builds/a.ts": 'import "../../tools/b.ts";', "tools/b.ts": one },
    ],
    [
      "of a file system by a manifest",
      "pure-but-for-components",
      { "components/trigger/sensor.ts": 'import "node:fs";' },
    ],
    [
      "of what no pod has by a program",
      "programs-alone",
      { "components/builds/programs/a.ts": 'import "../labels.ts";', "components/builds/labels.ts": one },
    ],
    [
      "by a program of what starts other programs",
      "programs-alone",
      { "components/builds/programs/a.ts": 'import "node:child_process";' },
    ],
    [
      "of the page by every preview",
      "page-on-demand",
      { "tools/preview.ts": 'import { one } from "./page/page.ts";', "tools/page/page.ts": one },
    ],
    [
      "in a circle of types",
      "no-circles",
      {
        "components/builds/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
        "components/builds/b.ts": 'import type { A } from "./a.ts"; export type B = A;',
      },
    ],
  ] as const) {
    it(`${what} breaks a rule`, async () => assert.deepEqual(await broken(lines), [rule]));
  }

  it("of a lower layer breaks none", async () => {
    assert.deepEqual(
      await broken({
        "index.ts": 'import "./components/builds/a.ts";',
        "components/builds/a.ts": 'import "../kinds/b.ts";',
        "components/kinds/b.ts": one,
        "tools/preview.ts": 'await import("./page/page.ts");',
        "tools/page/page.ts": one,
      }),
      [],
    );
  });
});

describe("the configuration", () => {
  it("is read in one file", () => {
    const readers = files.filter((file) =>
      /\bpulumi\.Config\b|\ballConfig\(/.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(
      readers,
      ["components/settings/settings.ts", "tools/offline/evaluate.ts"].filter((file) =>
        readers.includes(file),
      ),
    );
    assert.ok(readers.includes("components/settings/settings.ts"));
  });
});

describe("versions", () => {
  const pinning = files.filter((file) =>
    /(?:\bversion: |: "[a-z0-9.]+\/[a-z/-]+:|Version = )"?v?[0-9]/.test(
      readFileSync(join(root, file), "utf8"),
    ),
  );

  it("are pinned next to what they belong to: a chart, the images of builds, the bus", () => {
    assert.deepEqual(
      pinning.filter(
        (file) => !/^components\/(charts\/[a-z-]+|builds\/images|trigger\/event-bus)\.ts$/.test(file),
      ),
      [],
    );
  });

  const { customManagers } = JSON.parse(readFileSync(join(root, "renovate.json"), "utf8")) as {
    customManagers: { managerFilePatterns: string[]; matchStrings: string[] }[];
  };
  /** The matches of the rules in a text, as named groups. */
  const foundIn = (file: string, text: string) =>
    customManagers
      .filter(({ managerFilePatterns }) =>
        managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
      )
      .flatMap(({ matchStrings }) => matchStrings.flatMap((one) => [...text.matchAll(new RegExp(one, "g"))]))
      .map(({ groups = {} }) => groups);
  const read = (file: string) => readFileSync(join(root, file), "utf8");

  it("are found by the dependency bot's rules, each once", () => {
    const pinned = pinning.flatMap((file) =>
      [...read(file).matchAll(/(?:\bversion: |: "[a-z0-9.]+\/[a-z/-]+:|Version = )"?(v?[0-9][^"@]*)/g)].map(
        ([, one]) => one,
      ),
    );
    const found = pinning.flatMap((file) =>
      foundIn(file, read(file)).map(({ currentValue }) => currentValue),
    );
    // NATS is upgraded with the chart, whose configuration lists the available versions.
    assert.deepEqual(
      found,
      pinned.filter((one) => one !== "2.10.10"),
    );
    assert.equal(found.length, 18);
  });

  it("of images are found with and without a digest", () => {
    const [first, other] = ["0a", "1b"].map((byte) => `sha256:${byte.repeat(32)}`);
    for (const [file, all] of [
      ["components/builds/images.ts", images],
      ["test/support/cluster-environment.ts", publicImages],
    ] as const) {
      const names = Object.values<string>(all).map(withoutDigest);
      for (const digest of [undefined, first, other]) {
        const text = names.map((name) => `"${name}${digest === undefined ? "" : `@${digest}`}"`).join("\n");
        const found = foundIn(file, text).map(({ depName = "", currentValue = "", currentDigest }) => [
          `${depName}:${currentValue}`,
          currentDigest,
        ]);
        assert.deepEqual(
          found,
          names.map((name) => [name, digest]),
        );
        assert.equal(foundIn(file, read(file)).length, names.length);
      }
    }
  });
});

describe("index.ts", () => {
  it("reads as a table of contents: 60 lines or less", () => {
    assert.ok(readFileSync(join(root, "index.ts"), "utf8").trimEnd().split("\n").length <= 60);
  });
});

describe("casts", () => {
  it("are fewer than one per thousand lines", () => {
    let lines = 0;
    const casts: string[] = [];
    for (const file of files.filter((one) => one.startsWith("components/"))) {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(root, file), "utf8"),
        ts.ScriptTarget.Latest,
      );
      lines += source.getLineStarts().length;
      const look = (node: ts.Node) => {
        if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type))
          casts.push(`${file}: ${node.getText(source)}`);
        ts.forEachChild(node, look);
      };
      look(source);
    }
    assert.ok(casts.length > 0 && casts.length * 1000 < lines, casts.join("\n"));
  });

  it("are only where names and settings are parsed", () => {
    const filesWithCasts = files.filter(
      (file) =>
        file.startsWith("components/") &&
        / as (?!const\b)/.test(
          readFileSync(join(root, file), "utf8").replace(/^import.*$|\/\/.*$|\/?\*.*$|"[^"\n]*"/gm, ""),
        ),
    );
    assert.ok(filesWithCasts.includes("components/names.ts"));
    assert.deepEqual(
      filesWithCasts.filter(
        (file) => !/^components\/(checks|derived-names|names)\.ts$|^components\/settings\//.test(file),
      ),
      [],
    );
  });
});
