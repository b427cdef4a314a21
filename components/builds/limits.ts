/** What the accounts of builds may write. Their Roles go by kinds, of which they need a little. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { metadataUnchangedBut, unchangedBut } from "../kinds/admission.ts";
import { startLimit } from "../kinds/start-limit.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { FollowedApplications } from "./delivered-args.ts";
import { accounts } from "./build.ts";
import { buildLabel, unreportedNote } from "./programs/labels.ts";

/**
 * @param followed absent where builds wait for no Applications
 * @param caughtUp whether lost pushes are looked for
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
 * Whoever makes a Workflow, the values of its parameters are data. The controller expands them before it looks at anything else: an
 * expression would be run, and a pair of braces that is not closed leaves the Workflow as it is, for good.
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
        message: "the value of a parameter holds no {{: Argo would expand it",
      },
    ],
  };
}

/**
 * A pod reports its own result, and that of no other. Its token says which pod it is of; Argo names the pod and the result after the
 * Workflow and the same hash, and both like the Workflow where that is one pod (argo-workflows `workflow/util/pod_name.go`).
 */
function resultsLimit(reporting: readonly Account[]): WriteLimit {
  const pod = "request.userInfo.extra['authentication.kubernetes.io/pod-name'][0]";
  const workflow = "object.metadata.labels['workflows.argoproj.io/workflow']";
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
        message: "a pod reports its own result alone",
      },
    ],
  };
}

/** As a Sensor, and with a label of its own; the end of notes; and pods that end already. */
function catchUpLimits(looking: readonly Account[]): WriteLimit[] {
  const name = "argo-cicd-catch-up";
  const who = "a look for lost pushes";
  return [
    startLimit(dnsLabelOf(name), looking, who, [buildLabel.startedBy], {
      labels: [buildLabel.unreported],
      annotations: Object.values(unreportedNote),
    }),
    {
      name: dnsLabelOf(`${name}-pods`),
      resource: "pods",
      operations: ["DELETE"],
      limits: { accounts: looking },
      rules: [
        {
          expression: "has(oldObject.metadata.deletionTimestamp)",
          message: `${who} removes no pods but terminating ones`,
        },
      ],
    },
  ];
}

/** That nothing is changed but these labels and annotations. */
function metadataAlone(labels: readonly string[], annotations: readonly string[]): string {
  return `${unchangedBut("", ["metadata"])} && ${metadataUnchangedBut({ labels, annotations })}`;
}

/** Labels of its own, what is to be reported to GitHub later, and the end of an older build. */
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
        message: "a build stops others, and changes nothing else of what they do",
      },
      {
        expression: metadataUnchangedBut({ labels, annotations }),
        message: `a build changes no label but ${labels.join(", ")}, and no annotation but ${annotations.join(", ")}`,
      },
    ],
  };
}

/** What is to be reported to GitHub later of a Deployment. */
function unreportedLimit(waiting: readonly Account[]): WriteLimit {
  const [label, annotation] = [buildLabel.unreported, unreportedNote.deployment];
  return {
    name: dnsLabelOf("argo-cicd-build-live-notes"),
    resource: "workflows",
    operations: ["UPDATE"],
    limits: { accounts: waiting },
    rules: [
      {
        expression: metadataAlone([label], [annotation]),
        message: `a build that waits sets the label ${label} and the annotation ${annotation}, and changes nothing else`,
      },
    ],
  };
}

/** The annotation by which Argo CD looks at a repository. */
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
          `${metadataAlone([], [annotation])} && ` +
          `object.metadata.?annotations[?'${annotation}'].orValue('normal') == 'normal'`,
        message: `a build asks for a refresh of an Application (${annotation}: normal), and changes nothing else`,
      },
    ],
  };
}
