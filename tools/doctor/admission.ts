/** Whether the API server keeps what the stack relies on: levels of pod security, and policies on what may be written. */
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
 * No list shows it. Where it works it refuses a namespace with a level that there is none of; this is only rehearsed, so
 * that nothing is made where it does not.
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
  if (code !== 201) return [unchecked(path, `whether pod security admission is on is unknown (${reason})`)];
  const message = "pod security admission is off, so that a namespace's level limits no pod";
  return [warn(path, message, "enable the admission plugin PodSecurity")];
}

function policies(cluster: Cluster): Promise<readonly Finding[]> {
  const path = "cluster.admissionPolicies";
  return attempted(path, "what the API server serves", async () => {
    const served = listAt(await cluster.get("/apis/admissionregistration.k8s.io/v1"), "resources");
    const isServed = served.some((one) => textAt(one, "name") === "validatingadmissionpolicies");
    return isServed
      ? [good(path, "the API server has ValidatingAdmissionPolicies")]
      : [bad(path, "the API server has no ValidatingAdmissionPolicies", "enable them, or set it to false")];
  });
}
