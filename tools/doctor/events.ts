/** Checks whether Argo Events has deployed what turns pushes into builds, and whether it has given up on any push. */
import { eventBusName, eventSourceName } from "../../components/kinds/event-pods.ts";
import { listAt } from "../../components/builds/programs/json.ts";
import { deadLetter } from "../../components/trigger/dead-letter.ts";
import { conditionOf, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";
import type { Cluster } from "./kubectl.ts";

interface Deployed {
  readonly path: string;
  readonly kind: string;
  /** As in the path of its list. */
  readonly resource: string;
  readonly name: string;
}

export const events: ClusterCheck = async (examined, cluster) => {
  const { events: namespace } = examined.settings.namespaces;
  const all = deployed(examined);
  const found = all.map((one) =>
    attempted(one.path, `the ${one.kind} ${one.name}`, async () => {
      const url = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/${one.resource}/${one.name}`;
      return [deployedFinding(one, await cluster.get(url), namespace)];
    }),
  );
  const findings = (await Promise.all(found)).flat();
  const isNew = findings.every(({ level }) => level === "warn");
  if (isNew) return [warn("projects", "nothing that receives pushes exists yet", created)];
  return [
    ...findings,
    ...(await attempted("projects", "the dead letters", () => deadLetters(cluster, namespace))),
  ];
};

async function deadLetters(cluster: Cluster, namespace: string): Promise<Finding[]> {
  const selector = encodeURIComponent(deadLetter.label);
  const url = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${selector}`;
  const count = listAt(await cluster.get(url), "items").length;
  if (count === 0) return [];
  const builds = count === 1 ? "1 build" : `${count.toString()} builds`;
  const fix = `see \`kubectl get configmaps --namespace ${namespace} --selector ${deadLetter.label}\``;
  return [warn("projects", `${builds} could not be started and left a dead letter`, fix)];
}

const created = "`pulumi up` creates it";

function deployed({ settings: { projects } }: Examined): Deployed[] {
  const built = projects.filter(({ repositories }) => repositories.length > 0);
  const bus = { path: "eventBus", kind: "EventBus", resource: "eventbus", name: eventBusName };
  const source = { path: "webhooks", kind: "EventSource", resource: "eventsources", name: eventSourceName };
  const sensors = built.map(({ name }) => {
    return { path: `projects.${name}`, kind: "Sensor", resource: "sensors", name };
  });
  return built.length === 0 ? [bus] : [bus, source, ...sensors];
}

function deployedFinding({ path, kind, name }: Deployed, object: unknown, namespace: string): Finding {
  const what = `the ${kind} ${name}`;
  if (object === undefined) return warn(path, `there is no ${kind} ${name}`, created);
  const { status, because } = conditionOf(object, "Deployed");
  if (status === "True") return good(path, `${what} is deployed`);
  const reason = shown(because) || "its controller gives no reason";
  return bad(path, `${what} is not deployed (${reason})`, `see the controller's log in ${namespace}`);
}
