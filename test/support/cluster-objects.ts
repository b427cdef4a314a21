/** A stack's objects as the cluster gets them, with their secret values. */
import { unwrap } from "../../tools/offline/render.ts";
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import type { Config } from "./declare.ts";
import { declare } from "./declare.ts";

/** In the order of the program, namespaces first. Charts and what is not in the cluster are left out. */
export async function stackObjects(config: Config, stack?: string): Promise<ClusterObject[]> {
  const { declared } = await declare(config, stack);
  const objects = declared
    .filter(({ custom, type }) => custom && type.startsWith("kubernetes:") && !type.startsWith(release))
    .map(({ inputs }) => unwrap(inputs) as ClusterObject);
  const isNamespace = ({ kind }: ClusterObject) => kind === "Namespace";
  return [...objects.filter(isNamespace), ...objects.filter((one) => !isNamespace(one))];
}

const release = "kubernetes:helm.sh/";

/** `Kind namespace/name`. */
export function titleOf({ kind, metadata: { name, namespace } }: ClusterObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** A value of a Secret in the cluster. */
export async function secretValue(
  api: ClusterApi,
  namespace: string,
  name: string,
  key: string,
): Promise<string> {
  const { data } = await api.get("v1", "Secret", name, namespace);
  return Buffer.from((data as Record<string, string>)[key] ?? "", "base64").toString();
}
