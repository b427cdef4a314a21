/** Rook's operator, then the CSI drivers, which it no longer includes since 1.20, then the Ceph cluster. */
import { z } from "zod";
import type { PartNamespace, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { DnsLabel, DnsSubdomain } from "../names.ts";
import type { Addon, Available } from "./chart.ts";

export const option = z
  .boolean()
  .default(false)
  .describe(
    "Rook and a Ceph cluster on the unused disks of all nodes, with `cluster.storageClass` as its StorageClass.",
  );

interface Given extends Available {
  readonly cluster: Available["cluster"] & { readonly storageClass: DnsSubdomain };
  readonly namespaces: { readonly storage: DnsLabel };
  readonly addons: { readonly rookCeph: z.output<typeof option> };
}

export const namespace: PartNamespace = {
  default: "rook-ceph",
  holds: "Rook and Ceph",
  podSecurity: "privileged",
};

const shared = {
  namespace: ({ namespaces }: Given) => namespaces.storage,
  holdsData: true,
  wanted: ({ addons }: Given) => addons.rookCeph,
};

export const rookCeph = {
  chart: "rook-ceph",
  hasCrds: true,
  // renovate: datasource=helm depName=rook-ceph registryUrl=https://charts.rook.io/release
  version: "v1.20.6",
  repository: "https://charts.rook.io/release",
  ...shared,
  values: rookCephValues,
} satisfies Addon<Given>;

export const cephCsiDrivers = {
  chart: "ceph-csi-drivers",
  hasCrds: false,
  // renovate: datasource=helm depName=ceph-csi-drivers registryUrl=https://ceph.github.io/ceph-csi-operator
  version: "1.0.4",
  repository: "https://ceph.github.io/ceph-csi-operator",
  ...shared,
  after: rookCeph.chart,
  values: ({ namespaces, cluster }) => cephCsiDriversValues(namespaces.storage, cluster.highAvailability),
} satisfies Addon<Given>;

export const rookCephCluster = {
  chart: "rook-ceph-cluster",
  hasCrds: false,
  // renovate: datasource=helm depName=rook-ceph-cluster registryUrl=https://charts.rook.io/release
  version: "v1.20.6",
  repository: "https://charts.rook.io/release",
  ...shared,
  after: cephCsiDrivers.chart,
  values: ({ namespaces, cluster }) => rookCephClusterValues(namespaces.storage, cluster.storageClass),
} satisfies Addon<Given>;

/** The values of chart rook-ceph that we set: none for CSI, which another chart installs. */
export interface RookCephValues {
  readonly resources: Resources;
}

export function rookCephValues(): RookCephValues {
  return { resources: { requests: { cpu: "200m", memory: "128Mi" }, limits: { memory: "512Mi" } } };
}

/** The values of chart ceph-csi-drivers that we set: the ones that Rook requires, for block volumes only. */
export interface CephCsiDriversValues {
  readonly operatorConfig: {
    readonly namespace: DnsLabel;
    readonly driverSpecDefaults: {
      readonly imageSet: { readonly name: string };
      readonly nodePlugin: { readonly priorityClassName: string };
      readonly controllerPlugin: { readonly priorityClassName: string };
    };
  };
  readonly drivers: {
    readonly rbd: {
      readonly enabled: true;
      readonly name: string;
      readonly nodePlugin: { readonly resources: Readonly<Record<"registrar" | "plugin", Resources>> };
      readonly controllerPlugin: {
        readonly replicas: number;
        readonly resources: Readonly<Record<"provisioner" | "attacher" | "resizer" | "plugin", Resources>>;
      };
    };
    readonly cephfs: Off;
    readonly nfs: Off;
    readonly nvmeof: Off;
  };
}

interface Off {
  readonly enabled: false;
}

export function cephCsiDriversValues(namespace: DnsLabel, highAvailability: boolean): CephCsiDriversValues {
  const sidecar = requests("10m", "32Mi");
  const plugin = requests("50m", "128Mi");
  return {
    operatorConfig: {
      namespace,
      driverSpecDefaults: {
        // The ConfigMap of chart rook-ceph with the images.
        imageSet: { name: "rook-csi-operator-image-set-configmap" },
        nodePlugin: { priorityClassName: "system-node-critical" },
        controllerPlugin: { priorityClassName: "system-cluster-critical" },
      },
    },
    drivers: {
      rbd: {
        enabled: true,
        name: `${namespace}.rbd.csi.ceph.com`,
        nodePlugin: { resources: { registrar: sidecar, plugin } },
        controllerPlugin: {
          replicas: highAvailability ? 2 : 1,
          resources: { provisioner: sidecar, attacher: sidecar, resizer: sidecar, plugin },
        },
      },
      cephfs: { enabled: false },
      nfs: { enabled: false },
      nvmeof: { enabled: false },
    },
  };
}

/** The values of chart rook-ceph-cluster that we set: block volumes only, because the pipeline needs nothing else. */
export interface RookCephClusterValues {
  readonly operatorNamespace: DnsLabel;
  readonly cephBlockPools: readonly object[];
  readonly cephFileSystems: readonly never[];
  readonly cephObjectStores: readonly never[];
}

export function rookCephClusterValues(
  namespace: DnsLabel,
  storageClass: DnsSubdomain,
): RookCephClusterValues {
  return {
    operatorNamespace: namespace,
    cephBlockPools: [
      {
        name: "ceph-blockpool",
        spec: { failureDomain: "host", replicated: { size: 3 } },
        storageClass: {
          enabled: true,
          name: storageClass,
          isDefault: true,
          reclaimPolicy: "Delete",
          allowVolumeExpansion: true,
          volumeBindingMode: "Immediate",
          parameters: blockParameters(namespace),
        },
      },
    ],
    cephFileSystems: [],
    cephObjectStores: [],
  };
}

/** The chart's defaults, repeated because a list of pools replaces them entirely. */
function blockParameters(namespace: DnsLabel): Record<string, string> {
  const secret = (use: string, name: string) => ({
    [`csi.storage.k8s.io/${use}-secret-name`]: name,
    [`csi.storage.k8s.io/${use}-secret-namespace`]: namespace,
  });
  return {
    imageFormat: "2",
    imageFeatures: "layering",
    ...secret("provisioner", "rook-csi-rbd-provisioner"),
    ...secret("controller-expand", "rook-csi-rbd-provisioner"),
    ...secret("controller-publish", "rook-csi-rbd-provisioner"),
    ...secret("node-stage", "rook-csi-rbd-node"),
    "csi.storage.k8s.io/fstype": "ext4",
  };
}
