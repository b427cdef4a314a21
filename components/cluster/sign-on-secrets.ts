/** The client with which the dashboards ask who signs on, beside each that does. */
import { signOnKeys } from "../charts/sign-on.ts";
import { signOnSecret } from "../derived-names.ts";
import type { Settings } from "../settings/settings.ts";
import type { SecretArgs } from "./secret-args.ts";

export function signOnSecrets({ signOn, secrets, namespaces }: Settings): SecretArgs[] {
  if (signOn === undefined || secrets.signOn === undefined) return [];
  const data = { [signOnKeys.id]: signOn.clientId, [signOnKeys.secret]: secrets.signOn };
  const common = { name: signOnSecret, path: "signOn", data };
  // Argo CD reads only Secrets that are labelled as its own.
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  return [
    ...(signOn.argocd === undefined ? [] : [{ ...common, namespace: namespaces.delivery, labels }]),
    ...(signOn.workflows === undefined ? [] : [{ ...common, namespace: namespaces.workflows }]),
  ];
}
