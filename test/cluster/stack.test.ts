/** A whole stack on a node: what starts a build, what becomes of it, and what is deployed. */
import { describe, it } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { useBuildCluster } from "../support/cluster-stack.ts";
import { describeBuilds, itOutlivesItsRegistry } from "./builds.ts";
import { describeDeliveries } from "./deliveries.ts";
import { describeDelivery } from "./delivery.ts";

/** Nodes pull by names that they can resolve; the registry in a cluster that is there has one for its pods alone. */
const withArgoCd = existing === undefined;

describe("a stack", () => {
  let cluster: BuildCluster;
  useBuildCluster("develop", (started) => (cluster = started), { withArgoCd });

  describeDeliveries(() => cluster);

  // Most of it is waiting.
  describe("side by side", { concurrency: true }, () => {
    describeBuilds(() => cluster);
    if (withArgoCd) describeDelivery(() => cluster);
    else it("a delivery", { skip: "the nodes do not reach the test's registry" });
  });

  itOutlivesItsRegistry(() => cluster);
});
