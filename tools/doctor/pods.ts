/** Pods of the stack that do not run, with the reason that Kubernetes gives. */
import { namespacesArgs } from "../../components/cluster/namespaces-args.ts";
import { at, listAt, textAt } from "../../components/builds/programs/json.ts";
import { conditionOf, nameOf } from "./conditions.ts";
import { shown } from "./exchange.ts";
import type { ClusterCheck, Finding } from "./finding.ts";
import { attempted, good, warn } from "./finding.ts";
import { counted } from "./nodes.ts";

/** How many pods of a namespace are shown. */
const most = 5;

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
  // Pods of builds end as their Workflows say, and `npm run report` lists them.
  const lasting = all.filter((pod) => textAt(pod, "metadata", "labels", workflowLabel) === "");
  const unhealthy = lasting.flatMap((pod) => {
    const problem = podProblem(pod, now);
    return problem === "" ? [] : [{ name: nameOf(pod), problem }];
  });
  const shownOnes = unhealthy.slice(0, most).map(({ name, problem }) => {
    const fix = `see what \`kubectl describe pod ${name} --namespace ${namespace}\` says`;
    return warn("cluster", `the pod ${name} in ${namespace} ${problem}`, fix);
  });
  const more = unhealthy.length - most;
  if (more > 0)
    return [...shownOnes, warn("cluster", `${counted(more, "more pod")} not well in ${namespace}`)];
  if (unhealthy.length > 0 || lasting.length === 0) return shownOnes;
  return [good("cluster", `${counted(lasting.length, "pod")} well in ${namespace}`)];
}

const workflowLabel = "workflows.argoproj.io/workflow";

/** Milliseconds after which a pod that is not ready is not just beginning. */
const patience = 60_000;

/** Empty where it is well, or young. */
function podProblem(pod: unknown, now: Date): string {
  const phase = textAt(pod, "status", "phase");
  const waiting = containersOf(pod).map((one) => at(one, "state", "waiting"));
  const stuck = waiting.find((one) => /BackOff|^Err|Error|Invalid/.test(textAt(one, "reason")));
  if (stuck !== undefined) return `waits: ${reasonOf(stuck)}`;
  const age = now.getTime() - Date.parse(textAt(pod, "metadata", "creationTimestamp"));
  if (phase === "Succeeded" || age < patience) return "";
  if (phase === "Failed") return `has failed: ${reasonOf(at(pod, "status"))}`;
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled.status === "False") return `has no node: ${shown(scheduled.because)}`;
  const ready = conditionOf(pod, "Ready");
  return ready.status === "True" ? "" : `is not ready: ${lastEnd(pod) || shown(ready.because) || phase}`;
}

function containersOf(pod: unknown): unknown[] {
  return ["initContainerStatuses", "containerStatuses"].flatMap((key) => listAt(pod, "status", key));
}

/** Why a container of it has ended before. */
function lastEnd(pod: unknown): string {
  const ends = containersOf(pod).map((one) => textAt(one, "lastState", "terminated", "reason"));
  return shown(ends.find((reason) => reason !== "" && reason !== "Completed") ?? "");
}

function reasonOf(state: unknown): string {
  const [reason, message] = [textAt(state, "reason"), textAt(state, "message")];
  return shown([reason, message].filter((text) => text !== "").join(", ")) || "no reason is given";
}
