/** A whole stack on a node: which deliveries start a build, that none is lost, and which connections are allowed. */
import { describe } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { useBuildCluster } from "../support/cluster-stack.ts";
import { describeDeliveries } from "./deliveries.ts";
import { describeNetwork } from "./network.ts";

describe("a stack with webhooks", () => {
  let cluster: BuildCluster;
  // Finally a push becomes a running pod. The nodes of an existing cluster cannot pull from the test's registry.
  useBuildCluster("develop", (started) => (cluster = started), { withArgoCd: existing === undefined });

  describeDeliveries(() => cluster);

  // Last, because nothing removes the policies again.
  describeNetwork(() => cluster);
});
