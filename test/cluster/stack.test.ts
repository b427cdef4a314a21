/** A whole stack on a node: what becomes of a build, what starts one that no delivery has started, and what is deployed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import { titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { isDelivery, useBuildCluster } from "../support/cluster-stack.ts";
import { describeCatchUp } from "./catch-up.ts";
import { describeBuilds, itOutlivesItsRegistry } from "./builds.ts";
import { describeDelivery } from "./delivery.ts";

/** Nodes pull by names that they can resolve; the registry in a cluster that is there has one for its pods alone. */
const withArgoCd = existing === undefined;

const notByEngine = existing === undefined ? false : "no release is made in a cluster that is there";

describe("a stack", () => {
  let cluster: BuildCluster;
  useBuildCluster("develop", (started) => (cluster = started), { withArgoCd });

  // What the engine does needs no registry, and what becomes of the build is nothing of the engine's.
  describe("that Argo has taken up", { concurrency: true }, () => {
    describe("is as it was declared", { concurrency: 1 }, () => {
      it("has nothing to do in the next `up`, nor after a refresh", { skip: notByEngine }, async () => {
        const { engine } = cluster;
        assert.deepEqual(await engine?.up(), {});
        assert.deepEqual(await engine?.refresh(), {});
        assert.deepEqual(await engine?.preview(), {});
      });

      it("stays so in every object", async () => {
        const ours = cluster.objects.filter(
          // The values of Secrets are those of the engine, not of the evaluation that gives the objects.
          ({ apiVersion, kind }) => kind !== "Secret" && (withArgoCd || !isDelivery(apiVersion, kind)),
        );
        const changed = [];
        for (const one of ours) if (await cluster.api.wouldChange(one)) changed.push(titleOf(one));
        assert.deepEqual(changed, []);
        const [template] = ours.filter(({ kind }) => kind === "WorkflowTemplate");
        assert.ok(template !== undefined);
        const edited = { ...template, spec: { ...(template["spec"] as object), entrypoint: "another" } };
        assert.ok(await cluster.api.wouldChange(edited), "a change is seen");
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
