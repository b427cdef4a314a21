/** A node that accepts pods and never ends them: no kubelet runs on it, as on a node without power. */
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { nodeName } from "./node.ts";

const name = "lost";
/** Only this node has both, until its pods may run elsewhere. */
const place = { "example.com/place": name };
const taint = { key: "example.com/place", value: name, effect: "NoSchedule" };

export interface LostNode {
  readonly name: string;
  /** Lets this node's pods run on the real one, and no longer on this one. */
  readonly leave: () => Promise<void>;
  /** Sets the status of a pod as the kubelet would while its main container runs. */
  readonly runs: (pod: string, namespace: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function addLostNode(api: ClusterApi): Promise<LostNode> {
  const change = (path: string, body: object) =>
    api.call(path, { method: "PATCH", type: "application/merge-patch+json", body });
  const [lost, real] = [`/api/v1/nodes/${name}`, `/api/v1/nodes/${nodeName}`];
  await api.apply({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: place },
    spec: { taints: [taint] },
  });
  const room = { cpu: "8", memory: "64Gi", pods: "10", "ephemeral-storage": "100Gi" };
  const ready = { type: "Ready", status: "True", lastHeartbeatTime: new Date().toISOString() };
  await change(`${lost}/status`, { status: { capacity: room, allocatable: room, conditions: [ready] } });
  return {
    name,
    leave: async () => {
      await change(real, { metadata: { labels: place } });
      await change(lost, { spec: { unschedulable: true } });
    },
    runs: async (pod, namespace) => {
      const state = { running: { startedAt: new Date().toISOString() } };
      const main = {
        name: "main",
        ready: true,
        started: true,
        restartCount: 0,
        state,
        image: "",
        imageID: "",
      };
      const status = { phase: "Running", containerStatuses: [main] };
      await change(`/api/v1/namespaces/${namespace}/pods/${pod}/status`, { status });
    },
    remove: async () => {
      await api.remove("v1", "Node", name);
      await change(real, { metadata: { labels: { "example.com/place": null } } });
    },
  };
}

/** A copy of a WorkflowTemplate with another name, whose build step runs on the lost node. */
export function atPlace(template: ClusterObject, own: string): ClusterObject {
  const { templates, ...spec } = template["spec"] as { templates: { name: string }[] };
  const there = { nodeSelector: place, tolerations: [{ key: taint.key, operator: "Exists" }] };
  return {
    ...template,
    metadata: { name: own, namespace: template.metadata.namespace ?? "" },
    spec: {
      ...spec,
      templates: templates.map((one) => (one.name === "build" ? { ...one, ...there } : one)),
    },
  };
}
