/** Finds edits that move a NodePort to another Service. */
import { charts } from "../../charts/charts.ts";
import { webhookNodePorts } from "../../derived-names.ts";
import type { SettingError } from "../../settings/errors.ts";
import { joinPath } from "../../settings/errors.ts";
import { chartNodePorts } from "../../settings/node-ports.ts";
import type { Settings } from "../../settings/settings.ts";
import type { StateResource } from "./state-resources.ts";

/** A NodePort, and the release or the Service that it belongs to. */
interface NodePort {
  readonly owner: string;
  readonly port: number;
}

interface Wanted extends NodePort {
  readonly path: string;
}

/**
 * Kubernetes assigns a port to one Service at a time. Pulumi deletes resources only after it has created all others,
 * and updates in any order: the release that needs the port would fail, and the one that has it would never release it.
 */
export function movedNodePorts(state: readonly StateResource[], settings: Settings): SettingError[] {
  const before = state.flatMap(nodePortsOf);
  return wantedNodePorts(settings).flatMap(({ path, port, owner }) => {
    const now = before.find((one) => one.port === port && one.owner !== owner);
    if (now === undefined) return [];
    return [
      {
        path,
        value: port,
        rule: `${now.owner} uses this port, which Kubernetes assigns to one Service at a time`,
        fix: `write another port here, or first run \`pulumi up\` with another port, or none, for ${now.owner}`,
      },
    ];
  });
}

function nodePortsOf({ type, outputs }: StateResource): NodePort[] {
  switch (type) {
    case "kubernetes:helm.sh/v3:Release":
      return portsBelow(outputs["values"]).map((port) => ({ owner: String(outputs["name"]), port }));
    case "kubernetes:core/v1:Service":
      return portsBelow(outputs["spec"]).map((port) => ({ owner: webhookNodePorts, port }));
    default:
      return [];
  }
}

/** The keys of charts have different names, but each ends in `nodePort`, or in that and the protocol. */
function portsBelow(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    typeof child === "number" && child > 0 && /nodePort(Https?)?$/i.test(key) ? [child] : portsBelow(child),
  );
}

function wantedNodePorts(settings: Settings): Wanted[] {
  const { projects, github } = settings;
  const ofCharts = chartNodePorts(settings).map(({ chart, ...one }) => ({
    ...one,
    owner: charts[chart].chart,
  }));
  const ofProjects = projects.map(({ name, webhook }) =>
    ofWebhooks(joinPath("projects", [name, "webhook", "nodePort"]), webhook.nodePort),
  );
  const ofApp = ofWebhooks("github.app.checks.nodePort", github.app?.checks?.nodePort);
  return [...ofCharts, ...ofApp, ...ofProjects.flat()];
}

function ofWebhooks(path: string, port: number | undefined): Wanted[] {
  return port === undefined ? [] : [{ path, owner: webhookNodePorts, port }];
}
