/** Restricts what the service accounts of builds may write: their Roles grant whole kinds, but they need little. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { metadataUnchangedBut, unchangedBut } from "../kinds/admission.ts";
import { startLimit } from "../kinds/start-limit.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { FollowedApplications } from "./delivered-args.ts";
import { accounts } from "./build.ts";
import { argoLabel, buildLabel, unreportedNote } from "./programs/labels.ts";

/**
 * @param followed undefined if builds wait for no Applications
 * @param caughtUp whether lost pushes are caught up
 */
export function writeLimits(
  namespaces: readonly DnsLabel[],
  followed: Pick<FollowedApplications, "areReported"> | undefined,
  caughtUp: boolean,
): WriteLimit[] {
  const everywhere = (name: DnsLabel) => namespaces.map((namespace) => ({ namespace, name }));
  const missing: DnsLabel[] = [
    ...(followed === undefined ? [accounts.live] : []),
    ...(caughtUp ? [] : [accounts.catchUp]),
  ];
  const all = Object.values(accounts).filter((name) => !missing.includes(name));
  return [
    argumentsLimit(namespaces),
    resultsLimit(all.flatMap(everywhere)),
    controlLimit(everywhere(accounts.control)),
    ...(caughtUp ? catchUpLimits(everywhere(accounts.catchUp)) : []),
    ...(followed === undefined ? [] : [liveLimit(everywhere(accounts.live))]),
    ...(followed?.areReported === true ? [unreportedLimit(everywhere(accounts.live))] : []),
  ];
}

/**
 * The values of a Workflow's parameters are data, no matter who creates it. The controller expands them first: it would
 * evaluate an expression, and unclosed braces would leave the Workflow unprocessed forever.
 */
function argumentsLimit(namespaces: readonly DnsLabel[]): WriteLimit {
  const values = "object.spec.?arguments.?parameters.orValue([])";
  return {
    name: dnsLabelOf("argo-cicd-arguments"),
    resource: "workflows",
    operations: ["CREATE"],
    limits: { namespaces },
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
function resultsLimit(reporting: readonly Account[]): WriteLimit {
  const pod = "request.userInfo.extra['authentication.kubernetes.io/pod-name'][0]";
  const workflow = `object.metadata.labels['${argoLabel.workflow}']`;
  return {
    name: dnsLabelOf("argo-cicd-results"),
    resource: "workflowtaskresults",
    operations: ["CREATE", "UPDATE"],
    limits: { accounts: reporting },
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
function catchUpLimits(accounts: readonly Account[]): WriteLimit[] {
  const name = "argo-cicd-catch-up";
  const who = "a check for lost pushes";
  return [
    startLimit(dnsLabelOf(name), accounts, who, [buildLabel.startedBy], {
      labels: [buildLabel.unreported],
      annotations: Object.values(unreportedNote),
    }),
    {
      name: dnsLabelOf(`${name}-pods`),
      resource: "pods",
      operations: ["DELETE"],
      limits: { accounts: accounts },
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
function controlLimit(controlling: readonly Account[]): WriteLimit {
  const { commit, supersededBy, published, recoveredBy, unreported } = buildLabel;
  const labels = [commit, supersededBy, published, recoveredBy, unreported];
  const annotations = [unreportedNote.status];
  const shutdown = "spec.?shutdown.orValue('')";
  return {
    name: dnsLabelOf("argo-cicd-build-control"),
    resource: "workflows",
    operations: ["UPDATE"],
    limits: { accounts: controlling },
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
function unreportedLimit(waiting: readonly Account[]): WriteLimit {
  const [label, annotation] = [buildLabel.unreported, unreportedNote.deployment];
  return {
    name: dnsLabelOf("argo-cicd-build-live-notes"),
    resource: "workflows",
    operations: ["UPDATE"],
    limits: { accounts: waiting },
    rules: [
      {
        expression: onlyMetadata([label], [annotation]),
        message: `a build that waits may change only the label ${label} and the annotation ${annotation}`,
      },
    ],
  };
}

/** May set the annotation with which Argo CD polls a repository. */
function liveLimit(waiting: readonly Account[]): WriteLimit {
  const annotation = "argocd.argoproj.io/refresh";
  return {
    name: dnsLabelOf("argo-cicd-build-live"),
    resource: "applications",
    operations: ["UPDATE"],
    limits: { accounts: waiting },
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
