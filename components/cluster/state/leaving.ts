/** Finds the applications that an edit removes or moves together with what they run. */
import { z } from "zod";
import type { Leaving } from "../../kinds/argocd.ts";
import { cascade } from "../../kinds/argocd.ts";
import { dnsLabelOf } from "../../names.ts";
import type { Settings } from "../../settings/settings.ts";
import type { StateResource } from "./state-resources.ts";
import { outputsLike } from "./state-resources.ts";

const outputs = z.object({
  kind: z.literal("Application"),
  metadata: z.object({ name: z.string(), finalizers: z.array(z.string()) }),
  spec: z.object({ project: z.string(), destination: z.object({ namespace: z.string() }) }),
});

/**
 * Pulumi first updates what limits Argo CD, and then removes the Application. Argo CD would then keep everything, since
 * it deletes only what its project permits (argo-cd `controller/appcontroller.go`, `finalizeApplicationDeletion`). So
 * the project and its rights keep the namespace during this `up`; the next one takes it away.
 */
export function leavingApplications(
  state: readonly StateResource[],
  { projects }: Pick<Settings, "projects">,
): Leaving[] {
  const now = new Map<string, string>(
    projects.flatMap(({ applications }) => applications.map(({ name, namespace }) => [name, namespace])),
  );
  return outputsLike(state, outputs)
    .filter(({ metadata: { finalizers } }) => finalizers.includes(cascade))
    .map(({ metadata: { name }, spec: { project, destination } }) => ({ name, project, ...destination }))
    .filter(({ name, namespace }) => now.get(name) !== namespace)
    .map(({ project, namespace }) => ({ project, namespace: dnsLabelOf(namespace) }));
}
