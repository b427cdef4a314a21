/** How a part's pod reaches servers outside the cluster: through the proxy, and with private authorities. */
import { createHash } from "node:crypto";
import { images } from "../builds/images.ts";
import type {
  ContainerSecurityContext,
  EnvironmentVariable,
  Resources,
  Volume,
  VolumeMount,
} from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import {
  authorities,
  authorityMounts,
  authorityVolumes,
  environmentOf,
  proxyVariables,
} from "../kinds/network.ts";
import { confinedUser } from "../kinds/security.ts";

/** The settings that the charts of such parts read. */
export interface Networked {
  readonly network: Network;
}

/** Named as in the charts' values; empty without private authorities. */
export interface PodNetwork {
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly initContainers?: readonly InitContainer[];
}

interface InitContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly resources: Resources;
  readonly securityContext: ContainerSecurityContext;
}

const ownFolder = "/own-authorities";
const all: VolumeMount = { name: "authorities", mountPath: "/authorities" };
const file = `${all.mountPath}/${authorities.key}`;

/** Git reads authorities from a single file, so this file includes the public ones. */
export function networkVariables(network: Network): EnvironmentVariable[] {
  return environmentOf({
    ...proxyVariables(network),
    ...(network.ca === undefined ? {} : { GIT_SSL_CAINFO: file, SSL_CERT_FILE: file }),
  });
}

export function podNetwork(network: Network): PodNetwork {
  if (network.ca === undefined) return {};
  return {
    podAnnotations: authorityAnnotation(network.ca),
    volumes: [...authorityVolumes(network), { name: all.name, emptyDir: {} }],
    volumeMounts: [{ ...all, readOnly: true }],
    initContainers: [joinAuthorities(network)],
  };
}

/** Authorities are read when a pod starts, so a change of them must replace the pod. */
export function authorityAnnotation(ca: string): Readonly<Record<string, string>> {
  return { "argo-cicd/authorities": createHash("sha256").update(ca).digest("hex") };
}

/** The public authorities come from an image that builds also run. */
function joinAuthorities(network: Network): InitContainer {
  return {
    name: "authorities",
    image: images.git,
    command: [
      "/bin/sh",
      "-c",
      `cat /etc/ssl/certs/ca-certificates.crt ${ownFolder}/${authorities.key} >${file}`,
    ],
    volumeMounts: [...authorityMounts(network, ownFolder), all],
    resources: requests("10m", "16Mi"),
    securityContext: confinedUser,
  };
}
