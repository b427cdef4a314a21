/** What there is of Ceph, where the stack brings it. */
import { listAt, textAt, valuesAt } from "../../components/builds/programs/json.ts";
import { numberAt } from "./conditions.ts";
import { shown } from "./exchange.ts";
import type { ClusterCheck, Finding } from "./finding.ts";
import { attempted, bad, good, unchecked, warn } from "./finding.ts";

const path = "addons.rookCeph";

/** The share of Ceph's disks from which on they are full soon: Ceph itself stops writing at 95 %. */
const nearlyFull = 0.75;

export const ceph: ClusterCheck = ({ settings: { addons, namespaces } }, cluster) => {
  if (!addons.rookCeph) return Promise.resolve([]);
  return attempted(path, "the state of Ceph", async () => {
    const url = `/apis/ceph.rook.io/v1/namespaces/${namespaces.storage}/cephclusters`;
    const [found] = listAt(await cluster.get(url), "items");
    return found === undefined ? [unseenDisks()] : [health(found), ...capacity(found)];
  });
};

/** Kubernetes knows no disk that is not mounted. */
function unseenDisks(): Finding {
  return unchecked(
    path,
    "whether the nodes have unused disks cannot be seen through Kubernetes",
    "run `lsblk --fs` on each node: Ceph takes what has no FSTYPE and no partitions",
  );
}

function health(found: unknown): Finding {
  const state = textAt(found, "status", "ceph", "health");
  const details = valuesAt(found, "status", "ceph", "details").map((one) => textAt(one, "message"));
  const why = shown(details.join("; "));
  const message = `Ceph says ${shown(state) || "nothing yet"}${why === "" ? "" : ` (${why})`}`;
  if (state === "HEALTH_OK") return good(path, message);
  const fix = "see the log of rook-ceph-operator, and Rook's page on common issues";
  return state === "HEALTH_ERR" ? bad(path, message, fix) : warn(path, message, fix);
}

function capacity(found: unknown): Finding[] {
  const of = (name: string) => numberAt(found, "status", "ceph", "capacity", name);
  const total = of("bytesTotal");
  const share = of("bytesUsed") / total;
  if (total === 0 || share < nearlyFull) return [];
  return [warn(path, `Ceph's disks are ${Math.round(share * 100).toString()} % full`, "add disks")];
}
