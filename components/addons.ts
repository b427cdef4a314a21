import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "./charts.ts";
import * as values from "./manifests/values/addons.ts";
import type { RegistryArgs as RegistryValues } from "./manifests/values/registry.ts";
import { registryValues } from "./manifests/values/registry.ts";
import type { DnsLabel } from "./names.ts";
import { release } from "./resources/release.ts";

export interface AddonsArgs {
  /** Each absent where the stack does not ask for it. */
  readonly rookCeph: RookCephArgs | undefined;
  readonly ingressController: IngressControllerArgs | undefined;
  readonly registry: RegistryArgs | undefined;
  readonly argoRollouts: ArgoRolloutsArgs | undefined;
}

export interface RookCephArgs {
  readonly namespace: DnsLabel;
  /** StorageClass to make. */
  readonly storageClass: DnsLabel;
  readonly highAvailability: boolean;
}

export interface IngressControllerArgs extends values.TraefikArgs {
  readonly namespace: DnsLabel;
}

export interface RegistryArgs extends RegistryValues {
  readonly namespace: DnsLabel;
}

export interface ArgoRolloutsArgs {
  readonly namespace: DnsLabel;
  readonly highAvailability: boolean;
}

/** What some clusters have already and others ask for: storage, an ingress controller, a registry, Argo Rollouts. */
export class Addons extends pulumi.ComponentResource {
  constructor(name: string, args: AddonsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Addons", name, {}, opts);
    const child = { parent: this };
    const storage = args.rookCeph && rookCeph(args.rookCeph, child);
    if (args.ingressController) ingressController(args.ingressController, child);
    // Its volume needs the storage, where the storage is ours.
    if (args.registry) registry(args.registry, { ...child, dependsOn: storage ?? [] });
    if (args.argoRollouts) argoRollouts(args.argoRollouts, child);
    this.registerOutputs({});
  }
}

/** Rook's operator, then the drivers that it does not bring itself since 1.20, then the cluster of disks. */
function rookCeph(
  { namespace, storageClass, highAvailability }: RookCephArgs,
  opts: pulumi.CustomResourceOptions,
) {
  const operator = release(charts.rookCeph, namespace, values.rookCephValues(), opts);
  const drivers = release(
    charts.cephCsiDrivers,
    namespace,
    values.cephCsiDriversValues(namespace, highAvailability),
    {
      ...opts,
      dependsOn: operator,
    },
  );
  return release(charts.rookCephCluster, namespace, values.rookCephClusterValues(namespace, storageClass), {
    ...opts,
    dependsOn: drivers,
  });
}

function ingressController(args: IngressControllerArgs, opts: pulumi.CustomResourceOptions): void {
  const { namespace, ingressClass } = args;
  new k8s.networking.v1.IngressClass(
    ingressClass,
    { metadata: { name: ingressClass }, spec: { controller: "k8s.io/ingress-nginx" } },
    opts,
  );
  // The chart would bring the CRDs of Traefik's own kinds, which nothing here uses.
  release(charts.traefik, namespace, values.traefikValues(args), opts, { skipCrds: true });
}

function registry(args: RegistryArgs, opts: pulumi.CustomResourceOptions): void {
  release(charts.zot, args.namespace, registryValues(args), opts);
}

function argoRollouts(args: ArgoRolloutsArgs, opts: pulumi.CustomResourceOptions): void {
  release(charts.argoRollouts, args.namespace, values.argoRolloutsValues(args.highAvailability), opts);
}
