/** The workflow controller's view of the templates of builds. */
import { randomUUID } from "node:crypto";
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { namespace, workflow } from "./cluster-trigger.ts";
import { until } from "./cluster-wait.ts";

/**
 * Applies a WorkflowTemplate, and waits until the controller has received it, so that later Workflows follow it.
 *
 * A Workflow that is suspended from the start shows what it would run, and runs nothing.
 */
export async function applyTemplate(api: ClusterApi, template: ClusterObject): Promise<void> {
  await api.apply(template);
  const { name } = template.metadata;
  const { templates } = template["spec"] as WorkflowSpec;
  await until(`the controller has received the template ${name}`, async () =>
    contains((await specOfSuspended(api, name)).templates, templates),
  );
}

interface WorkflowSpec {
  readonly templates: readonly object[];
}

interface Status {
  readonly phase?: string;
  readonly storedWorkflowTemplateSpec?: WorkflowSpec;
}

async function specOfSuspended(api: ClusterApi, template: string): Promise<WorkflowSpec> {
  const [apiVersion, kind] = workflow;
  const name = `${template}-suspended-${randomUUID().slice(0, 8)}`;
  const spec = { suspend: true, workflowTemplateRef: { name: template } };
  await api.apply({ apiVersion, kind, metadata: { name, namespace }, spec });
  try {
    return await until(`the controller has processed ${name}`, async () => {
      const { status } = await api.get(...workflow, name, namespace);
      const { phase, storedWorkflowTemplateSpec: stored } = (status ?? {}) as Status;
      // The controller has not received the new template yet.
      return phase === "Error" ? { templates: [] } : stored;
    });
  } finally {
    await api.remove(...workflow, name, namespace);
  }
}

/** Whether everything wanted was found. Empty values may be missing. */
function contains(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return !wanted || found === wanted;
  const entries = Object.entries(wanted);
  if (entries.length === 0) return true;
  if (typeof found !== "object" || found === null) return false;
  if (Array.isArray(wanted) && entries.length !== Object.keys(found).length) return false;
  return entries.every(([key, one]) => contains((found as Record<string, unknown>)[key], one));
}
