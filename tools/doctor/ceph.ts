/** Checks Ceph, if the stack installs it. */
import { listAt, textAt, valuesAt } from "../../components/builds/programs/json.ts";
import { numberAt, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, unchecked, warn } from "./finding.ts";
import type { Cluster } from "./kubectl.ts";

const path = "addons.rookCeph";

/** The used share of Ceph's disks from which the doctor warns. Ceph stops writing at 95 %. */
const nearlyFull = 0.75;

export const ceph: ClusterCheck = async ({ settings }, cluster) => {
  const { addons, namespaces } = settings;
  if (!addons.rookCeph) return [];
  const state = attempted(path, "the state of Ceph", async () => {
    const url = `/apis/ceph.rook.io/v1/namespaces/${namespaces.storage}/cephclusters`;
    const [found] = listAt(await cluster.get(url), "items");
    return found === undefined ? [unseenDisks()] : [health(found), ...capacity(found)];
  });
  const isDeletable = settings.cluster.deletableNamespaces.includes(namespaces.storage);
  return [...(await state), ...(isDeletable ? await blockingVolumes(settings, cluster) : [])];
};

/** Ceph does not delete a pool that holds an image: its removal fails after a quarter of an hour. */
function blockingVolumes(
  { namespaces }: Examined["settings"],
  cluster: Cluster,
): Promise<readonly Finding[]> {
  return attempted(path, "the list of volumes", async () => {
    const all = listAt(await cluster.get("/api/v1/persistentvolumes"), "items");
    const driver = `${namespaces.storage}.rbd.csi.ceph.com`;
    const claims = all
      .filter((one) => textAt(one, "spec", "csi", "driver") === driver)
      .map(
        (one) => `${textAt(one, "spec", "claimRef", "namespace")}/${textAt(one, "spec", "claimRef", "name")}`,
      )
      // These are deleted with the event bus, before Ceph.
      .filter((claim) => !claim.startsWith(`${namespaces.events}/`));
    if (claims.length === 0) return [];
    const message = `Ceph cannot be removed while it holds the volumes of ${shown(claims.sort().join(", "))}`;
    return [warn(path, message, "to remove Ceph, delete these claims after their workloads")];
  });
}

/** Kubernetes does not report unmounted disks. */
function unseenDisks(): Finding {
  return unchecked(
    path,
    "Kubernetes does not show whether the nodes have unused disks",
    "run `lsblk --fs` on each node: Ceph uses disks without FSTYPE and without partitions",
  );
}

function health(found: unknown): Finding {
  const state = textAt(found, "status", "ceph", "health");
  const details = valuesAt(found, "status", "ceph", "details").map((one) => textAt(one, "message"));
  const why = shown(details.join("; "));
  const message = `Ceph reports ${shown(state) || "no health yet"}${why === "" ? "" : ` (${why})`}`;
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
