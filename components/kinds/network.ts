/** What lies between a pod and the servers outside the cluster: a proxy, and private authorities. */
import { dnsLabelOf } from "../names.ts";
import type { EnvironmentVariable, Volume, VolumeMount } from "./kubernetes.ts";

/** As a stack file has it. */
export interface Network {
  /** Certificates of authorities beside the public ones, in PEM. */
  readonly ca?: string | undefined;
  readonly proxy?: Proxy | undefined;
}

export interface Proxy {
  /** Address of the proxy for addresses with `http://`. */
  readonly http?: string | undefined;
  /** Address of the proxy for addresses with `https://`. */
  readonly https?: string | undefined;
  /** Hosts that are reached without it. */
  readonly noProxy: readonly string[];
}

/**
 * What no proxy reaches: the pod itself, Services, and the API server, which clients of Kubernetes call by its address. The
 * kubelet fills that in.
 */
const insideCluster = ["localhost", "127.0.0.1", ".svc", ".cluster.local", "$(KUBERNETES_SERVICE_HOST)"];

/** The variables by which programs find the proxy. curl reads `http_proxy` in small letters only; others prefer capitals. */
export function proxyVariables({ proxy }: Network): Readonly<Record<string, string>> {
  if (proxy === undefined) return {};
  const { http, https, noProxy } = proxy;
  const capitals = {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [...insideCluster, ...noProxy].join(","),
  };
  const both = Object.entries(capitals).flatMap(([name, value]): [string, string][] => [
    [name, value],
    [name.toLowerCase(), value],
  ]);
  return Object.fromEntries(both);
}

export function proxyEnvironment(network: Network): EnvironmentVariable[] {
  return environmentOf(proxyVariables(network));
}

/** Variables as a container has them. */
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
