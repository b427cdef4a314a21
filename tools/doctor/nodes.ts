/** Checks whether the nodes are ready, and enough for what the stack spreads over them. */
import { at, listAt, textAt } from "../../components/builds/programs/json.ts";
import { architectureLabel } from "../../components/settings/build-schema.ts";
import { conditionOf, nameOf, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";

/** The key, and what it needs three nodes for. */
const needsThree = [
  ["cluster.highAvailability", "three replicas of each Sensor, two of which must run"],
  ["addons.rookCeph", "three copies of everything, each on its own node"],
] as const;

const path = "cluster";

export const nodes: ClusterCheck = (examined, cluster) =>
  attempted(path, "the list of nodes", async () => {
    const all = listAt(await cluster.get("/api/v1/nodes"), "items");
    const unhealthy = all.flatMap(nodeFindings);
    const count = all.filter((node) => conditionOf(node, "Ready").status === "True").length;
    const few = count < 3 ? tooFew(examined, count) : [];
    if (all.length === 0) return [bad(path, "the cluster has no nodes", "add one")];
    const found = [...unhealthy, ...few, ...missingArchitectures(examined, all)];
    return found.length > 0 ? found : [good(path, `${counted(count, "node")} ready`)];
  });

function nodeFindings(node: unknown): Finding[] {
  const { status, because } = conditionOf(node, "Ready");
  const name = nameOf(node);
  if (status !== "True") {
    const message = `the node ${name} is not ready (${shown(because) || status})`;
    return [warn(path, message, `see \`kubectl describe node ${name}\``)];
  }
  const pressed = ["DiskPressure", "MemoryPressure", "PIDPressure"].filter(
    (type) => conditionOf(node, type).status === "True",
  );
  const isCordoned = at(node, "spec", "unschedulable") === true;
  return [
    ...pressed.map((type) =>
      warn(path, `the node ${name} has ${type} and evicts pods`, "free the resource that it lacks"),
    ),
    ...(isCordoned
      ? [warn(path, `the node ${name} is cordoned and takes no new pods`, `kubectl uncordon ${name}`)]
      : []),
  ];
}

function tooFew({ settings: { cluster, addons } }: Examined, count: number): Finding[] {
  const asked = { "cluster.highAvailability": cluster.highAvailability, "addons.rookCeph": addons.rookCeph };
  return needsThree
    .filter(([key]) => asked[key])
    .map(([key, why]) =>
      bad(
        key,
        `it needs three nodes (${why}), but ${counted(count, "node")} ready`,
        "add nodes, or unset it",
      ),
    );
}

/** A build waits if no node has its architecture. */
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
    const message = `no node has the architecture ${architecture}, so builds of ${services.join(", ")} would wait`;
    return warn("builds.architecture", message, `add a node of this architecture, or set another one`);
  });
}

export function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what} is` : `${count.toString()} ${what}s are`;
}
