/** Whether the nodes are ready, and enough for what the stack spreads over several. */
import { at, listAt, textAt } from "../../components/builds/programs/json.ts";
import { architectureLabel } from "../../components/settings/build-schema.ts";
import { conditionOf, nameOf, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";

/** The key, and what it needs three nodes for. */
const wants = [
  ["cluster.highAvailability", "three Sensors, of which two must be there"],
  ["addons.rookCeph", "three copies of everything, each on a node of its own"],
] as const;

const path = "cluster";

export const nodes: ClusterCheck = (examined, cluster) =>
  attempted(path, "the list of nodes", async () => {
    const all = listAt(await cluster.get("/api/v1/nodes"), "items");
    const unhealthy = all.flatMap(nodeFaults);
    const count = all.filter((node) => conditionOf(node, "Ready").status === "True").length;
    const few = count < 3 ? tooFew(examined, count) : [];
    if (all.length === 0) return [bad(path, "it has no nodes", "add one")];
    const found = [...unhealthy, ...few, ...missingArchitectures(examined, all)];
    return found.length > 0 ? found : [good(path, `${counted(count, "node")} ready`)];
  });

function nodeFaults(node: unknown): Finding[] {
  const { status, because } = conditionOf(node, "Ready");
  const name = nameOf(node);
  if (status !== "True") {
    const message = `the node ${name} is not ready (${shown(because) || status})`;
    return [warn(path, message, `see what \`kubectl describe node ${name}\` says`)];
  }
  const pressed = ["DiskPressure", "MemoryPressure", "PIDPressure"].filter(
    (type) => conditionOf(node, type).status === "True",
  );
  const closed = at(node, "spec", "unschedulable") === true;
  return [
    ...pressed.map((type) =>
      warn(path, `the node ${name} has ${type} and evicts pods`, "free the resource that it lacks"),
    ),
    ...(closed ? [warn(path, `the node ${name} takes no pods`, `kubectl uncordon ${name}`)] : []),
  ];
}

function tooFew({ settings: { cluster, addons } }: Examined, count: number): Finding[] {
  const asked = { "cluster.highAvailability": cluster.highAvailability, "addons.rookCeph": addons.rookCeph };
  return wants
    .filter(([key]) => asked[key])
    .map(([key, why]) =>
      bad(
        key,
        `it needs three nodes (${why}), and ${counted(count, "node")} ready`,
        "add nodes, or unset it",
      ),
    );
}

/** A build for an architecture of which there is no node waits for one. */
function missingArchitectures({ settings: { projects } }: Examined, all: readonly unknown[]): Finding[] {
  const there = all.map((node) => textAt(node, "metadata", "labels", architectureLabel));
  const wanted = projects
    .flatMap(({ repositories }) => repositories)
    .flatMap(({ service, architectures, nodeSelector: { [architectureLabel]: single } }) =>
      [...architectures, ...(single === undefined ? [] : [single])].map((one) => ({
        service,
        architecture: one,
      })),
    )
    .filter(({ architecture }) => !there.includes(architecture));
  return [...new Set(wanted.map(({ architecture }) => architecture))].map((architecture) => {
    const services = wanted.filter((one) => one.architecture === architecture).map(({ service }) => service);
    const message = `no node has the architecture ${architecture}, for which builds of ${services.join(", ")} wait`;
    return warn(
      "builds.architecture",
      message,
      `add a node of ${architecture}, or name another architecture`,
    );
  });
}

export function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what} is` : `${count.toString()} ${what}s are`;
}
