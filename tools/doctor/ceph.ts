/** What there is of Ceph, where the stack brings it. */
import { listAt, textAt, valuesAt } from "../../components/builds/programs/json.ts";
import { numberAt, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, unchecked, warn } from "./finding.ts";
import type { Cluster } from "./kubectl.ts";

const path = "addons.rookCeph";

/** The share of Ceph's disks from which on they are full soon: Ceph itself stops writing at 95 %. */
const nearlyFull = 0.75;

export const ceph: ClusterCheck = async ({ settings }, cluster) => {
  const { addons, namespaces } = settings;
  if (!addons.rookCeph) return [];
  const state = attempted(path, "the state of Ceph", async () => {
    const url = `/apis/ceph.rook.io/v1/namespaces/${namespaces.storage}/cephclusters`;
    const [found] = listAt(await cluster.get(url), "items");
    return found === undefined ? [unseenDisks()] : [health(found), ...capacity(found)];
  });
  const isToGo = settings.cluster.deletableNamespaces.includes(namespaces.storage);
  return [...(await state), ...(isToGo ? await inTheWay(settings, cluster) : [])];
};

/** Ceph removes no pool that holds an image, and its removal ends with an error after a quarter of an hour. */
function inTheWay({ namespaces }: Examined["settings"], cluster: Cluster): Promise<readonly Finding[]> {
  return attempted(path, "the list of volumes", async () => {
    const all = listAt(await cluster.get("/api/v1/persistentvolumes"), "items");
    const driver = `${namespaces.storage}.rbd.csi.ceph.com`;
    const claims = all
      .filter((one) => textAt(one, "spec", "csi", "driver") === driver)
      .map(
        (one) => `${textAt(one, "spec", "claimRef", "namespace")}/${textAt(one, "spec", "claimRef", "name")}`,
      )
      // They go with the bus, before Ceph.
      .filter((claim) => !claim.startsWith(`${namespaces.events}/`));
    if (claims.length === 0) return [];
    const message = `Ceph cannot be removed while it holds the volumes of ${shown(claims.sort().join(", "))}`;
    return [warn(path, message, "delete these claims after their workloads, if they are to go with it")];
  });
}

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
