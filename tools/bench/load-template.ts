/** Builds that run no pod, and are as large in etcd as real ones. */
import type { BuildCluster } from "../../test/support/cluster-stack.ts";
import { applyTemplate } from "../../test/support/cluster-template.ts";

interface Template {
  readonly name: string;
  readonly container?: object;
  readonly inputs?: object;
  readonly outputs?: { readonly parameters: readonly { readonly name: string }[] };
  readonly synchronization?: object;
}

/**
 * Makes each step of a service's builds wait instead of running a pod.
 *
 * @param seconds that the step `build` waits; others wait one
 */
export async function shorten(cluster: BuildCluster, service: string, seconds: number): Promise<void> {
  const template = cluster.objects.find(
    ({ kind, metadata }) => kind === "WorkflowTemplate" && metadata.name === service,
  );
  if (template === undefined) throw new Error(`the stack has no WorkflowTemplate ${service}`);
  const spec = template["spec"] as { templates: Template[] };
  const templates = spec.templates.map((one) => waiting(one, one.name === "build" ? seconds : 1));
  await applyTemplate(cluster.api, { ...template, spec: { ...spec, templates } });
}

/** A step that waits instead of running a pod, and is as large as the real one. */
function waiting(template: Template, seconds: number): object {
  const { name, container, inputs, outputs, synchronization } = template;
  if (container === undefined) return template;
  const short = {
    name,
    ...(inputs === undefined ? {} : { inputs }),
    ...(synchronization === undefined ? {} : { synchronization }),
    ...(outputs === undefined ? {} : { outputs: { parameters: outputs.parameters.map(supplied) } }),
    suspend: { duration: seconds.toString() },
  };
  const missing = JSON.stringify(template).length - JSON.stringify(short).length;
  return { ...short, metadata: { annotations: { padding: "x".repeat(Math.max(0, missing)) } } };
}

/** As long as a digest. */
function supplied({ name }: { readonly name: string }) {
  return { name, valueFrom: { supplied: {}, default: "0".repeat(71) } };
}
