/** Makes the Workflow of a lost push. */
import { create, isDone } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";
import type { Lost } from "./lost-pushes.ts";

/**
 * @param suffix the end of its name, the same each time, so that no second one is made
 * @returns its name; undefined where there is one already
 * @throws Error that says why it could not be made
 */
export async function startBuild(lost: Lost, suffix: string): Promise<string | undefined> {
  const { namespace, stem } = lost.build;
  const name = `${stem}-${lost.commit.slice(0, 12)}-${suffix}`;
  const answer = await create([namespace, "workflows"], manifest(lost, name));
  if (answer.code === 409) return undefined;
  if (!isDone(answer)) throw new Error(`Workflow ${name}: ${answer.reason}`);
  return name;
}

/** As the Sensor makes it. */
function manifest({ build: { namespace, template }, commit, tag }: Lost, name: string): object {
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
