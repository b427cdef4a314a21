/** Checks whether a Helm release is in the way: an interrupted one, or one that Pulumi did not install. */
import { chartsOf } from "../../components/cluster/namespaces-args.ts";
import { listAt, textAt } from "../../components/builds/programs/json.ts";
import { nameOf, shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";

/** A revision of a release, from the labels of its Secret (Helm's `pkg/storage/driver/secrets.go`). */
interface Release {
  readonly secret: string;
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly status: string;
  /** The field manager that created it: `Helm`, or Pulumi's provider `pulumi-kubernetes`. */
  readonly maker: string;
}

const path = "cluster";

export const releases: ClusterCheck = (examined, cluster) =>
  attempted(path, "the list of Helm's releases", async () => {
    const list = await cluster.metadata("/api/v1/secrets?labelSelector=owner%3Dhelm");
    const revisions = listAt(list, "items").map(releaseOf);
    const { settings } = examined;
    const names = chartsOf(settings).map((chart) => `${chart.namespace(settings)}/${chart.chart}`);
    const ours = newest(revisions).filter(({ name, namespace }) => names.includes(`${namespace}/${name}`));
    const found = ours.flatMap((one) => problems(examined, one, isForeign(one, revisions)));
    if (found.length > 0) return found;
    const count = `${ours.length.toString()} of the stack's ${names.length.toString()} releases are installed`;
    return [good(path, `${count}, and none is in the way`)];
  });

function releaseOf(secret: unknown): Release {
  const label = (name: string) => textAt(secret, "metadata", "labels", name);
  const [first] = listAt(secret, "metadata", "managedFields");
  return {
    secret: nameOf(secret),
    name: label("name"),
    namespace: textAt(secret, "metadata", "namespace"),
    revision: Number(label("version")),
    status: label("status"),
    maker: textAt(first, "manager"),
  };
}

function newest(all: readonly Release[]): Release[] {
  const sorted = all.toSorted((a, b) => a.revision - b.revision);
  return [...new Map(sorted.map((one) => [`${one.namespace}/${one.name}`, one])).values()];
}

/** Whether Pulumi created none of its revisions: recovering a release with Helm adds a revision too. */
function isForeign({ name, namespace }: Release, all: readonly Release[]): boolean {
  const makers = all
    .filter((one) => one.name === name && one.namespace === namespace)
    .map(({ maker }) => maker);
  return !makers.some((maker) => maker === "" || maker.startsWith("pulumi"));
}

function problems({ settings }: Examined, release: Release, foreign: boolean): Finding[] {
  const { name, namespace, status, maker, secret, revision } = release;
  const { context } = settings.cluster;
  const what = `the release ${name} in ${namespace}`;
  if (status.startsWith("pending-") || status === "uninstalling") {
    const remove = `kubectl --context ${context} delete secret --namespace ${namespace} ${secret}`;
    const fix = `when neither pulumi nor helm runs, \`${remove}\`, then \`pulumi up --refresh\``;
    return [bad(path, `${what} is ${status}: its last command was interrupted or is still running`, fix)];
  }
  if (foreign) {
    const message = `${what} was installed by ${shown(maker)}, and \`pulumi up\` does not adopt releases`;
    return [bad(path, message, `\`helm uninstall ${name} --namespace ${namespace}\`, if nothing needs it`)];
  }
  if (status !== "failed") return [];
  const which = `${what} failed at revision ${revision.toString()}`;
  return [warn(path, which, "`pulumi up --refresh` retries, and reports why it fails")];
}
