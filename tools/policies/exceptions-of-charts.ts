/** Exceptions for Argo's charts: rights that their programs need, and rights of users. */
import { userAccountNames } from "../../components/charts/argo-workflows-users.ts";
import { chartPods } from "../../components/charts/pods.ts";
import { logSecret } from "../../components/derived-names.ts";
import { rulesOf } from "../declared/accounts.ts";
import { text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind } from "../declared/objects.ts";
import { podsOf } from "../declared/pods.ts";
import type { Exception, Finding } from "./policy.ts";

/** Whether a namespace has only what Argo CD deploys from cluster repositories, and no part of the stack. */
export function isOfApplications(namespace: string, objects: readonly DeclaredObject[]): boolean {
  const isDestination = ofKind(objects, "Application").some(
    ({ content }) => text(content, "spec", "destination", "namespace") === namespace,
  );
  return isDestination && !objects.some((one) => one.namespace === namespace && podsOf(one).length > 0);
}

/** Whether a chart creates the account, `namespace/name`. */
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
  return kind === "Role" && Object.values<string>(userAccountNames).includes(name);
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
    reason: "The chart in the same namespace creates the account, with the name of its pods.",
    covers: ({ found }, objects) => isOfChart(found.replace("binds ", ""), objects),
  },
  {
    policy: "no-wildcard-rights",
    what: "Argo CD in the namespaces of applications",
    reason: "It deploys and shows the objects of the cluster repositories, which may be of any kind.",
    covers: (finding, objects) => isOfArgoCd(finding) && isOfApplications(finding.object.namespace, objects),
  },
  {
    policy: "no-wildcard-rights",
    what: "Argo CD's cluster-wide kinds",
    reason: "It manages them for the cluster repositories, limited to the kinds that the stack file lists.",
    covers: ({ object, found }) => object.name === "argo-cicd-cluster-kinds" && found === "verbs: *",
  },
  {
    policy: "no-rights-on-secrets",
    what: "Argo Workflows' server with single sign-on",
    reason:
      "It reads the client secret and its accounts' tokens by name, and creates a key for its sessions.",
    covers: ({ object }) => object.name === "argo-server",
  },
  {
    policy: "no-rights-on-secrets",
    what: "the keys of the object store of logs",
    reason: "Argo Workflows' server reads them on behalf of a user who opens a log; no page shows them.",
    covers: ({ object, found }) => found === "get secrets" && isOfPeople(object) && readsLogKeys(object),
  },
  {
    policy: "no-rights-on-pods",
    what: "jobs that Argo CD's pages start",
    reason: "Only in the namespaces of applications, where a user who may start jobs can deploy anything.",
    covers: (finding) => isOfArgoCd(finding) && finding.found === "create jobs",
  },
  {
    policy: "no-rights-on-pods",
    what: "pods of a build that a user retries",
    reason: "Argo Workflows deletes those of the steps that it reruns, on behalf of the user.",
    covers: ({ object, found }) => isOfPeople(object) && found === "delete pods",
  },
  {
    policy: "no-cluster-wide-rights",
    what: "the lists of Argo Workflows' server",
    reason:
      "It watches Workflows, templates and, with single sign-on, accounts either in one namespace or in all, and builds have several.",
    covers: ({ object }) => object.name === "argo-cicd-argo-server",
  },
  {
    policy: "no-cluster-wide-rights",
    what: "Argo CD's cluster-wide kinds",
    reason: "The stack file lists them (`clusterKinds`).",
    covers: ({ object }) => /^argo-cicd-cluster-kinds(-shown)?$/.test(object.name),
  },
];
