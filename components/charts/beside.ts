/** What is made beside a chart, as Pulumi resources. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { grant, grantEverywhere } from "../kinds/grant.ts";
import { limitWrites } from "../kinds/limit.ts";
import type { Child } from "../kinds/resources.ts";
import type { Beside, SharedAccount } from "./chart.ts";

/** @returns all that must be there before the chart's programs start */
export function makeBeside(beside: Beside, opts: Child): pulumi.Resource[] {
  const { accounts, grants, clusterGrants, limits, secret } = beside;
  const made = [
    ...accounts.map((one) => account(one, opts)),
    ...grants.map((one) => grant(`${one.namespace}/${one.name}`, one, opts)),
    ...clusterGrants.map((one) => grantEverywhere(one.name, one, opts)),
  ];
  for (const one of limits) limitWrites(one, opts);
  if (secret === undefined) return made;
  const { name, namespace, labels, data } = secret;
  const metadata = { name, namespace, labels: { ...labels } };
  // Whoever reads it uses the rights at once.
  const later = { ...opts, dependsOn: made };
  return [new k8s.core.v1.Secret(`${namespace}/${name}`, { metadata, stringData: { ...data } }, later)];
}

/** With a token that does not end. No pod has it: the chart's program reads it from the Secret. */
function account({ name, namespace, annotations, token }: SharedAccount, opts: Child): pulumi.Resource {
  const urn = `${namespace}/${name}`;
  const metadata = { name, namespace, annotations: { ...annotations } };
  const made = new k8s.core.v1.ServiceAccount(urn, { metadata, automountServiceAccountToken: false }, opts);
  return new k8s.core.v1.Secret(
    urn,
    {
      metadata: { name: token, namespace, annotations: { "kubernetes.io/service-account.name": name } },
      type: "kubernetes.io/service-account-token",
    },
    { ...opts, dependsOn: made },
  );
}
