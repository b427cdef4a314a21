import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import { root } from "./support/declare.ts";

interface Import {
  readonly from: string;
  /** A file of the repository, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = ["index.ts", ...globSync("{components,tools}/**/*.ts", { cwd: root })];
const imports = files.flatMap(importsOf);

function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), "utf8");
  // What is handed on is imported too.
  const found = /^(?:import|export(?= (?:type )?[{*]))(?: (type)\b)?[^;="]*?(?:\bfrom )?"([^"]+)";/gms;
  return [...text.matchAll(found)].map(([, type, target = ""]) => ({
    from,
    to: target.startsWith(".") ? relative(root, resolve(root, dirname(from), target)) : target,
    typeOnly: type !== undefined,
  }));
}

/** The layers, from the top. A file imports from layers below its own, and within a folder of parts from its own. */
const layers: readonly [string, RegExp][] = [
  ["program", /^index\.ts$/],
  ["components", /^components\/[a-z-]+\.ts$/],
  ["plan parts", /^components\/plan\//],
  ["resources", /^components\/resources\//],
  ["manifests", /^components\/manifests\//],
  ["settings parts", /^components\/settings\//],
  ["vocabulary", /^components\/(names|charts)\.ts$/],
];

function layer(file: string): number {
  // The two files of data lie beside the components, and below everything.
  const lowest = layers.length - 1;
  return layers[lowest]?.[1].test(file) === true
    ? lowest
    : layers.findIndex(([, pattern]) => pattern.test(file));
}

/** What each rule forbids, among some imports. */
const forbidden = {
  upward: (some: readonly Import[]) =>
    some.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith("components/") &&
        layer(to) >= 0 &&
        layer(to) < layer(from) &&
        // The plan is made for the components, in their words.
        !(typeOnly && from.startsWith("components/plan/")),
    ),
  sideways: (some: readonly Import[]) =>
    some.filter(({ from, to, typeOnly }) => layer(from) === 1 && layer(to) === 1 && !typeOnly),
  circles: (some: readonly Import[]) => {
    const valued = some.filter(({ typeOnly }) => !typeOnly);
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      valued
        .filter((one) => one.from === from && !seen.has(one.to))
        .some((one) => one.to === to || reaches(one.to, to, seen.add(one.to)));
    return valued.filter(({ from }) => reaches(from, from));
  },
  impure: (some: readonly Import[]) =>
    some.filter(
      ({ from, to }) =>
        from.startsWith("components/manifests/") && (to.startsWith("@pulumi/") || to.startsWith("node:")),
    ),
};

describe("imports", () => {
  it("run one way: program, components, resources, manifests, vocabulary", () => {
    assert.deepEqual(forbidden.upward(imports), []);
  });

  it("never lead from one component to another, but for the settings that are read once and types", () => {
    assert.deepEqual(forbidden.sideways(imports), []);
  });

  it("make no circle", () => {
    assert.deepEqual(forbidden.circles(imports), []);
  });

  it("that break a rule are found", () => {
    const one = (from: string, to: string, typeOnly = false) => [{ from, to, typeOnly }];
    const [names, sensor] = ["components/names.ts", "components/manifests/sensor.ts"];
    for (const [from, to] of [
      [names, sensor],
      [sensor, "components/trigger.ts"],
      ["components/settings/parse.ts", sensor],
      ["components/plan/trigger.ts", "components/trigger.ts"],
      ["components/trigger.ts", "index.ts"],
    ] as const) {
      assert.equal(forbidden.upward(one(from, to)).length, 1, `${from} -> ${to}`);
    }
    assert.equal(forbidden.sideways(one("components/trigger.ts", "components/builds.ts")).length, 1);
    assert.equal(forbidden.impure(one(sensor, "node:fs")).length, 1);
    assert.equal(forbidden.impure(one(sensor, "@pulumi/pulumi")).length, 1);
    const circle = [...one("a", "b"), ...one("b", "c"), ...one("c", "a"), ...one("x", "a")];
    assert.equal(forbidden.circles(circle).length, 3);
    // The whole program is looked at.
    for (const to of [names, sensor, "components/settings.ts", "@pulumi/pulumi", "zod"]) {
      assert.ok(
        imports.some((found) => found.to === to),
        to,
      );
    }
    assert.ok(imports.some(({ from, to }) => from === "components/settings.ts" && to.endsWith("schema.ts")));
  });
});

describe("manifests", () => {
  it("are pure: they make no resource, read no configuration and no file", () => {
    assert.deepEqual(forbidden.impure(imports), []);
  });
});

describe("the configuration", () => {
  it("is read in one file", () => {
    const readers = files.filter((file) =>
      /\bpulumi\.Config\b|allConfig\(/.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(
      readers,
      ["components/settings.ts", "tools/offline/evaluate.ts"].filter((file) => readers.includes(file)),
    );
    assert.ok(readers.includes("components/settings.ts"));
  });
});

describe("versions", () => {
  it("of charts and images stand in charts.ts, each as the dependency bot's rule finds it", () => {
    const text = readFileSync(join(root, "components/charts.ts"), "utf8");
    const pinned = [...text.matchAll(/(?:version: |: "[a-z.]+\/[a-z/-]+:|Version = )"?(v?[0-9][^"]*)"/g)].map(
      ([, one]) => one,
    );
    const { customManagers } = JSON.parse(readFileSync(join(root, "renovate.json"), "utf8")) as {
      customManagers: { matchStrings: string[] }[];
    };
    const rule = customManagers[0]?.matchStrings[0] ?? "";
    const found = [...text.matchAll(new RegExp(rule, "g"))].map(({ groups }) => groups?.["currentValue"]);
    // NATS is raised with the chart, whose configuration names the versions that there are.
    assert.deepEqual(
      found,
      pinned.filter((one) => one !== "2.10.10"),
    );
    assert.equal(found.length, 18);
  });

  it("stand nowhere else", () => {
    const versioned = files.filter((file) =>
      /"[a-z0-9./-]+\/[a-z0-9-]+:v?[0-9]+\.[0-9]/.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(versioned, ["components/charts.ts"]);
  });
});

describe("index.ts", () => {
  it("reads as a table of contents: 60 lines or less", () => {
    assert.ok(readFileSync(join(root, "index.ts"), "utf8").trimEnd().split("\n").length <= 60);
  });
});

describe("casts", () => {
  it("stand only where names and settings are parsed", () => {
    const casting = files.filter(
      (file) =>
        file.startsWith("components/") &&
        / as (?!const\b)/.test(
          readFileSync(join(root, file), "utf8").replace(/^import.*$|\/\/.*$|\/?\*.*$/gm, ""),
        ),
    );
    assert.ok(casting.includes("components/names.ts"));
    assert.deepEqual(
      casting.filter((file) => !/^components\/(names|settings)\.ts$|^components\/settings\//.test(file)),
      [],
    );
  });
});
