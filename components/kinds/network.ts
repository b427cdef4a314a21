/** What lies between a pod and the servers outside the cluster: a proxy, and private authorities. */
import { dnsLabelOf } from "../names.ts";
import type { EnvironmentVariable, Volume, VolumeMount } from "./kubernetes.ts";

/** As in a stack file. */
export interface Network {
  /** Certificates of private authorities, in PEM format, in addition to the public ones. */
  readonly ca?: string | undefined;
  readonly proxy?: Proxy | undefined;
}

export interface Proxy {
  /** Address of the proxy for addresses with `http://`. */
  readonly http?: string | undefined;
  /** Address of the proxy for addresses with `https://`. */
  readonly https?: string | undefined;
  /** Hosts that are reached without the proxy. */
  readonly noProxy: readonly string[];
}

/**
 * Destinations that bypass the proxy: the pod itself, Services, and the API server. Kubernetes clients call the API
 * server by its address, which the kubelet fills in.
 */
const insideCluster = ["localhost", "127.0.0.1", ".svc", ".cluster.local", "$(KUBERNETES_SERVICE_HOST)"];

/** The variables that name the proxy. curl reads `http_proxy` only in lower case; other programs prefer upper case. */
export function proxyVariables({ proxy }: Network): Readonly<Record<string, string>> {
  if (proxy === undefined) return {};
  const { http, https, noProxy } = proxy;
  const upperCase = {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [...insideCluster, ...noProxy].join(","),
  };
  const both = Object.entries(upperCase).flatMap(([name, value]): [string, string][] => [
    [name, value],
    [name.toLowerCase(), value],
  ]);
  return Object.fromEntries(both);
}

export function proxyEnvironment(network: Network): EnvironmentVariable[] {
  return environmentOf(proxyVariables(network));
}

/** Variables in the format of a container's `env`. */
export function environmentOf(variables: Readonly<Record<string, string>>): EnvironmentVariable[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** The ConfigMap with the private authorities, and its key. */
export const authorities = { configMap: dnsLabelOf("certificate-authorities"), key: "ca.crt" } as const;

const volume = "certificate-authorities";

export function authorityVolumes({ ca }: Network): Volume[] {
  return ca === undefined
    ? []
    : [{ name: volume, configMap: { name: authorities.configMap, defaultMode: 0o444 } }];
}

export function authorityMounts({ ca }: Network, mountPath: string): VolumeMount[] {
  return ca === undefined ? [] : [{ name: volume, mountPath, readOnly: true }];
}
