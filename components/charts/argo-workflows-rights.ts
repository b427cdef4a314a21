/**
 * The rights of the Argo Workflows server's own account. They replace the chart's roles, which let it read every Secret
 * of the cluster.
 */
import { namespacesOfBuilds } from "../builds/builders/namespaces.ts";
import type { BuildPlaces } from "../builds/builders/namespaces.ts";
import { signOnSecret } from "../derived-names.ts";
import type { ClusterGrant, Grant } from "../kinds/grant.ts";
import type { PolicyRule } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import { userAccounts, userPolicy, tokenSecret } from "./argo-workflows-users.ts";
import type { UserAccount } from "./argo-workflows-users.ts";
import type { ChartRights } from "./chart.ts";
import { chartPods } from "./pods.ts";
import type { SignOn } from "./sign-on.ts";

interface Given extends BuildPlaces {
  readonly cluster: { readonly admissionPolicies: boolean };
  readonly namespaces: BuildPlaces["namespaces"] & { readonly workflows: DnsLabel };
  readonly builds: { readonly logs?: object | undefined };
  readonly signOn?: SignOn | undefined;
}

/** The chart names the account like its pods. */
const server = dnsLabelOf(chartPods.workflowServer.name);

/** The Secret that the server creates for its sessions (argo-workflows `server/auth/sso/sso.go`). */
const sessionSecret = "sso";

export function workflowsRights(settings: Given): ChartRights {
  const { namespaces, signOn, builds, cluster } = settings;
  const namespace = namespaces.workflows;
  const roles = signOn?.workflows;
  const users = roles === undefined ? [] : userAccounts(roles, builds.logs !== undefined);
  const accounts = users.map(({ name }) => ({ name, namespace }));
  return {
    accounts: users.map(({ name, annotations }) => {
      return { name, namespace, annotations, token: tokenSecret(name) };
    }),
    grants: [
      ownGrant(namespace, users),
      ...users.flatMap((one) => userGrants(one, namespace, namespacesOfBuilds(settings))),
    ],
    clusterGrants: [watchGrant(namespace, users.length > 0)],
    policies: accounts.length > 0 && cluster.admissionPolicies ? [userPolicy(accounts)] : [],
  };
}

/** To read its configuration and, with single sign-on, the client secret, users' tokens and the session key. */
function ownGrant(namespace: DnsLabel, users: readonly UserAccount[]): Grant {
  const secrets = [signOnSecret, sessionSecret, ...users.map(({ name }) => tokenSecret(name))];
  const signingOn: PolicyRule[] = [
    { apiGroups: [""], resources: ["secrets"], resourceNames: secrets, verbs: ["get"] },
    // For the session key. RBAC cannot restrict `create` to a name.
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
  ];
  return {
    name: dnsLabelOf("argo-server"),
    namespace,
    rules: [
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["workflow-controller-configmap"],
        verbs: ["get"],
      },
      ...(users.length === 0 ? [] : signingOn),
    ],
    accounts: [{ name: server, namespace }],
  };
}

/**
 * The server caches all Workflows and templates, and shows a user those that the user's account may see. It lists
 * accounts of users in all namespaces, although it uses only those of its own.
 */
function watchGrant(namespace: DnsLabel, hasSignOn: boolean): ClusterGrant {
  const verbs = ["get", "list", "watch"];
  return {
    name: dnsLabelOf("argo-cicd-argo-server"),
    rules: [
      { apiGroups: ["argoproj.io"], resources: ["workflows", "workflowtemplates"], verbs },
      ...(hasSignOn ? [{ apiGroups: [""], resources: ["serviceaccounts"], verbs }] : []),
    ],
    accounts: [{ name: server, namespace }],
  };
}

function userGrants(
  { name, rules }: UserAccount,
  namespace: DnsLabel,
  targets: readonly DnsLabel[],
): Grant[] {
  return targets.map((target) => ({ name, namespace: target, rules, accounts: [{ name, namespace }] }));
}
