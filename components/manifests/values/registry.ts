import type { DnsLabel } from "../../names.ts";
import { confined, unprivileged } from "../security.ts";
import type { ContainerSecurityContext, PodSecurityContext, Resources } from "../types/kubernetes.ts";
import { small } from "./common.ts";

export interface RegistryArgs {
  readonly nodePort: number;
  readonly volumeSize: string;
  readonly storageClass: DnsLabel;
}

/** The values of chart zot that we set. */
export interface RegistryValues {
  readonly service: { readonly type: "NodePort"; readonly nodePort: number };
  readonly persistence: true;
  readonly pvc: {
    readonly create: true;
    readonly name: string;
    readonly storage: string;
    readonly storageClassName: DnsLabel;
  };
  readonly mountConfig: true;
  readonly configFiles: { readonly "config.json": string };
  readonly resources: Resources;
  readonly podSecurityContext: PodSecurityContext;
  readonly securityContext: ContainerSecurityContext;
}

export function registryValues({ nodePort, volumeSize, storageClass }: RegistryArgs): RegistryValues {
  return {
    service: { type: "NodePort", nodePort },
    persistence: true,
    pvc: { create: true, name: "images", storage: volumeSize, storageClassName: storageClass },
    mountConfig: true,
    configFiles: { "config.json": JSON.stringify(zotConfig, undefined, 2) },
    resources: small("50m", "128Mi"),
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
  // Kaniko pushes images in Docker's format, which zot refuses unless it is told to take it.
  http: { address: "0.0.0.0", port: "5000", compat: ["docker2s2"] },
  log: { level: "info" },
};
