import { begin } from "./steps/begin.ts";
import { build } from "./steps/build.ts";
import { end } from "./steps/end.ts";
import { buildLabels, labelsFrom } from "./steps/labels.ts";
import { live } from "./steps/live.ts";
import { publish } from "./steps/publish.ts";
import { scan } from "./steps/scan.ts";
import type { Build } from "./types/build.ts";
import type { Step } from "./types/steps.ts";
import { steps } from "./types/steps.ts";
import type {
  Argument,
  DagTask,
  DagTemplate,
  PodTemplate,
  WorkflowParameter,
  WorkflowTemplateSpec,
} from "./types/workflows.ts";

/** Builds one commit of one repository's service and publishes its image. Started by the Sensor, or by hand. */
export function workflowTemplate(args: Build): WorkflowTemplateSpec {
  const { project, branch, repository, accounts, statuses, scan: wanted, logs, keep } = args;
  const { delivered } = repository;
  const templates: Readonly<Record<Step, PodTemplate | undefined>> = {
    begin: begin(args),
    build: build(args),
    scan: wanted.mode === "off" ? undefined : scan(args),
    publish: publish(args),
    live: delivered && args.live && live(args, delivered, args.live),
  };
  return {
    entrypoint: "pipeline",
    ...(statuses === undefined ? {} : { onExit: "end" }),
    serviceAccountName: accounts.report,
    arguments: { parameters },
    ttlStrategy: { secondsAfterCompletion: keep },
    podGC: { strategy: "OnPodSuccess" },
    ...(logs === undefined
      ? {}
      : { archiveLogs: true, artifactRepositoryRef: { configMap: logs, key: "s3" } }),
    workflowMetadata: { labels: buildLabels(project, repository, branch), labelsFrom },
    templates: [
      pipeline(templates.scan !== undefined, templates.live !== undefined),
      ...steps.flatMap((step) => templates[step] ?? []),
      ...(statuses === undefined ? [] : end(args)),
    ],
  };
}

/** What a run is given, by the Sensor or by hand. */
const parameters: readonly WorkflowParameter[] = [
  {
    name: "commit",
    description: "The full commit to build; without it, the newest of the branch.",
    value: "",
  },
  { name: "tag", description: "The tag of git that was pushed, if one was.", value: "" },
  {
    name: "rebuild",
    description: "Build even where the commit's image is there.",
    value: "false",
    enum: ["false", "true"],
  },
];

/** A step that fails does not stop those beside it, and stops those after it. */
function pipeline(scanned: boolean, waits: boolean): DagTemplate {
  const commit = { name: "commit", value: "{{tasks.build.outputs.parameters.commit}}" };
  const digest = { name: "digest", value: "{{tasks.publish.outputs.parameters.digest}}" };
  const moved = "{{tasks.publish.outputs.parameters.moved}} == true";
  const found = { name: "found", value: scanned ? "{{tasks.scan.outputs.parameters.found}}" : "" };
  return {
    name: "pipeline",
    dag: {
      failFast: false,
      tasks: [
        task("begin"),
        task("build"),
        ...(scanned ? [task("scan", "build", [commit])] : []),
        // GitHub hears of the end after it has heard of the beginning; that word's failure is no failure.
        task("publish", `${scanned ? "scan" : "build"} && (begin || begin.Failed || begin.Errored)`, [
          commit,
          found,
        ]),
        ...(waits ? [{ ...task("live", "publish", [commit, digest]), when: moved }] : []),
      ],
    },
  };
}

function task(name: Step, depends?: string, given: readonly Argument[] = []): DagTask {
  return {
    name,
    template: name,
    ...(depends === undefined ? {} : { depends }),
    ...(given.length === 0 ? {} : { arguments: { parameters: given } }),
  };
}
