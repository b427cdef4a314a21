/** The network of a test's own node: what enforces NetworkPolicies, and what a pod should not reach. */
import { metadataAddresses } from "../../components/kinds/ranges.ts";
import { clusterTool } from "./cluster-tools.ts";
import type { Node } from "./node.ts";
import { nodeName } from "./node.ts";
import type { SiteNetwork } from "./site.ts";

export function networkOf({ machine, kubeconfig }: Node): SiteNetwork {
  const { address, hostAddress, serviceRange } = machine;
  return {
    apiServer: [address, serviceRange.replace(/0\/\d+$/, "1")],
    servers: [hostAddress, address],
    // Its packet rules and sets of addresses stay in the machine's own network namespace.
    enforce: async () => {
      machine.start("kube-router", await clusterTool("kube-router"), [
        `--kubeconfig=${kubeconfig}`,
        `--hostname-override=${nodeName}`,
        "--run-firewall=true",
        "--run-router=false",
        "--run-service-proxy=false",
        `--service-cluster-ip-range=${serviceRange}`,
        "--health-port=0",
      ]);
    },
    serveMetadata: async () => {
      const [metadata = ""] = metadataAddresses;
      await machine.run("ip", ["address", "add", `${metadata}/32`, "dev", "lo"]);
      machine.start("metadata", "busybox", ["httpd", "-f", "-p", `${metadata}:80`, "-h", machine.folder]);
      return `${metadata}:80`;
    },
  };
}
