/** A Job of a chart that Helm runs and waits for. */
import { confined, unprivileged } from "../../components/kinds/security.ts";
import type { ClusterObject } from "./cluster-api.ts";

/** @param image one with a shell */
export function hookJob(hook: "post-install" | "post-upgrade", image: string, script: string): ClusterObject {
  const container = {
    name: "main",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", "-c", script],
    securityContext: confined,
  };
  const pod = { restartPolicy: "Never", securityContext: unprivileged, containers: [container] };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "hook",
      annotations: { "helm.sh/hook": hook, "helm.sh/hook-delete-policy": "before-hook-creation" },
    },
    spec: { backoffLimit: 0, template: { spec: pod } },
  };
}
