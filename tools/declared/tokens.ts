/** The account that a pod runs as, and which of its containers see the token. */
import { at, listAt } from "../../components/builds/programs/json.ts";
import { text } from "./fields.ts";
import type { DeclaredObject } from "./objects.ts";
import { ofKind } from "./objects.ts";
import type { Pod } from "./pods.ts";
import { podsOf } from "./pods.ts";

/** Where the token is mounted, unless the pod mounts something else there. */
export const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** `ci/build` */
export function accountOfPod({ object, spec }: Pod): string {
  return `${object.namespace}/${text(spec, "serviceAccountName") || "default"}`;
}

export function declaredAccounts(objects: readonly DeclaredObject[]): Map<string, DeclaredObject> {
  return new Map(ofKind(objects, "ServiceAccount").map((one) => [`${one.namespace}/${one.name}`, one]));
}

/** Without the EventBus: its controller creates the pods, and their account has no rights. */
export function podsWithAccount(objects: readonly DeclaredObject[]): Pod[] {
  return objects.filter(({ kind }) => kind !== "EventBus").flatMap(podsOf);
}

/** The containers of a pod that see the token: all without a mount of their own at its path. */
export function containersWithToken(
  { spec, containers }: Pod,
  account: DeclaredObject | undefined,
): string[] {
  const automount =
    spec["automountServiceAccountToken"] ?? at(account?.content, "automountServiceAccountToken");
  if (automount === false) return [];
  const hidden = (content: unknown) =>
    listAt(content, "volumeMounts").some((one) => text(one, "mountPath") === tokenFolder);
  return containers.filter(({ content }) => !hidden(content)).map(({ name }) => name);
}
