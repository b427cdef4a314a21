/** Creates the accounts, rights and settings of a chart's programs, as Pulumi resources. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { grant, grantEverywhere } from "../kinds/grant.ts";
import { createAdmissionPolicy } from "../kinds/admission-policy.ts";
import type { Child } from "../kinds/resources.ts";
import type { ChartRights, SharedAccount } from "./chart.ts";

/** @returns the resources that must exist before the chart's programs start */
export function createRights(rights: ChartRights, opts: Child): pulumi.Resource[] {
  const { accounts, grants, clusterGrants, policies, secret } = rights;
  const prerequisites = [
    ...accounts.map((one) => account(one, opts)),
    ...grants.map((one) => grant(`${one.namespace}/${one.name}`, one, opts)),
    ...clusterGrants.map((one) => grantEverywhere(one.name, one, opts)),
  ];
  for (const one of policies) createAdmissionPolicy(one, opts);
  if (secret === undefined) return prerequisites;
  const { name, namespace, labels, data } = secret;
  const metadata = { name, namespace, labels: { ...labels } };
  // Its reader uses the rights at once.
  const later = { ...opts, dependsOn: prerequisites };
  return [new k8s.core.v1.Secret(`${namespace}/${name}`, { metadata, stringData: { ...data } }, later)];
}

/** Creates an account with a token that never expires. The chart's program reads it from the Secret; no pod mounts it. */
function account({ name, namespace, annotations, token }: SharedAccount, opts: Child): pulumi.Resource {
  const logicalName = `${namespace}/${name}`;
  const metadata = { name, namespace, annotations: { ...annotations } };
  const serviceAccount = new k8s.core.v1.ServiceAccount(
    logicalName,
    { metadata, automountServiceAccountToken: false },
    opts,
  );
  return new k8s.core.v1.Secret(
    logicalName,
    {
      metadata: { name: token, namespace, annotations: { "kubernetes.io/service-account.name": name } },
      type: "kubernetes.io/service-account-token",
    },
    { ...opts, dependsOn: serviceAccount },
  );
}
