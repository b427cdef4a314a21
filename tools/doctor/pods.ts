/** Reports pods of the stack that do not run, with Kubernetes' reason. */
import { namespacesArgs } from "../../components/cluster/namespaces-args.ts";
import { listAt, textAt } from "../../components/builds/programs/json.ts";
import { nameOf } from "../../components/watch/objects.ts";
import { podProblem, problemText } from "../../components/watch/pods.ts";
import type { ClusterCheck, Finding } from "./finding.ts";
import { attempted, good, warn } from "./finding.ts";
import { counted } from "./nodes.ts";

/** How many pods of a namespace are shown. */
const maxShown = 5;

export const pods: ClusterCheck = async ({ settings, now }, cluster) => {
  const names = namespacesArgs(settings).namespaces.map(({ name }) => name);
  const found = names.map((namespace) =>
    attempted("cluster", `the list of pods in ${namespace}`, async () => {
      const list = await cluster.get(`/api/v1/namespaces/${namespace}/pods?limit=500`);
      return podFindings(namespace, listAt(list, "items"), now());
    }),
  );
  return (await Promise.all(found)).flat();
};

function podFindings(namespace: string, all: readonly unknown[], now: Date): Finding[] {
  // Pods of builds end with their Workflows, which `npm run report` lists.
  const lasting = all.filter((pod) => textAt(pod, "metadata", "labels", workflowLabel) === "");
  const unhealthy = lasting.flatMap((pod) => {
    const problem = podProblem(pod, now);
    return problem === undefined ? [] : [{ name: nameOf(pod), problem: problemText(problem) }];
  });
  const shownOnes = unhealthy.slice(0, maxShown).map(({ name, problem }) => {
    const fix = `see \`kubectl describe pod ${name} --namespace ${namespace}\``;
    return warn("cluster", `the pod ${name} in ${namespace} ${problem}`, fix);
  });
  const more = unhealthy.length - maxShown;
  if (more > 0)
    return [...shownOnes, warn("cluster", `${counted(more, "more pod")} not healthy in ${namespace}`)];
  if (unhealthy.length > 0 || lasting.length === 0) return shownOnes;
  return [good("cluster", `${counted(lasting.length, "pod")} healthy in ${namespace}`)];
}

const workflowLabel = "workflows.argoproj.io/workflow";
