import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { kubeSystem } from "../support/attached-provider.ts";
import type { Config } from "../support/declare.ts";
import { holds } from "../support/disguises.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";

describe("a stack that cannot come up", () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine("publish");
  });
  after(() => engine.close());

  it("for lack of secrets names them, and creates nothing", async () => {
    let kept: unknown;
    engine.edit((config) => {
      kept = config["secrets"];
      delete config["secrets"];
    });
    await assert.rejects(engine.up(), (error: Error) => {
      assert.match(error.message, /Pulumi\.publish\.yaml has 23 errors; nothing was declared\./);
      assert.match(error.message, /fix: +pulumi config set --secret --path 'secrets\.githubToken'/);
      assert.doesNotMatch(error.message, /settings\.ts|node:internal/);
      return true;
    });
    assert.deepEqual(engine.world.changes, []);
    engine.edit((config) => (config["secrets"] = kept));
  });

  it("because a value outside of `secrets` is encrypted names the key, shows the value nowhere, and creates nothing", async () => {
    let kept: unknown;
    engine.edit((config) => {
      kept = structuredClone(config["projects"]);
      const { alog } = config["projects"] as Record<"alog", { branch?: string }>;
      // Branch names have a rule, whose error would print the value.
      alog.branch = (config["secrets"] as { githubToken: string }).githubToken;
    });
    await assert.rejects(engine.up(), (error: Error) => {
      assert.match(error.message, /1 error; [^]*argo-cicd:projects\n +rule: only values of `secrets` /);
      return true;
    });
    assert.ok(engine.secrets.every((value) => !holds(engine.printed(), value)));
    assert.deepEqual(engine.world.changes, []);
    engine.edit((config) => (config["projects"] = kept));
  });

  it("because its context leads to another cluster names both clusters, and creates nothing", async () => {
    engine.world.found.set("kube-system", kubeSystem("the other one"));
    engine.edit((config) => Object.assign(config["cluster"] as Config, { uid: "the right one" }));
    for (const operation of [engine.preview, engine.up]) {
      await assert.rejects(operation(), (error: Error) => {
        assert.match(
          error.message,
          /The context publish leads to the cluster the other one, but this stack is for the right one/,
        );
        return true;
      });
    }
    assert.deepEqual(engine.world.changes, []);
  });

  it("comes up once the context leads to the right one", async () => {
    engine.world.found.set("kube-system", kubeSystem("the right one"));
    engine.world.failing = "github";
    await assert.rejects(engine.up(), /the test makes this fail/);
    assert.ok(engine.world.objects.has("kubernetes:argoproj.io/v1alpha1:Sensor/alog"));
    assert.ok(![...engine.world.objects.keys()].some((id) => id.startsWith("github:")));
  });

  it("continues where a failure has stopped it", async () => {
    const { changes, objects } = engine.world;
    assert.deepEqual(Object.keys(await engine.up()), ["create"]);
    // Nothing was created twice.
    assert.ok(changes.every(({ operation }) => operation === "create"));
    assert.equal(new Set(changes.map(({ type, name }) => `${type} ${name}`)).size, changes.length);
    assert.equal(objects.size, changes.length);
    assert.deepEqual(await engine.preview(), {});
  });
});
