/** Checks whether Argo's CRDs belong to the stack's charts: Helm adopts no CRD of another release, or of none. */
import { charts } from "../../components/charts/charts.ts";
import type { Chart } from "../../components/charts/chart.ts";
import { textAt } from "../../components/builds/programs/json.ts";
import type { PublicSettings } from "../../components/settings/places.ts";
import type { ClusterCheck, Finding } from "./finding.ts";
import { attempted, bad } from "./finding.ts";
import { shown } from "../../components/watch/objects.ts";

/** One CRD of each chart, which stands for all of them. */
const kinds: readonly (readonly [kind: string, chart: Chart<PublicSettings>])[] = [
  ["workflows.argoproj.io", charts.argoWorkflows],
  ["sensors.argoproj.io", charts.argoEvents],
  ["applications.argoproj.io", charts.argoCd],
  ["imageupdaters.argocd-image-updater.argoproj.io", charts.imageUpdater],
];

const path = "cluster";

export const crds: ClusterCheck = async ({ settings }, cluster) => {
  const found = kinds.map(([kind, { chart, namespace }]) =>
    attempted(path, `the CRD ${kind}`, async () => {
      const one = await cluster.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind}`);
      return one === undefined ? [] : ownerProblems(kind, one, [namespace(settings), chart]);
    }),
  );
  return (await Promise.all(found)).flat();
};

function ownerProblems(kind: string, found: unknown, [namespace, name]: [string, string]): Finding[] {
  const of = (key: string) => shown(textAt(found, "metadata", "annotations", `meta.helm.sh/${key}`));
  const [owner, place] = [of("release-name"), of("release-namespace")];
  if (owner === name && place === namespace) return [];
  const whose = owner === "" ? "no Helm release" : `the release ${owner} in ${place}`;
  const annotations = `meta.helm.sh/release-name=${name} meta.helm.sh/release-namespace=${namespace}`;
  const label = "app.kubernetes.io/managed-by=Helm";
  return [
    bad(
      path,
      `the CRD ${kind} belongs to ${whose}, so ${name} cannot be installed in ${namespace}`,
      `add to it and the other CRDs of ${name} the annotations ${annotations} and the label ${label}`,
    ),
  ];
}
