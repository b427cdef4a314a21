/** What breaks a policy on purpose because of what Argo's charts run: rights that their programs need, and those of people. */
import { peopleNames } from "../../components/charts/argo-workflows-people.ts";
import { chartPods } from "../../components/charts/pods.ts";
import { logSecret } from "../../components/derived-names.ts";
import { rulesOf } from "../declared/accounts.ts";
import { text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind } from "../declared/objects.ts";
import { podsOf } from "../declared/pods.ts";
import type { Exception, Finding } from "./policy.ts";

/** No part of the stack is in it: Argo CD puts there what a cluster repository holds. */
export function isOfApplications(namespace: string, objects: readonly DeclaredObject[]): boolean {
  const isDestination = ofKind(objects, "Application").some(
    ({ content }) => text(content, "spec", "destination", "namespace") === namespace,
  );
  return isDestination && !objects.some((one) => one.namespace === namespace && podsOf(one).length > 0);
}

/** An account `namespace/name` that one of the charts makes. */
function isOfChart(account: string, objects: readonly DeclaredObject[]): boolean {
  const { argoCdController, argoCdServer, workflowServer } = chartPods;
  const charts: readonly [string, string][] = [
    ["argo-cd", argoCdController.name],
    ["argo-cd", argoCdServer.name],
    ["argo-workflows", workflowServer.name],
  ];
  return charts.some(([chart, name]) =>
    ofKind(objects, "Release").some(
      (one) => text(one.content, "name") === chart && `${one.namespace}/${name}` === account,
    ),
  );
}

function isOfArgoCd({ object: { kind, name } }: Finding): boolean {
  return (
    kind === "Role" &&
    [chartPods.argoCdController.name, chartPods.argoCdServer.name].some((one) => one === name)
  );
}

function isOfPeople({ kind, name }: DeclaredObject): boolean {
  return kind === "Role" && Object.values<string>(peopleNames).includes(name);
}

function readsLogKeys(role: DeclaredObject): boolean {
  return rulesOf(role)
    .filter(({ resources }) => resources.includes("secrets"))
    .every(({ resourceNames }) => resourceNames.join() === logSecret);
}

export const chartExceptions: readonly Exception[] = [
  {
    policy: "declared-subjects",
    what: "the accounts of Argo's charts",
    reason: "The chart of the same namespace makes the account, under the name of its pods.",
    covers: ({ found }, objects) => isOfChart(found.replace("binds ", ""), objects),
  },
  {
    policy: "no-wildcard-rights",
    what: "Argo CD in the namespaces of applications",
    reason:
      "It makes and shows whatever the cluster repositories hold; which kinds these are, only they say.",
    covers: (finding, objects) => isOfArgoCd(finding) && isOfApplications(finding.object.namespace, objects),
  },
  {
    policy: "no-wildcard-rights",
    what: "Argo CD's cluster-wide kinds",
    reason: "It does with them what a cluster repository says, as far as the stack file lists them.",
    covers: ({ object, found }) => object.name === "argo-cicd-cluster-kinds" && found === "verbs: *",
  },
  {
    policy: "no-rights-on-secrets",
    what: "Argo Workflows' server where people sign on",
    reason:
      "It reads the client's secret and its accounts' tokens by name, and makes a key for its sessions.",
    covers: ({ object }) => object.name === "argo-server",
  },
  {
    policy: "no-rights-on-secrets",
    what: "the keys of the object store of logs",
    reason: "Argo Workflows' server reads them, in the name of whoever looks at a log; no page shows them.",
    covers: ({ object, found }) => found === "get secrets" && isOfPeople(object) && readsLogKeys(object),
  },
  {
    policy: "no-rights-on-pods",
    what: "jobs that Argo CD's pages start",
    reason: "In the namespaces of applications, where whoever may do it there can deploy anything.",
    covers: (finding) => isOfArgoCd(finding) && finding.found === "create jobs",
  },
  {
    policy: "no-rights-on-pods",
    what: "pods of a build that people try again",
    reason: "Argo Workflows deletes those of the steps that run again, in the name of who asks for it.",
    covers: ({ object, found }) => isOfPeople(object) && found === "delete pods",
  },
  {
    policy: "no-cluster-wide-rights",
    what: "the lists of Argo Workflows' server",
    reason:
      "It watches Workflows, templates and, where people sign on, accounts in all namespaces or in one, and builds have several.",
    covers: ({ object }) => object.name === "argo-cicd-argo-server",
  },
  {
    policy: "no-cluster-wide-rights",
    what: "Argo CD's cluster-wide kinds",
    reason: "The stack file lists them (`clusterKinds`).",
    covers: ({ object }) => /^argo-cicd-cluster-kinds(-shown)?$/.test(object.name),
  },
];
