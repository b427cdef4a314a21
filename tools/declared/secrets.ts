/** The Secrets that the containers of a pod use. */
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text } from "./fields.ts";
import { entries } from "../../components/entries.ts";
import type { Container, Pod } from "./pods.ts";

export interface SecretUse {
  readonly container: string;
  readonly name: string;
  /** Undefined for all keys. */
  readonly key?: string;
}

/** Secrets that are mounted or in the environment. Image pull secrets reach no container. */
export function secretsOf(pod: Pod): SecretUse[] {
  const uses = pod.containers.flatMap((one) => [...mounted(pod, one), ...inEnvironment(one)]);
  return [...uses, ...signatures(pod)];
}

function mounted({ spec }: Pod, { name, content }: Container): SecretUse[] {
  const mounts = listAt(content, "volumeMounts").map((one) => text(one, "name"));
  return listAt(spec, "volumes")
    .filter((volume) => mounts.includes(text(volume, "name")) && at(volume, "secret") !== undefined)
    .flatMap((volume) => {
      const use = { container: name, name: text(volume, "secret", "secretName") };
      const keys = listAt(volume, "secret", "items").map((one) => ({ ...use, key: text(one, "key") }));
      return keys.length === 0 ? [use] : keys;
    });
}

function inEnvironment({ name, content }: Container): SecretUse[] {
  const single = listAt(content, "env").map((one) => fields(one, "valueFrom", "secretKeyRef"));
  const whole = listAt(content, "envFrom").map((one) => fields(one, "secretRef"));
  return [
    ...single.map((one) => ({ container: name, name: text(one, "name"), key: text(one, "key") })),
    ...whole.map((one) => ({ container: name, name: text(one, "name") })),
  ].filter((one) => one.name !== "");
}

/** Argo Events passes an EventSource the keys for checking signatures. */
function signatures({ object }: Pod): SecretUse[] {
  if (object.kind !== "EventSource") return [];
  return entries(fields(object.content, "spec", "github")).map(([, event]) => ({
    container: "container",
    name: text(event, "webhookSecret", "name"),
    key: text(event, "webhookSecret", "key"),
  }));
}
