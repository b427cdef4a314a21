/** What an account of the cluster may do, as the API server reports it to the account itself. */
import type { ClusterApi } from "./cluster-api.ts";

interface ResourceRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Its rights in the namespace beyond those of any account, as `verbs group/resources`, sorted. */
export async function rightsOf(api: ClusterApi, account: string, namespace: string): Promise<string[]> {
  const anyone = await rules(api, "system:serviceaccount:nowhere:nobody", namespace);
  const own = await rules(api, account, namespace);
  return own.filter((rule) => !anyone.includes(rule)).sort();
}

async function rules(api: ClusterApi, as: string, namespace: string): Promise<string[]> {
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    spec: { namespace },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
  const { status } = (await api.call(path, { method: "POST", body, as })) as {
    status: { resourceRules: ResourceRule[]; incomplete: boolean };
  };
  return status.resourceRules.map(describeRule);
}

function describeRule({ verbs, apiGroups = [], resources = [], resourceNames = [] }: ResourceRule): string {
  const names = resourceNames.length === 0 ? "" : ` named ${resourceNames.join(",")}`;
  return `${[...verbs].sort().join(",")} ${apiGroups.join(",")}/${resources.join(",")}${names}`;
}
