/** Which edits a stack's state speaks against; test/engine/edits.test.ts has some of them with the engine. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { losses } from "../components/cluster/losses.ts";
import type { StateResource } from "../components/cluster/state.ts";
import { parseConfig } from "../components/settings/parse.ts";
import { settingsOf } from "../components/settings/settings.ts";
import type { Config } from "./support/declare.ts";
import { smallConfig } from "./support/declare.ts";

const cluster = { context: "test", storageClass: "standard" };

function namespace(name: string, labels: Config = { "pod-security.kubernetes.io/enforce": "baseline" }) {
  return { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name, labels } } };
}

function bus(replicas: number): StateResource {
  const persistence = { storageClassName: "standard", volumeSize: "5Gi", accessMode: "ReadWriteOnce" };
  const spec = { jetstream: { replicas, persistence } };
  return { type: "kubernetes:argoproj.io/v1alpha1:EventBus", outputs: { kind: "EventBus", spec } };
}

const registry: StateResource = {
  type: "kubernetes:helm.sh/v3:Release",
  outputs: { chart: "zot", values: { pvc: { storage: "3Gi", storageClassName: "standard" } } },
};

/** The paths of what is lost by a stack that differs so. */
function lost(state: readonly StateResource[], differences: Config = {}): string[] {
  const { settings, errors } = parseConfig(smallConfig(differences));
  assert.deepEqual(errors, []);
  assert.ok(settings !== undefined);
  return losses(state, settingsOf(settings, "test")).map(({ path, rule }) => `${path} | ${rule}`);
}

const gone = (name: string) =>
  `cluster.deletableNamespaces | this edit would delete the namespace ${name}, with everything in it`;

describe("an edit of a stack that is up", () => {
  it("loses no namespace of its parts but those that may be deleted", () => {
    const all = ["argo", "argo-events", "argocd", "ci"].map((name) => namespace(name));
    assert.deepEqual(lost(all), []);
    assert.deepEqual(lost(all, { namespaces: { builds: "builds", events: "events" } }), [
      gone("argo-events"),
      gone("ci"),
    ]);
    for (const name of ["rook-ceph", "registry", "traefik", "argo-rollouts", "ci-buildkit"]) {
      assert.deepEqual(lost([namespace(name)]), [gone(name)]);
      assert.deepEqual(lost([namespace(name)], { cluster: { ...cluster, deletableNamespaces: [name] } }), []);
    }
    assert.deepEqual(lost([namespace("shop", {}), namespace("kube-system", { a: "b" })]), []);
  });

  it("keeps the bus and what waits in it", () => {
    const path = "eventBus.replicas";
    const rule = (now: number) =>
      `${path} | the event bus runs with ${now.toString()}, and would lose what waits in it, or never become ready`;
    const edits = [
      [3, 3, []],
      [3, 5, []],
      [1, 1, []],
      [1, 3, [rule(1)]],
      [3, 1, [rule(3)]],
      [5, 3, [rule(5)]],
    ] as const;
    for (const [now, replicas, expected] of edits)
      assert.deepEqual(lost([bus(now)], { eventBus: { replicas } }), expected);
    const reported = (at: string, now: string) =>
      `${at} | the event bus runs with ${now}, and would lose what waits in it, or never become ready`;
    assert.deepEqual(lost([bus(3)], { eventBus: { volumeSize: "6Gi" } }), [
      reported("eventBus.volumeSize", "5Gi"),
    ]);
    assert.deepEqual(lost([bus(3)], { cluster: { ...cluster, storageClass: "fast" } }), [
      reported("cluster.storageClass", "standard"),
    ]);
  });

  it("keeps the volume of its registry", () => {
    const addons = (volumeSize: string) => ({ addons: { registry: { volumeSize } } });
    const rule = (now: string) => `the volume of the registry has ${now}, which Kubernetes does not change`;
    assert.deepEqual(lost([registry], addons("3Gi")), []);
    assert.deepEqual(lost([registry], addons("4Gi")), [`addons.registry.volumeSize | ${rule("3Gi")}`]);
    assert.deepEqual(lost([registry], { ...addons("3Gi"), cluster: { ...cluster, storageClass: "fast" } }), [
      `cluster.storageClass | ${rule("standard")}`,
    ]);
  });

  it("is the first of a stack where there is no state, and loses nothing", () => {
    assert.deepEqual(lost([]), []);
  });
});
