/**
 * The policies for declared objects. To add a policy, add an entry to one of these groups, or a new file and a line
 * here. To allow a violation of it, add an entry to exceptions.ts.
 */
import type { DeclaredObject } from "../declared/objects.ts";
import { accountPolicies } from "./accounts.ts";
import { containerPolicies } from "./containers.ts";
import { dashboardPolicies } from "./dashboards.ts";
import { exceptions } from "./exceptions.ts";
import { networkPolicies } from "./network.ts";
import { placePolicies } from "./places.ts";
import { podPolicies } from "./pods.ts";
import type { Finding, Policy } from "./policy.ts";
import { rightsPolicies } from "./rights.ts";
import { secretPolicies } from "./secrets.ts";
import { workflowPolicies } from "./workflows.ts";

export const policies: readonly Policy[] = [
  ...podPolicies,
  ...containerPolicies,
  ...accountPolicies,
  ...rightsPolicies,
  ...networkPolicies,
  ...dashboardPolicies,
  ...secretPolicies,
  ...workflowPolicies,
  ...placePolicies,
];

export interface Violation {
  readonly policy: Policy;
  readonly findings: readonly Finding[];
}

/** The policies that a stack violates, without the exceptions. */
export function violations(objects: readonly DeclaredObject[]): Violation[] {
  return policies.flatMap((policy) => {
    const own = exceptions.filter((one) => one.policy === policy.name);
    const findings = policy
      .find(objects)
      .filter((finding) => !own.some(({ covers }) => covers(finding, objects)));
    return findings.length === 0 ? [] : [{ policy, findings }];
  });
}

/** A problem in the template of builds occurs for every repository. */
const shown = 8;

/** One line for the policy, and one line for each place, up to `shown`. */
export function describeViolation({ policy: { name, why, fix }, findings }: Violation): string {
  const all = new Set(findings.map(({ object: { path }, found }) => `  ${path}: ${found}`));
  const places = [...all].sort();
  const more = places.length > shown ? [`  and ${(places.length - shown).toString()} more`] : [];
  return [`Policy ${name}: ${why} ${fix}`, ...places.slice(0, shown), ...more].join("\n");
}
