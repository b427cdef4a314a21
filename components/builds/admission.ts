/** Restricts what the service accounts of builds may write: their Roles grant whole kinds, but they need little. */
import type { Account, AdmissionPolicy } from "../kinds/admission.ts";
import { metadataUnchangedBut, unchangedBut } from "../kinds/admission.ts";
import { startPolicy } from "../kinds/start-policy.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { FollowedApplications } from "./delivered-args.ts";
import { accounts } from "./build.ts";
import { argoLabel, buildLabel, unreportedNote } from "./programs/labels.ts";

/**
 * @param followed undefined if builds wait for no Applications
 * @param caughtUp whether lost pushes are caught up
 */
export function buildPolicies(
  namespaces: readonly DnsLabel[],
  followed: Pick<FollowedApplications, "areReported"> | undefined,
  caughtUp: boolean,
): AdmissionPolicy[] {
  const everywhere = (name: DnsLabel) => namespaces.map((namespace) => ({ namespace, name }));
  const missing: DnsLabel[] = [
    ...(followed === undefined ? [accounts.live] : []),
    ...(caughtUp ? [] : [accounts.catchUp]),
  ];
  const all = Object.values(accounts).filter((name) => !missing.includes(name));
  return [
    argumentsPolicy(namespaces),
    resultsPolicy(all.flatMap(everywhere)),
    controlPolicy(everywhere(accounts.control)),
    ...(caughtUp ? catchUpPolicies(everywhere(accounts.catchUp)) : []),
    ...(followed === undefined ? [] : [livePolicy(everywhere(accounts.live))]),
    ...(followed?.areReported === true ? [unreportedPolicy(everywhere(accounts.live))] : []),
  ];
}

/**
 * The values of a Workflow's parameters are data, no matter who creates it. The controller expands them first: it would
 * evaluate an expression, and unclosed braces would leave the Workflow unprocessed forever.
 */
function argumentsPolicy(namespaces: readonly DnsLabel[]): AdmissionPolicy {
  const values = "object.spec.?arguments.?parameters.orValue([])";
  return {
    name: dnsLabelOf("argo-cicd-arguments"),
    resource: "workflows",
    operations: ["CREATE"],
    appliesTo: { namespaces },
    rules: [
      {
        expression: `${values}.all(one, !string(one.?value.orValue('')).contains('{{'))`,
        message: "the value of a parameter must not contain {{: Argo would expand it",
      },
    ],
  };
}

/**
 * A pod may report only its own result. Its token names the pod. Argo names the pod and the result after the Workflow
 * and the same hash, or both like a Workflow of a single pod (argo-workflows `workflow/util/pod_name.go`).
 */
function resultsPolicy(reporting: readonly Account[]): AdmissionPolicy {
  const pod = "request.userInfo.extra['authentication.kubernetes.io/pod-name'][0]";
  const workflow = `object.metadata.labels['${argoLabel.workflow}']`;
  return {
    name: dnsLabelOf("argo-cicd-results"),
    resource: "workflowtaskresults",
    operations: ["CREATE", "UPDATE"],
    appliesTo: { accounts: reporting },
    rules: [
      {
        expression:
          `(${pod} == ${workflow} && object.metadata.name == ${workflow}) || ` +
          `(${pod}.startsWith(${workflow} + '-') && ` +
          `object.metadata.name == ${workflow} + ${pod}.substring(${pod}.lastIndexOf('-')))`,
        message: "a pod may report its own result only",
      },
    ],
  };
}

/** May start builds like a Sensor, with its own label, remove notes of unsent reports, and remove terminating pods. */
function catchUpPolicies(accounts: readonly Account[]): AdmissionPolicy[] {
  const name = "argo-cicd-catch-up";
  const who = "a check for lost pushes";
  return [
    startPolicy(dnsLabelOf(name), accounts, who, [buildLabel.startedBy], {
      labels: [buildLabel.unreported],
      annotations: Object.values(unreportedNote),
    }),
    {
      name: dnsLabelOf(`${name}-pods`),
      resource: "pods",
      operations: ["DELETE"],
      appliesTo: { accounts: accounts },
      rules: [
        {
          expression: "has(oldObject.metadata.deletionTimestamp)",
          message: `${who} may remove terminating pods only`,
        },
      ],
    },
  ];
}

/** A rule: nothing changes except these labels and annotations. */
function onlyMetadata(labels: readonly string[], annotations: readonly string[]): string {
  return `${unchangedBut("", ["metadata"])} && ${metadataUnchangedBut({ labels, annotations })}`;
}

/** May set its labels, note what to report to GitHub later, and stop older builds. */
function controlPolicy(controlling: readonly Account[]): AdmissionPolicy {
  const { commit, supersededBy, published, recoveredBy, unreported } = buildLabel;
  const labels = [commit, supersededBy, published, recoveredBy, unreported];
  const annotations = [unreportedNote.status];
  const shutdown = "spec.?shutdown.orValue('')";
  return {
    name: dnsLabelOf("argo-cicd-build-control"),
    resource: "workflows",
    operations: ["UPDATE"],
    appliesTo: { accounts: controlling },
    rules: [
      {
        expression:
          `${unchangedBut("", ["metadata", "spec"])} && ${unchangedBut(".spec", ["shutdown"])} && ` +
          `(object.${shutdown} == oldObject.${shutdown} || object.${shutdown} == 'Stop')`,
        message: "a build may stop others, and change nothing else of their specification",
      },
      {
        expression: metadataUnchangedBut({ labels, annotations }),
        message: `a build may change only the labels ${labels.join(", ")} and the annotations ${annotations.join(", ")}`,
      },
    ],
  };
}

/** May note what to report to GitHub later about a Deployment. */
function unreportedPolicy(waiting: readonly Account[]): AdmissionPolicy {
  const [label, annotation] = [buildLabel.unreported, unreportedNote.deployment];
  return {
    name: dnsLabelOf("argo-cicd-build-live-notes"),
    resource: "workflows",
    operations: ["UPDATE"],
    appliesTo: { accounts: waiting },
    rules: [
      {
        expression: onlyMetadata([label], [annotation]),
        message: `a build that waits may change only the label ${label} and the annotation ${annotation}`,
      },
    ],
  };
}

/** May set the annotation with which Argo CD polls a repository. */
function livePolicy(waiting: readonly Account[]): AdmissionPolicy {
  const annotation = "argocd.argoproj.io/refresh";
  return {
    name: dnsLabelOf("argo-cicd-build-live"),
    resource: "applications",
    operations: ["UPDATE"],
    appliesTo: { accounts: waiting },
    rules: [
      {
        expression:
          `${onlyMetadata([], [annotation])} && ` +
          `object.metadata.?annotations[?'${annotation}'].orValue('normal') == 'normal'`,
        message: `a build may only request a refresh of an Application (${annotation}: normal)`,
      },
    ],
  };
}
