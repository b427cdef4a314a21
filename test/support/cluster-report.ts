/** What one would check first in a cluster after a failed test: what is unhealthy, and the ends of logs. */
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { namespaces } from "./cluster-argo.ts";

/** Nobody reads a longer report. */
const longest = 200;

/** @returns 200 lines at most */
export async function describeCluster(api: ClusterApi): Promise<string> {
  const within = async (apiVersion: string, kind: string) =>
    (await Promise.all(places.map((one) => api.list(apiVersion, kind, one).catch(() => [])))).flat();
  const pods = await within("v1", "Pod");
  const sections = [
    section("Workflows that have not succeeded", 20, unfinished(await within(...workflow))),
    section("pods that are not ready", 30, pods.filter(isAmiss).map(reported)),
    section("warnings", 25, warnings(await within("v1", "Event"))),
    section("ends of logs", longest, await logEnds(api, pods)),
  ];
  return sections.flat().slice(0, longest).join("\n");
}

const places = [...Object.values(namespaces), "default"];
const workflow = ["argoproj.io/v1alpha1", "Workflow"] as const;

function section(title: string, most: number, lines: readonly string[]): string[] {
  const left = lines.length - most;
  const more = left > 0 ? [`… and ${left.toString()} more`] : [];
  return lines.length === 0 ? [] : [`----- ${title}`, ...lines.slice(0, most), ...more];
}

function unfinished(workflows: readonly ClusterObject[]): string[] {
  return workflows.flatMap(({ metadata, status }) => {
    const { phase = "not started", message = "", nodes = {} } = (status ?? {}) as WorkflowStatus;
    if (phase === "Succeeded") return [];
    const withMessage = Object.values(nodes).filter((one) => one.message !== undefined && one.type === "Pod");
    const steps = withMessage.map((one) => `  ${one.displayName}: ${one.phase}: ${one.message ?? ""}`);
    return [`${metadata.name}: ${phase} ${message}`, ...steps].map(line);
  });
}

interface WorkflowStatus {
  readonly phase?: string;
  readonly message?: string;
  readonly nodes?: Readonly<Record<string, WorkflowNode>>;
}

interface WorkflowNode {
  readonly type: string;
  readonly displayName: string;
  readonly phase: string;
  readonly message?: string;
}

interface PodStatus {
  readonly phase: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
  }[];
  readonly containerStatuses?: readonly { readonly name: string; readonly state: object }[];
}

/** Neither ready nor succeeded. */
function isAmiss(pod: ClusterObject): boolean {
  return (pod["status"] as PodStatus).phase !== "Succeeded" && !isReady(pod);
}

/** Whether a pod is ready. */
export function isReady({ status }: ClusterObject): boolean {
  const { conditions = [] } = status as PodStatus;
  return conditions.some((one) => one.type === "Ready" && one.status === "True");
}

function reported({ metadata: { namespace = "", name }, status }: ClusterObject): string {
  const { phase, conditions = [], containerStatuses = [] } = status as PodStatus;
  const why = conditions.flatMap(({ message }) => message ?? []);
  const states = containerStatuses.map((one) => `${one.name} ${JSON.stringify(one.state)}`);
  return line(`${namespace}/${name}: ${[phase, ...why, ...states].join("; ")}`);
}

/** The newest first. */
function warnings(events: readonly ClusterObject[]): string[] {
  const time = (one: ClusterObject) =>
    [one["lastTimestamp"], one["eventTime"]].find((value) => typeof value === "string") ?? "";
  return events
    .filter((one) => one["type"] !== "Normal")
    .sort((a, b) => time(b).localeCompare(time(a)))
    .map((one) => line(`${one.metadata.name} ${textOf(one)}`));
}

/** The two kinds of Event have their text in fields of different names. */
function textOf({ message, note }: ClusterObject): string {
  return [message, note].find((text) => typeof text === "string") ?? "";
}

/** Of the pods that have failed, and of the controllers. */
async function logEnds(api: ClusterApi, pods: readonly ClusterObject[]): Promise<string[]> {
  const isController = ({ metadata }: ClusterObject) => metadata.namespace !== namespaces.builds;
  const failed = pods.filter((one) => !isController(one) && isAmiss(one)).slice(-4);
  const wanted = [...failed, ...pods.filter(isController)];
  const logs = wanted.flatMap(({ metadata: { name, namespace = "" }, spec }) =>
    (spec as { containers: readonly { name: string }[] }).containers.map(async (container) => {
      const query = `container=${container.name}&tailLines=6`;
      const log = await api.call(`/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`).catch(String);
      const text = typeof log === "string" ? log : JSON.stringify(log);
      const lines = text.split("\n").filter((one) => one !== "");
      return lines.length === 0
        ? []
        : [`${namespace}/${name} ${container.name}`, ...lines.map((one) => line(`  ${one}`))];
    }),
  );
  return (await Promise.all(logs)).flat();
}

/** Shortens a long text to its beginning, and its end, which states the reason. */
function line(text: string): string {
  const whole = text.replaceAll("\n", " ");
  return whole.length <= 300 ? whole : `${whole.slice(0, 120)} … ${whole.slice(-180)}`;
}
