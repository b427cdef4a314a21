import type { DagTemplate, WorkflowParameter, WorkflowTemplateSpec } from "../kinds/workflows.ts";
import type { Build } from "./build.ts";
import { accounts, configMaps, withoutServiceLinks } from "./build.ts";
import { buildLabels, labelsFrom } from "./labels.ts";
import { end } from "./steps/end.ts";
import { labelsFromRef, refParameter, takesRef } from "./steps/ref.ts";
import type { Step } from "./steps/step.ts";
import { steps } from "./steps/steps.ts";

/** Builds one commit of one repository's service and publishes its image. Started by the Sensor, or by hand. */
export function workflowTemplate(build: Build): WorkflowTemplateSpec {
  const { project, branch, repository, keepLogs, keep, keepSucceeded, pullSecret } = build;
  const wanted = steps.filter((step: Step) => step.wanted?.(build) !== false);
  const atEnd = end(build);
  return {
    entrypoint: "pipeline",
    ...(atEnd.length === 0 ? {} : { onExit: "end" }),
    serviceAccountName: accounts.report,
    // For the images of the steps: registries allow more pulls with a login.
    ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
    arguments: { parameters: [...parameters, ...(takesRef(build) ? [refParameter(build)] : [])] },
    ttlStrategy: { secondsAfterCompletion: keep, secondsAfterSuccess: keepSucceeded },
    podGC: { strategy: "OnPodSuccess" },
    podSpecPatch: withoutServiceLinks,
    ...(keepLogs
      ? { archiveLogs: true, artifactRepositoryRef: { configMap: configMaps.logs, key: "s3" } }
      : {}),
    workflowMetadata: {
      labels: buildLabels(project, repository, branch),
      labelsFrom: { ...labelsFrom, ...labelsFromRef(build) },
    },
    templates: [pipeline(build, wanted), ...wanted.map(({ template }) => template(build)), ...atEnd],
  };
}

/** The parameters of a Workflow, set by the Sensor or by hand. */
const parameters: readonly WorkflowParameter[] = [
  {
    name: "commit",
    description: "The full commit to build; if empty, the newest of the branch.",
    value: "",
  },
  { name: "tag", description: "The Git tag that was pushed, if any.", value: "" },
  {
    name: "rebuild",
    description: "Build even if the image of the commit exists.",
    value: "false",
    enum: ["false", "true"],
  },
];

/** A failed step stops the steps that depend on it, and no others. */
function pipeline(build: Build, wanted: readonly Step[]): DagTemplate {
  const tasks = wanted.flatMap(({ name: template, task, tasks: several }) =>
    (several?.(build) ?? [{ name: template, ...task?.(build) }]).map(({ name, ...one }) => ({
      name,
      template,
      ...one,
    })),
  );
  return { name: "pipeline", dag: { failFast: false, tasks } };
}
