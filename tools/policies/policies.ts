/**
 * The policies of the declared objects. A rule of your own is an entry of one of these groups, or a file beside them and
 * a line here; what may break it is an entry of exceptions.ts.
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

/** The policies that a stack breaks, but for the exceptions. */
export function violations(objects: readonly DeclaredObject[]): Violation[] {
  return policies.flatMap((policy) => {
    const own = exceptions.filter((one) => one.policy === policy.name);
    const findings = policy
      .find(objects)
      .filter((finding) => !own.some(({ covers }) => covers(finding, objects)));
    return findings.length === 0 ? [] : [{ policy, findings }];
  });
}

/** What breaks a template of builds breaks it for each repository. */
const shown = 8;

/** One line for the policy, and one for each of the first places. */
export function describeViolation({ policy: { name, why, fix }, findings }: Violation): string {
  const all = new Set(findings.map(({ object: { path }, found }) => `  ${path}: ${found}`));
  const places = [...all].sort();
  const more = places.length > shown ? [`  and ${(places.length - shown).toString()} more`] : [];
  return [`Policy ${name}: ${why} ${fix}`, ...places.slice(0, shown), ...more].join("\n");
}
