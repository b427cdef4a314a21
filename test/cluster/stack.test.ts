/** A whole stack on a node: its builds, what starts one that no delivery has started, and what is deployed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import { titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { isDelivery, useBuildCluster } from "../support/cluster-stack.ts";
import { describeCatchUp } from "./catch-up.ts";
import { describeBuilds, itOutlivesItsRegistry } from "./builds.ts";
import { describeDelivery } from "./delivery.ts";

/** Nodes pull by a name that they can resolve. In an existing cluster, only pods can resolve the registry's name. */
const withArgoCd = existing === undefined;

const notByEngine = existing === undefined ? false : "an existing cluster gets no Helm releases";

describe("a stack", () => {
  let cluster: BuildCluster;
  useBuildCluster("develop", (started) => (cluster = started), { withArgoCd });

  // They do not affect each other: the engine needs no registry, and the build needs no engine.
  describe("that has started", { concurrency: true }, () => {
    describe("is as declared", { concurrency: 1 }, () => {
      it("has no changes in the next `up` or after a refresh", { skip: notByEngine }, async () => {
        const { engine } = cluster;
        assert.deepEqual(await engine?.up(), {});
        assert.deepEqual(await engine?.refresh(), {});
        assert.deepEqual(await engine?.preview(), {});
      });

      it("keeps every object as declared", async () => {
        const ours = cluster.objects.filter(
          // The engine has set the values of Secrets, not the evaluation that returns the objects.
          ({ apiVersion, kind }) => kind !== "Secret" && (withArgoCd || !isDelivery(apiVersion, kind)),
        );
        const changed = [];
        for (const one of ours) if (await cluster.api.wouldChange(one)) changed.push(titleOf(one));
        assert.deepEqual(changed, []);
        const [template] = ours.filter(({ kind }) => kind === "WorkflowTemplate");
        assert.ok(template !== undefined);
        const edited = { ...template, spec: { ...(template["spec"] as object), entrypoint: "another" } };
        assert.ok(await cluster.api.wouldChange(edited), "a change was not detected");
      });
    });

    itOutlivesItsRegistry(() => cluster);
  });

  // Most of it is waiting.
  describe("side by side", { concurrency: true }, () => {
    describeBuilds(() => cluster);
    describeCatchUp(() => cluster);
    if (withArgoCd) describeDelivery(() => cluster);
    else it("a delivery", { skip: "the nodes do not reach the test's registry" });
  });
});
