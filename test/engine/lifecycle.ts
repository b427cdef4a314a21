/** The life of a committed stack, from its first preview until it is destroyed. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Config } from "../support/declare.ts";
import { deletableNamespaces } from "../support/declare.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";
import { holds } from "../support/disguises.ts";

/** @param secrets the number of its secret values */
export function describeLifecycle(stack: string, secrets: number): void {
  describe(`the stack ${stack}`, () => {
    let engine: Engine;
    before(async () => {
      engine = await startEngine(stack);
    });
    after(() => engine.close());

    it("previews as a plan that only creates", async () => {
      const plan = await engine.preview();
      assert.deepEqual(Object.keys(plan), ["create"]);
      assert.deepEqual(engine.world.changes, []);
    });

    it("comes up, and a second preview has nothing to do", async () => {
      const plan = await engine.up();
      assert.deepEqual(Object.keys(plan), ["create"]);
      assert.deepEqual(await engine.preview(), {});
    });

    it("has nothing to do after a refresh", async () => {
      assert.deepEqual(await engine.refresh(), {});
      assert.deepEqual(await engine.preview(), {});
    });

    it("shows no secret in the state or the output", () => {
      const state = engine.state();
      assert.ok(state.includes("ciphertext"));
      const keys = [...engine.world.objects].filter(([id]) => id.startsWith("random:"));
      const hidden = [
        ...engine.secrets,
        ...keys.map(([, one]) => String((one as { result?: unknown }).result)),
      ];
      assert.equal(hidden.length, secrets);
      assert.ok(holds(state, "ciphertext") && holds(engine.printed(), "webhook-key"));
      for (const value of hidden) {
        assert.ok(value.length > 10);
        for (const form of [value, encodeURIComponent(value)]) {
          assert.ok(!holds(state, form), `state holds ${form}`);
          assert.ok(!holds(engine.printed(), form), `output holds ${form}`);
        }
      }
    });

    it("creates each resource after those that it needs", () => {
      const made = engine.world.changes.map(({ name, type }) => `${type.split(":").at(-1) ?? ""} ${name}`);
      const order = (...names: string[]) => {
        const places = names.map((name) => made.indexOf(name));
        assert.ok(!places.includes(-1), names[places.indexOf(-1)]);
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
          names.join(" < "),
        );
      };
      order("Namespace argocd", "Secret argocd/regcred", "Release argocd-image-updater", "ImageUpdater alog");
      order("Release argo-cd", "AppProject alog", "Application alog", "ImageUpdater alog");
      order("Release argo-workflows", "WorkflowTemplate alog-front-web", "Sensor alog");
      order("Release argo-events", "EventBus default", "Sensor alog", "RepositoryWebhook alog-front-web");
      order("EventBus default", "EventSource github", "RepositoryWebhook alog-front-web");
      order("Sensor alog", "Service sensor-metrics", "RepositoryWebhook alog-front-web");
      order("Ingress github-webhook", "RepositoryWebhook alog-front-web");
    });

    it("is not destroyed while its data is protected, and comes up again", async () => {
      const { objects } = engine.world;
      const held = [...objects.keys()].filter((id) => /EventBus|Namespace|Release\/(rook|ceph)/.test(id));
      assert.ok(held.length >= 5);
      await assert.rejects(engine.destroy(), /cannot be deleted\s+because it is protected/);
      for (const id of held) assert.ok(objects.has(id), id);
      await engine.up();
      assert.deepEqual(await engine.preview(), {});
    });

    it("is destroyed completely: webhooks first, applications before Argo CD, objects before their kinds", async () => {
      const { changes, objects } = engine.world;
      engine.edit((config) => Object.assign(config["cluster"] as Config, { deletableNamespaces }));
      await engine.up();
      changes.length = 0;
      await engine.destroy();
      // What pods that keep running need, and Argo CD's own project.
      const stays =
        /^kubernetes:(core\/v1:Secret\/default\/|argoproj.io\/v1alpha1:AppProjectPatch\/default$)/;
      assert.deepEqual(
        [...objects.keys()].filter((id) => !stays.test(id)),
        [],
      );
      const gone = changes.map(({ name, type }) => `${type.split(":").at(-1) ?? ""} ${name}`);
      const before = (first: string, second: string) => {
        assert.ok(gone.includes(first) && gone.includes(second), `${first}, ${second}`);
        assert.ok(gone.indexOf(first) < gone.indexOf(second), `${first} before ${second}`);
      };
      before("Application alog", "Release argo-cd");
      before("AppProject alog", "Release argo-cd");
      before("Application alog", "AppProject alog");
      before("ImageUpdater alog", "Release argocd-image-updater");
      before("EventBus default", "Release argo-events");
      before("Sensor alog", "Release argo-events");
      before("WorkflowTemplate alog-front-web", "Release argo-workflows");
      before("CronWorkflow ci/catch-up", "Release argo-workflows");
      before("RepositoryWebhook alog-front-web", "EventSource github");
      before("Release argo-cd", "Namespace argocd");
      before("Release argo-events", "Namespace argo-events");
    });
  });
}
