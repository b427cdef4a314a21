/** A random key that two sides share, and its Secret. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DnsLabel } from "../names.ts";
import type { Child } from "./resources.ts";

export interface KeyArgs {
  readonly secret: DnsLabel;
  readonly namespace: DnsLabel;
  /** The Secret's key that holds it. */
  readonly field: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Increase it to replace the key; undefined for a key that is never replaced. */
  readonly version?: number;
}

export interface GeneratedKey {
  readonly value: pulumi.Output<string>;
  readonly secret: pulumi.Resource;
}

/** @param logicalName of both resources */
export function generateKey(logicalName: string, args: KeyArgs, opts: Child): GeneratedKey {
  const { secret: name, namespace, field, labels, version } = args;
  const keepers = version === undefined ? {} : { keepers: { version: version.toString() } };
  const { result } = new random.RandomPassword(logicalName, { length: 64, special: false, ...keepers }, opts);
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels: { ...labels } }) };
  const secret = new k8s.core.v1.Secret(logicalName, { metadata, stringData: { [field]: result } }, opts);
  return { value: result, secret };
}
