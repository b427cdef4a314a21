/** Checks whether the cluster has the StorageClass and the IngressClasses that the stack names. */
import { listAt } from "../../components/builds/programs/json.ts";
import { nearest } from "../../components/checks.ts";
import { nameOf } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good } from "./finding.ts";

interface Wanted {
  readonly kind: string;
  /** Of the list of this kind. */
  readonly url: string;
  readonly name: string;
  /** Of the key in the stack file. */
  readonly path: string;
  /** The key of the add-on that installs it, and whether the stack has that add-on. */
  readonly addon: string;
  readonly isInstalled: boolean;
}

export const classes: ClusterCheck = async (examined, cluster) => {
  const found = wanted(examined).map((one) =>
    attempted(one.path, `the list of ${one.kind}es`, async () => {
      const names = listAt(await cluster.get(one.url), "items").map(nameOf);
      return [classFinding(one, names)];
    }),
  );
  return (await Promise.all(found)).flat();
};

function wanted({
  settings: { cluster, webhooks, argocd, workflows, addons, projects },
}: Examined): Wanted[] {
  const ingress = (path: string, name: string): Wanted => ({
    kind: "IngressClass",
    url: "/apis/networking.k8s.io/v1/ingressclasses",
    name,
    path,
    addon: "addons.ingressController",
    isInstalled: addons.ingressController !== undefined && name === webhooks.ingress.class,
  });
  const isUsed = projects.some(({ webhook }) => webhook.nodePort === undefined);
  return [
    {
      kind: "StorageClass",
      url: "/apis/storage.k8s.io/v1/storageclasses",
      name: cluster.storageClass,
      path: "cluster.storageClass",
      addon: "addons.rookCeph",
      isInstalled: addons.rookCeph,
    },
    ...(isUsed ? [ingress("webhooks.ingress.class", webhooks.ingress.class)] : []),
    ...(argocd.ingress === undefined ? [] : [ingress("argocd.ingress.class", argocd.ingress.class)]),
    ...(workflows.ingress === undefined ? [] : [ingress("workflows.ingress.class", workflows.ingress.class)]),
  ];
}

function classFinding({ kind, name, path, addon, isInstalled }: Wanted, names: readonly string[]): Finding {
  if (names.includes(name)) return good(path, `the ${kind} ${name} exists`);
  if (isInstalled) return good(path, `${addon} installs the ${kind} ${name}`);
  const others = names.length === 0 ? "none" : names.slice(0, 5).join(", ");
  const near = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
  const fix = near === undefined ? `install one, or set ${addon}` : `set ${path} to ${near}`;
  return bad(path, `there is no ${kind} ${name}; the cluster has ${others}`, fix);
}
