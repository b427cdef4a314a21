import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { argoEventsVersion } from "../components/charts/argo-events.ts";
import { charts } from "../components/charts/charts.ts";
import { images } from "../components/builds/images.ts";
import { jetStreamVersion } from "../components/trigger/event-bus.ts";
import { versionOf } from "./conformance/results.ts";
import { chartPrograms, parts } from "./support/cluster-versions.ts";
import { recipes, tagOf } from "./support/cluster-tools.ts";
import { root } from "./support/declare.ts";

describe("the table of what is tested", () => {
  const installed = parts().map((one) => one.installed);

  it("has the version of every chart", () => {
    for (const { chart, version } of Object.values(charts)) {
      const named = installed.filter((text) => text.endsWith(`chart ${chart} ${version}`));
      assert.equal(named.length, 1, chart);
    }
  });

  it("names the program of each chart at its pinned version", () => {
    for (const [key, { chart }] of Object.entries(chartPrograms)) {
      assert.equal(charts[key as keyof typeof charts].version, chart, `look up the program of ${key}`);
    }
  });

  it("reads the version of an image before its digest", () => {
    const digest = `@sha256:${"0a".repeat(32)}`;
    const pinned = [`a.example:5000/b:v1.2.3-debug${digest}`, "a.example:5000/b:v1.2.3-debug"];
    assert.deepEqual(pinned.map(tagOf), ["v1.2.3-debug", "v1.2.3-debug"]);
    assert.deepEqual(pinned.map(versionOf), ["v1.2.3", "v1.2.3"]);
  });

  it("has the version of every image, provider and other pinned program", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const providers = ["github", "kubernetes", "random"].map((name) => dependencies[`@pulumi/${name}`]);
    const tags = Object.values(images).map(tagOf);
    for (const version of [...tags, ...providers, `v${jetStreamVersion}`]) {
      assert.ok(version !== undefined && installed.includes(version), version);
    }
    assert.ok(installed.some((text) => text.startsWith(`${argoEventsVersion}, `)));
  });

  it("runs the programs of builds with the Node version of their image", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    assert.equal(tagOf(images.node), `${devDependencies["node"] ?? ""}-alpine`);
  });

  it("gives a reason if the tests run another version, and only then", () => {
    for (const { name, installed: wanted, run, why } of parts()) {
      const same = wanted === run || wanted.startsWith(`${run}, chart `);
      assert.equal(why === undefined, same, `${name}: ${wanted} / ${run}`);
    }
  });

  it("has every program of the stacks that is built for the tests", () => {
    const ran = parts().map(({ run }) => run);
    const ours = ["workflow-controller", "argo-events", "nats-server", "argocd", "kaniko-executor", "crane"];
    for (const name of [...ours, "pulumi-resource-kubernetes"] as (keyof typeof recipes)[]) {
      const { version } = recipes[name];
      assert.ok(
        ran.some((text) => text.includes(version.replace(/^v/, ""))),
        name,
      );
    }
  });
});
