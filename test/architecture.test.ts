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
  return [...text.matchAll(/^import (type )?[^;]*? from "([^"]+)";/gms)].map(([, type, target = ""]) => ({
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

describe("imports", () => {
  it("run one way: program, components, resources, manifests, vocabulary", () => {
    const upward = imports.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith("components/") &&
        layer(to) >= 0 &&
        layer(to) < layer(from) &&
        // The plan is made for the components, in their words.
        !(typeOnly && from.startsWith("components/plan/")),
    );
    assert.deepEqual(upward, []);
  });

  it("never lead from one component to another, but for the settings that are read once and types", () => {
    const sideways = imports.filter(
      ({ from, to, typeOnly }) => layer(from) === 1 && layer(to) === 1 && !typeOnly,
    );
    assert.deepEqual(sideways, []);
  });

  it("make no circle", () => {
    const valued = imports.filter(({ typeOnly }) => !typeOnly);
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      valued
        .filter((one) => one.from === from && !seen.has(one.to))
        .some((one) => one.to === to || reaches(one.to, to, seen.add(one.to)));
    assert.deepEqual(
      files.filter((file) => reaches(file, file)),
      [],
    );
  });
});

describe("manifests", () => {
  it("are pure: they make no resource, read no configuration and no file", () => {
    const impure = imports.filter(
      ({ from, to }) =>
        from.startsWith("components/manifests/") && (to.startsWith("@pulumi/") || to.startsWith("node:")),
    );
    assert.deepEqual(impure, []);
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
    const elsewhere = files.filter(
      (file) =>
        file !== "components/charts.ts" &&
        /"[a-z0-9./-]+\/[a-z0-9-]+:v?[0-9]+\.[0-9]/.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(elsewhere, []);
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
        !/^components\/(names|settings)\.ts$|^components\/settings\//.test(file) &&
        / as (?!const\b)/.test(
          readFileSync(join(root, file), "utf8").replace(/^import.*$|\/\/.*$|\/?\*.*$/gm, ""),
        ),
    );
    assert.deepEqual(casting, []);
  });
});
