/** The single sign-on client of the dashboards, in the namespace of each that uses it. */
import { signOnKeys } from "../../charts/sign-on.ts";
import { signOnSecret } from "../../derived-names.ts";
import { partOfArgoCd } from "../../kinds/argocd.ts";
import type { Settings } from "../../settings/settings.ts";
import type { SecretArgs } from "./secret-args.ts";

export function signOnSecrets({ signOn, secrets, namespaces }: Settings): SecretArgs[] {
  if (signOn === undefined || secrets.signOn === undefined) return [];
  const data = { [signOnKeys.id]: signOn.clientId, [signOnKeys.secret]: secrets.signOn };
  const common = { name: signOnSecret, path: "signOn", data };
  return [
    ...(signOn.argocd === undefined
      ? []
      : [{ ...common, namespace: namespaces.delivery, labels: partOfArgoCd }]),
    ...(signOn.workflows === undefined ? [] : [{ ...common, namespace: namespaces.workflows }]),
  ];
}
