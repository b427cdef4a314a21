/** Checks whether the cluster answers and is the right one, then runs the checks that need it. */
import { parseJson, textAt } from "../../components/builds/programs/json.ts";
import { messageOf } from "../../components/builds/programs/program.ts";
import { admission } from "./admission.ts";
import { catchUp } from "./catch-up.ts";
import { ceph } from "./ceph.ts";
import { classes } from "./classes.ts";
import { clockFinding } from "./clock.ts";
import { crds } from "./crds.ts";
import type { Check, ClusterCheck, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { events } from "./events.ts";
import type { Cluster } from "./kubectl.ts";
import { nodes } from "./nodes.ts";
import { pods } from "./pods.ts";
import { releases } from "./releases.ts";

const checks: readonly ClusterCheck[] = [
  nodes,
  classes,
  admission,
  ceph,
  releases,
  crds,
  events,
  catchUp,
  pods,
];

/** The oldest minor version of Kubernetes 1 that a stack runs on, as docs/operations.md states. */
export const oldestKubernetes = 31;

export const cluster: Check = async (examined) => {
  const { context } = examined.settings.cluster;
  try {
    return await examine(examined, await examined.kubectl.connect(context));
  } catch (error) {
    return [noCluster(examined, messageOf(error))];
  }
};

function noCluster({ settings }: Examined, because: string): Finding {
  const { context } = settings.cluster;
  const message = `the cluster of the context ${context} cannot be queried (${because})`;
  return unchecked(
    "cluster.context",
    message,
    `run \`kubectl --context ${context} get nodes\`, and fix the error that it reports`,
  );
}

async function examine(examined: Examined, cluster: Cluster): Promise<readonly Finding[]> {
  const answer = await cluster.ask({ path: "/version" });
  const version = textAt(parseJson(answer.text), "gitVersion");
  if (answer.code !== 200) return [noCluster(examined, answer.reason)];
  if (version === "") return [noCluster(examined, "the answer is not from Kubernetes")];
  const clock = clockFinding("the API server", answer.headers.date, examined.now());
  const first = [versionFinding(examined, version), clock];
  const identity = await identityFinding(examined, cluster);
  if (identity.level === "bad") return [...first, identity];
  const findings = await Promise.all(checks.map((check) => check(examined, cluster)));
  return [...first, identity, ...findings.flat()];
}

function versionFinding({ settings }: Examined, version: string): Finding {
  const { context } = settings.cluster;
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const path = "cluster.context";
  if (major === "") return unchecked(path, `the cluster of ${context} reports no valid version`);
  const isOld = Number(major) === 1 && Number(minor) < oldestKubernetes;
  return isOld
    ? bad(
        path,
        `the cluster of ${context} runs Kubernetes ${version}`,
        `upgrade it to 1.${oldestKubernetes.toString()} or later`,
      )
    : good(path, `the cluster of ${context} answers and runs Kubernetes ${version}`);
}

/** Bad if it is another cluster: then nothing else is checked. */
async function identityFinding({ settings, stack }: Examined, cluster: Cluster): Promise<Finding> {
  const path = "cluster.uid";
  const { uid: wanted, context } = settings.cluster;
  const answer = await cluster.ask({ path: "/api/v1/namespaces/kube-system" });
  const uid = textAt(parseJson(answer.text), "metadata", "uid");
  if (answer.code !== 200 || !/^[0-9a-f-]{36}$/.test(uid))
    return unchecked(path, `the namespace kube-system cannot be read (${answer.reason})`);
  if (wanted === undefined) {
    const fix = `pulumi config set --path cluster.uid ${uid} --stack ${stack}`;
    return warn(path, "it is not set, so a context that points to another cluster goes unnoticed", fix);
  }
  return wanted === uid
    ? good(path, "the context points to this cluster")
    : bad(path, `the context ${context} points to another cluster, ${uid}`, "correct cluster.context");
}
