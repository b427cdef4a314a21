/** The instructions that the sandbox prints once it is up. */
import { clusterPath, sample, servicePath } from "./sample.ts";

export interface Addresses {
  /** Of the git server. */
  readonly git: string;
  /** Of the sample's page; undefined if nothing is deployed. */
  readonly page?: string;
  readonly kubectl: string;
  readonly kubeconfig: string;
}

export function instructions({ git, page, kubectl, kubeconfig }: Addresses): string {
  const edit = `sed -i 's/Hello/Good morning/' index.html && git commit --all --message 'Greet' && git push`;
  return [
    "",
    "In another terminal:",
    `  git clone ${git}/${servicePath}.git && cd ${sample.service}`,
    `  ${edit}`,
    ...(page === undefined ? [] : [`  curl ${page}`]),
    "",
    ...(page === undefined ? [notDeployed] : [`The manifests that run it: ${git}/${clusterPath}.git`]),
    `The cluster: ${kubectl} --kubeconfig ${kubeconfig} get pods --all-namespaces`,
    "How this differs from an installation: docs/tested.md. Ctrl-C removes everything.",
    "",
  ].join("\n");
}

export const notDeployed =
  "Nothing is deployed here: the cluster's nodes cannot pull from the registry inside it. A push ends with an image.";
