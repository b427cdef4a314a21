/** As which account a pod runs, and which of its containers see the token. */
import { at, listAt } from "../../components/builds/programs/json.ts";
import { text } from "./fields.ts";
import type { DeclaredObject } from "./objects.ts";
import { ofKind } from "./objects.ts";
import type { Pod } from "./pods.ts";
import { podsOf } from "./pods.ts";

/** Where the API server mounts it, unless something else is there. */
export const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** `ci/build` */
export function accountOfPod({ object, spec }: Pod): string {
  return `${object.namespace}/${text(spec, "serviceAccountName") || "default"}`;
}

export function declaredAccounts(objects: readonly DeclaredObject[]): Map<string, DeclaredObject> {
  return new Map(ofKind(objects, "ServiceAccount").map((one) => [`${one.namespace}/${one.name}`, one]));
}

/** The EventBus's pods are of the controller's making, and have an account of no rights. */
export function podsWithAccount(objects: readonly DeclaredObject[]): Pod[] {
  return objects.filter(({ kind }) => kind !== "EventBus").flatMap(podsOf);
}

/** In a pod, whose programs see the token: all without a mount at its path. */
export function seers({ spec, containers }: Pod, account: DeclaredObject | undefined): string[] {
  const automount =
    spec["automountServiceAccountToken"] ?? at(account?.content, "automountServiceAccountToken");
  if (automount === false) return [];
  const hidden = (content: unknown) =>
    listAt(content, "volumeMounts").some((one) => text(one, "mountPath") === tokenFolder);
  return containers.filter(({ content }) => !hidden(content)).map(({ name }) => name);
}
