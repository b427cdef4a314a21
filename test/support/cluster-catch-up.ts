/** The catch-up of a stack for a single service, started by hand. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { ClusterObject } from "./cluster-api.ts";
import { titleOf } from "./cluster-objects.ts";
import type { BuildCluster } from "./cluster-stack.ts";
import { applyTemplate } from "./cluster-template.ts";
import { namespace, workflow } from "./cluster-trigger.ts";
import { until } from "./cluster-wait.ts";

/**
 * Applies the stack's own catch-up for one service: the tests of the others push their commits themselves.
 *
 * @returns the name of its WorkflowTemplate
 */
export async function applyCatchUp({ api, objects }: BuildCluster, service: string): Promise<string> {
  const name = `catch-up-of-${service}`;
  const [list, template] = [`ConfigMap ${namespace}/catch-up`, `WorkflowTemplate ${namespace}/catch-up`].map(
    (title) => objects.find((object) => titleOf(object) === title),
  );
  assert.ok(list !== undefined && template !== undefined);
  const { builds } = JSON.parse((list["data"] as Record<string, string>)["builds.json"] ?? "") as {
    builds: { service: string }[];
  };
  const data = {
    "builds.json": JSON.stringify({ builds: builds.filter((build) => build.service === service) }),
  };
  await api.apply({ ...list, metadata: { name, namespace }, data });
  const spec = JSON.stringify(template["spec"])
    .replace(/("configMap":\{[^}]*"name":)"catch-up"/, `$1"${name}"`)
    .replace('"name":"SETTLE","value":"60"', '"name":"SETTLE","value":"1"')
    .replace('"name":"STRANDED","value":"120"', '"name":"STRANDED","value":"1"');
  assert.ok(
    spec.includes(`"name":"${name}"`) && !spec.includes('"value":"60"') && !spec.includes('"value":"120"'),
  );
  await applyTemplate(api, { ...template, metadata: { name, namespace }, spec: JSON.parse(spec) as object });
  return name;
}

/** @returns the name of the Workflow */
export async function startWorkflow(
  { api }: BuildCluster,
  template: string,
  parameters: readonly object[] = [],
): Promise<string> {
  const [apiVersion, kind] = workflow;
  const run = `${template}-${randomUUID().slice(0, 8)}`;
  const spec = { workflowTemplateRef: { name: template }, arguments: { parameters } };
  await api.apply({ apiVersion, kind, metadata: { name: run, namespace }, spec });
  return run;
}

export function endedWorkflow({ api }: BuildCluster, run: string): Promise<ClusterObject> {
  return until(
    `the Workflow ${run} has ended`,
    async () => {
      const found = await api.find(...workflow, run, namespace);
      return found !== undefined && ["Succeeded", "Failed", "Error"].includes(phaseOf(found))
        ? found
        : undefined;
    },
    240,
  );
}

export function phaseOf(run: ClusterObject): string {
  return (run["status"] as { phase?: string } | undefined)?.phase ?? "";
}
