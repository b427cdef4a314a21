import type { z } from "zod";
import * as field from "../fields.ts";
import { strict } from "../checks.ts";
import type {
  ContainerSecurityContext,
  PartNamespace,
  PodSecurityContext,
  Resources,
} from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import { confined, unprivileged } from "../kinds/security.ts";
import type { DnsLabel, DnsSubdomain } from "../names.ts";
import type { Addon } from "./chart.ts";

import { rookCephCluster } from "./rook-ceph.ts";

export const option = strict({
  nodePort: field.nodePort.default(30500).describe("Port on every node."),
  volumeSize: field.volumeSize.default("3Gi").describe("Volume of the images; cannot be changed later."),
})
  .optional()
  .describe("A private registry in the cluster (zot), without login, over plain HTTP.");

interface Given {
  readonly cluster: { readonly storageClass: DnsSubdomain };
  readonly namespaces: { readonly registry: DnsLabel };
  readonly addons: { readonly registry?: z.output<typeof option> };
  readonly monitoring: { readonly enabled: boolean };
}

export const namespace: PartNamespace = {
  default: "registry",
  holds: "the private registry",
  podSecurity: "restricted",
};

export const zot = {
  chart: "zot",
  hasCrds: false,
  // renovate: datasource=helm depName=zot registryUrl=https://zotregistry.dev/helm-charts
  version: "0.1.122",
  repository: "https://zotregistry.dev/helm-charts",
  namespace: ({ namespaces }) => namespaces.registry,
  wanted: ({ addons }) => addons.registry !== undefined,
  holdsData: true,
  // Its volume needs the storage, if this stack installs it.
  after: rookCephCluster.chart,
  values: ({ cluster: { storageClass }, addons: { registry }, monitoring }) => {
    if (registry === undefined) throw new Error("zot needs values, but the stack has no addons.registry");
    return zotValues({ ...registry, storageClass, monitored: monitoring.enabled });
  },
} satisfies Addon<Given>;

export interface ZotArgs {
  readonly nodePort: number;
  readonly volumeSize: string;
  readonly storageClass: DnsSubdomain;
  /** Whether Prometheus reads its metrics. */
  readonly monitored: boolean;
}

/** The values of chart zot that we set. */
export interface ZotValues {
  readonly service: { readonly type: "NodePort"; readonly nodePort: number };
  readonly persistence: true;
  readonly pvc: {
    readonly create: true;
    readonly name: string;
    readonly storage: string;
    readonly storageClassName: DnsSubdomain;
  };
  readonly mountConfig: true;
  readonly configFiles: { readonly "config.json": string };
  readonly resources: Resources;
  readonly podSecurityContext: PodSecurityContext;
  readonly securityContext: ContainerSecurityContext;
}

export function zotValues({ nodePort, volumeSize, storageClass, monitored }: ZotArgs): ZotValues {
  const config = monitored ? { ...zotConfig, extensions } : zotConfig;
  return {
    service: { type: "NodePort", nodePort },
    persistence: true,
    pvc: { create: true, name: "images", storage: volumeSize, storageClassName: storageClass },
    mountConfig: true,
    configFiles: { "config.json": JSON.stringify(config, undefined, 2) },
    resources: requests("50m", "128Mi"),
    podSecurityContext: unprivileged,
    securityContext: confined,
  };
}

const zotConfig = {
  storage: {
    rootDirectory: "/var/lib/registry",
    gc: true,
    gcDelay: "2h",
    gcInterval: "6h",
  },
  // Kaniko pushes images in Docker's format, which zot refuses by default.
  http: { address: "0.0.0.0", port: "5000", compat: ["docker2s2"] },
  log: { level: "info" },
};

const extensions = { metrics: { enable: true, prometheus: { path: "/metrics" } } };
