/** A whole stack on a node: which deliveries start a build, none is lost, and who reaches whom. */
import { describe } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { useBuildCluster } from "../support/cluster-stack.ts";
import { describeDeliveries } from "./deliveries.ts";
import { describeNetwork } from "./network.ts";

describe("a stack with webhooks", () => {
  let cluster: BuildCluster;
  // In the end, a push becomes a running pod: not in a cluster that is there, whose nodes cannot pull from the test's registry.
  useBuildCluster("develop", (started) => (cluster = started), { withArgoCd: existing === undefined });

  describeDeliveries(() => cluster);

  // Last, since nothing takes the policies away again.
  describeNetwork(() => cluster);
});
