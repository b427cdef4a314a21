/** The permissions of Sensors, as Pulumi resources. */
import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "../kinds/admission.ts";
import { grant } from "../kinds/grant.ts";
import { createAdmissionPolicy } from "../kinds/admission-policy.ts";
import type { Child } from "../kinds/resources.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import { sensorPolicies } from "./admission.ts";
import { leaveDeadLetters, startBuilds } from "./roles.ts";

/** Lets the Sensors start builds, and create dead letters in their own namespace. */
export function grantSensors(
  sensors: Account,
  buildNamespaces: readonly DnsLabel[],
  opts: Child,
): pulumi.Resource[] {
  const accounts = [sensors];
  const { namespace } = sensors;
  const [start, leave] = [dnsLabelOf("start-builds"), dnsLabelOf("leave-dead-letters")];
  return [
    ...buildNamespaces.map((one) =>
      grant(`${start}-${one}`, { name: start, namespace: one, rules: startBuilds, accounts }, opts),
    ),
    grant(leave, { name: leave, namespace, rules: leaveDeadLetters, accounts }, opts),
  ];
}

/** Restricts what they write to the purpose of these permissions. */
export function restrictSensors(sensors: Account, opts: Child): void {
  for (const limit of sensorPolicies(sensors)) createAdmissionPolicy(limit, opts);
}
