/** What Argo Workflows' server may do with its own account, in place of the chart's roles, by which it could read every Secret of the cluster. */
import { namespacesOfBuilds } from "../builds/builders/namespaces.ts";
import type { BuildPlaces } from "../builds/builders/namespaces.ts";
import { signOnSecret } from "../derived-names.ts";
import type { ClusterGrant, Grant } from "../kinds/grant.ts";
import type { PolicyRule } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import { peopleAccounts, peopleLimit, tokenSecret } from "./argo-workflows-people.ts";
import type { PeopleAccount } from "./argo-workflows-people.ts";
import type { Beside } from "./chart.ts";
import { chartPods } from "./pods.ts";
import type { SignOn } from "./sign-on.ts";

interface Given extends BuildPlaces {
  readonly cluster: { readonly admissionPolicies: boolean };
  readonly namespaces: BuildPlaces["namespaces"] & { readonly workflows: DnsLabel };
  readonly builds: { readonly logs?: object | undefined };
  readonly signOn?: SignOn | undefined;
}

/** The chart's account has the name of its pods. */
const server = dnsLabelOf(chartPods.workflowServer.name);

/** The Secret that the server makes for its sessions (argo-workflows `server/auth/sso/sso.go`). */
const sessionSecret = "sso";

export function besideWorkflows(settings: Given): Beside {
  const { namespaces, signOn, builds, cluster } = settings;
  const namespace = namespaces.workflows;
  const roles = signOn?.workflows;
  const people = roles === undefined ? [] : peopleAccounts(roles, builds.logs !== undefined);
  const accounts = people.map(({ name }) => ({ name, namespace }));
  return {
    accounts: people.map(({ name, annotations }) => {
      return { name, namespace, annotations, token: tokenSecret(name) };
    }),
    grants: [
      ownGrant(namespace, people),
      ...people.flatMap((one) => peopleGrants(one, namespace, namespacesOfBuilds(settings))),
    ],
    clusterGrants: [followGrant(namespace, people.length > 0)],
    limits: accounts.length > 0 && cluster.admissionPolicies ? [peopleLimit(accounts)] : [],
  };
}

/** Its configuration, and where people sign on the client's secret, their accounts' tokens and a key for sessions. */
function ownGrant(namespace: DnsLabel, people: readonly PeopleAccount[]): Grant {
  const secrets = [signOnSecret, sessionSecret, ...people.map(({ name }) => tokenSecret(name))];
  const signingOn: PolicyRule[] = [
    { apiGroups: [""], resources: ["secrets"], resourceNames: secrets, verbs: ["get"] },
    // Of its sessions; what is made cannot be told by its name.
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
      ...(people.length === 0 ? [] : signingOn),
    ],
    accounts: [{ name: server, namespace }],
  };
}

/**
 * It keeps a list of all Workflows and templates, of which it shows what the account of whoever looks may see. The accounts of people
 * it looks for in all namespaces, though it takes those of its own only.
 */
function followGrant(namespace: DnsLabel, isSignedOn: boolean): ClusterGrant {
  const verbs = ["get", "list", "watch"];
  return {
    name: dnsLabelOf("argo-cicd-argo-server"),
    rules: [
      { apiGroups: ["argoproj.io"], resources: ["workflows", "workflowtemplates"], verbs },
      ...(isSignedOn ? [{ apiGroups: [""], resources: ["serviceaccounts"], verbs }] : []),
    ],
    accounts: [{ name: server, namespace }],
  };
}

function peopleGrants(
  { name, rules }: PeopleAccount,
  namespace: DnsLabel,
  places: readonly DnsLabel[],
): Grant[] {
  return places.map((place) => ({ name, namespace: place, rules, accounts: [{ name, namespace }] }));
}
