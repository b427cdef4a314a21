/** Creates the Workflow for a lost push. */
import { create, isDone } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";
import type { LostPush } from "./lost-pushes.ts";

/**
 * @param suffix the end of its name, always the same for a push, so that no second one is created
 * @returns its name; undefined if it exists already
 * @throws Error with the reason if it could not be created
 */
export async function startBuild(lost: LostPush, suffix: string): Promise<string | undefined> {
  const { namespace, workflowPrefix } = lost.build;
  const name = `${workflowPrefix}-${lost.commit.slice(0, 12)}-${suffix}`;
  const answer = await create([namespace, "workflows"], manifest(lost, name));
  if (answer.code === 409) return undefined;
  if (!isDone(answer)) throw new Error(`Workflow ${name}: ${answer.reason}`);
  return name;
}

/** The same Workflow as the Sensor's. */
function manifest({ build: { namespace, template }, commit, tag }: LostPush, name: string): object {
  const parameters = Object.entries({ commit, ...(tag === "" ? {} : { tag }) });
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Workflow",
    metadata: { name, namespace, labels: { [buildLabel.startedBy]: "catch-up" } },
    spec: {
      workflowTemplateRef: { name: template },
      arguments: { parameters: parameters.map(([key, value]) => ({ name: key, value })) },
    },
  };
}
