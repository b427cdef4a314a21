/** What the containers of steps share, and what they are kept from. */
import type { Build } from "../build.ts";
import { configMaps } from "../build.ts";
import { buildFolder, scriptsFolder } from "../builders/builder.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { authorityVolumes } from "../../kinds/network.ts";
import type { OutputParameter } from "../../kinds/workflows.ts";

export const results = `${buildFolder}/results`;

/** Of values that steps hand on, a line or a list of commits each. */
const resultsSize = "16Mi";

/** Of what tools write beside that: settings, and the names of a branch's commits. */
const temporarySize = "1Gi";

/**
 * The volumes that every tool mounts, each with the size at which the kubelet ends its pod.
 *
 * @param temporary another size of the files that the tool drops; without a limit where that depends on the image
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
 * An empty folder in place of the account's token. The API server mounts the token into every container that has nothing at this
 * path (Kubernetes `plugin/pkg/admission/serviceaccount`), and Argo's executor beside these needs it.
 */
export const noAccount: Volume = { name: "no-account", emptyDir: {} };
export const noAccountMount: VolumeMount = {
  name: noAccount.name,
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  readOnly: true,
};

/** The only folder of a tool's image that can be written. */
export const temporaryMount: VolumeMount = { name: "temporary", mountPath: "/tmp" };

export const scriptsMount: VolumeMount = { name: "scripts", mountPath: scriptsFolder, readOnly: true };
export const resultsMount: VolumeMount = { name: "results", mountPath: results };

/** A file that a script writes into its results. */
export function result(name: string): OutputParameter {
  return { name, valueFrom: { path: `${results}/${name}` } };
}
