/** The values of the charts that a stack has only where it asks for them. */
import type { DnsLabel } from "../../names.ts";
import type { Resources } from "../types/kubernetes.ts";
import { small } from "./common.ts";

/** The values of chart argo-rollouts that we set. */
export interface ArgoRolloutsValues {
  readonly controller: {
    readonly replicas: number;
    readonly pdb?: { readonly enabled: true; readonly minAvailable: 1 };
    readonly resources: Resources;
  };
}

export function argoRolloutsValues(highAvailability: boolean): ArgoRolloutsValues {
  return {
    controller: {
      replicas: highAvailability ? 2 : 1,
      ...(highAvailability ? { pdb: { enabled: true, minAvailable: 1 } } : {}),
      resources: small("50m", "128Mi"),
    },
  };
}

/** The values of chart traefik that we set. */
export interface TraefikValues {
  readonly deployment: { readonly replicas: number };
  readonly podDisruptionBudget?: { readonly enabled: true; readonly minAvailable: 1 };
  readonly ingressClass: { readonly enabled: false };
  readonly providers: {
    readonly kubernetesCRD: { readonly enabled: false };
    readonly kubernetesIngress: { readonly enabled: false };
    readonly kubernetesIngressNGINX: {
      readonly enabled: true;
      readonly ingressClass: DnsLabel;
      readonly publishService: { readonly enabled: boolean };
    };
  };
  readonly service: { readonly spec: { readonly type: "LoadBalancer" | "NodePort" } };
  readonly ports?: Readonly<Record<"web" | "websecure", { readonly nodePort: number }>>;
  readonly resources: Resources;
}

export interface TraefikArgs {
  readonly ingressClass: DnsLabel;
  /** Ports on every node; absent where the cluster gives out addresses of load balancers. */
  readonly nodePorts: { readonly http: number; readonly https: number } | undefined;
  readonly highAvailability: boolean;
}

/**
 * Traefik in place of ingress-nginx, which is retired: it serves the same IngressClass and understands its
 * annotations, so that the Ingresses of the cluster repositories stay as they are.
 */
export function traefikValues({ ingressClass, nodePorts, highAvailability }: TraefikArgs): TraefikValues {
  return {
    deployment: { replicas: highAvailability ? 2 : 1 },
    ...(highAvailability ? { podDisruptionBudget: { enabled: true, minAvailable: 1 } } : {}),
    // The class is made beside the release, since the chart's own would name Traefik as its controller.
    ingressClass: { enabled: false },
    providers: {
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      kubernetesIngressNGINX: {
        enabled: true,
        ingressClass,
        // Only a load balancer has an address that could be written into the Ingresses.
        publishService: { enabled: nodePorts === undefined },
      },
    },
    ...(nodePorts === undefined
      ? { service: { spec: { type: "LoadBalancer" } } }
      : {
          service: { spec: { type: "NodePort" } },
          ports: { web: { nodePort: nodePorts.http }, websecure: { nodePort: nodePorts.https } },
        }),
    resources: small("100m", "128Mi"),
  };
}

/** The values of chart rook-ceph that we set: none of the CSI parts that another chart brings. */
export interface RookCephValues {
  readonly resources: Resources;
}

export function rookCephValues(): RookCephValues {
  return { resources: { requests: { cpu: "200m", memory: "128Mi" }, limits: { memory: "512Mi" } } };
}

/** The values of chart ceph-csi-drivers that we set: those that Rook asks for, for block volumes alone. */
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
  const sidecar = small("10m", "32Mi");
  const plugin = small("50m", "128Mi");
  return {
    operatorConfig: {
      namespace,
      driverSpecDefaults: {
        // The ConfigMap in which chart rook-ceph names the images.
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

/** The values of chart rook-ceph-cluster that we set: block volumes, which is all that the pipeline asks for. */
export interface RookCephClusterValues {
  readonly operatorNamespace: DnsLabel;
  readonly cephBlockPools: readonly object[];
  readonly cephFileSystems: readonly never[];
  readonly cephObjectStores: readonly never[];
}

export function rookCephClusterValues(namespace: DnsLabel, storageClass: DnsLabel): RookCephClusterValues {
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

/** The chart's own defaults; a list of pools replaces them whole. */
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
