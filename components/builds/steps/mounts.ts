/** Volumes that the containers of steps share, and the account token that most do not get. */
import type { Build } from "../build.ts";
import { configMaps } from "../build.ts";
import { buildFolder, scriptsFolder } from "../builders/builder.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { authorityVolumes } from "../../kinds/network.ts";
import type { OutputParameter } from "../../kinds/workflows.ts";

export const results = `${buildFolder}/results`;

/** The size of values that steps pass on, each a line or a list of commits. */
const resultsSize = "16Mi";

/** The size of what tools write otherwise: configuration, and the commits of a branch. */
const temporarySize = "1Gi";

/**
 * The volumes that every tool mounts, each with the size at which the kubelet evicts its pod.
 *
 * @param temporary another size of the tool's temporary files; without a limit if it depends on the image
 */
export function toolVolumes(
  { network }: Pick<Build, "network">,
  temporary: { readonly sizeLimit?: string } = { sizeLimit: temporarySize },
): Volume[] {
  return [
    // Programs call each other.
    { name: "scripts", configMap: { name: configMaps.programs, defaultMode: 0o555 } },
    { name: "results", emptyDir: { sizeLimit: resultsSize } },
    { name: "temporary", emptyDir: temporary },
    ...authorityVolumes(network),
  ];
}

/**
 * An empty folder in place of the service account's token. The API server mounts the token into every container that
 * mounts nothing at this path (Kubernetes `plugin/pkg/admission/serviceaccount`), and Argo's executor in the same pod
 * needs it.
 */
export const noAccount: Volume = { name: "no-account", emptyDir: {} };
export const noAccountMount: VolumeMount = {
  name: noAccount.name,
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  readOnly: true,
};

/** The only folder for a tool's own files, since the root file system is read-only. */
export const temporaryMount: VolumeMount = { name: "temporary", mountPath: "/tmp" };

export const scriptsMount: VolumeMount = { name: "scripts", mountPath: scriptsFolder, readOnly: true };
export const resultsMount: VolumeMount = { name: "results", mountPath: results };

/** An output parameter from a file that a script writes into `results`. */
export function result(name: string): OutputParameter {
  return { name, valueFrom: { path: `${results}/${name}` } };
}
