/** Whether Argo Events has deployed what turns pushes into builds. */
import { eventBusName, eventSourceName } from "../../components/kinds/event-pods.ts";
import { conditionOf } from "./conditions.ts";
import { shown } from "./exchange.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";

interface Deployed {
  readonly path: string;
  readonly kind: string;
  /** As in the address of its list. */
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
  return isNew ? [warn("projects", "nothing that receives pushes is there yet", makes)] : findings;
};

const makes = "`pulumi up` makes it";

function deployed({ settings: { projects } }: Examined): Deployed[] {
  const built = projects.filter(({ repositories }) => repositories.length > 0);
  const bus = { path: "eventBus", kind: "EventBus", resource: "eventbus", name: eventBusName };
  const source = { path: "webhooks", kind: "EventSource", resource: "eventsources", name: eventSourceName };
  const sensors = built.map(({ name }) => {
    return { path: `projects.${name}`, kind: "Sensor", resource: "sensors", name };
  });
  return [bus, source, ...sensors];
}

function deployedFinding({ path, kind, name }: Deployed, object: unknown, namespace: string): Finding {
  const what = `the ${kind} ${name}`;
  if (object === undefined) return warn(path, `there is no ${kind} ${name}`, makes);
  const { status, because } = conditionOf(object, "Deployed");
  if (status === "True") return good(path, `${what} is deployed`);
  const said = shown(because) || "its controller says nothing of it";
  return bad(path, `${what} is not deployed (${said})`, `see the controller's log in ${namespace}`);
}
