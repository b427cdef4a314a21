/** Checks whether the API server enforces what the stack relies on: pod security levels and admission policies. */
import { listAt, textAt } from "../../components/builds/programs/json.ts";
import type { ClusterCheck, Finding } from "./finding.ts";
import { attempted, bad, good, unchecked, warn } from "./finding.ts";
import type { Cluster } from "./kubectl.ts";

export const admission: ClusterCheck = async ({ settings }, cluster) => {
  const found = await Promise.all([
    podSecurity(cluster),
    settings.cluster.admissionPolicies ? policies(cluster) : [],
  ]);
  return found.flat();
};

/**
 * No API lists the enabled admission plugins. An enabled one rejects a namespace with an unknown level. The dry run
 * creates nothing if it is disabled.
 */
async function podSecurity(cluster: Cluster): Promise<Finding[]> {
  const path = "cluster";
  const labels = { "pod-security.kubernetes.io/enforce": "none-of-these" };
  const metadata = { generateName: "argo-cicd-doctor-", labels };
  const { code, reason } = await cluster.ask({
    method: "POST",
    path: "/api/v1/namespaces?dryRun=All",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata }),
  });
  if (code === 422) return [good(path, "pod security admission is on")];
  if (code !== 201) return [unchecked(path, `cannot tell whether pod security admission is on (${reason})`)];
  const message = "pod security admission is off, so no pod is limited by its namespace's level";
  return [warn(path, message, "enable the admission plugin PodSecurity")];
}

function policies(cluster: Cluster): Promise<readonly Finding[]> {
  const path = "cluster.admissionPolicies";
  return attempted(path, "the list of resources of the API server", async () => {
    const served = listAt(await cluster.get("/apis/admissionregistration.k8s.io/v1"), "resources");
    const isServed = served.some((one) => textAt(one, "name") === "validatingadmissionpolicies");
    return isServed
      ? [good(path, "the API server has ValidatingAdmissionPolicies")]
      : [
          bad(
            path,
            "the API server has no ValidatingAdmissionPolicies",
            `enable them, or set ${path} to false`,
          ),
        ];
  });
}
