/** Policies for values that must not be readable in the state. */
import * as pulumi from "@pulumi/pulumi";
import { fields } from "../declared/fields.ts";
import { webhookKinds } from "../declared/objects.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

function isMarked(value: unknown): boolean {
  return (
    value === undefined ||
    pulumi.runtime.isRpcSecret(value) ||
    Object.values(fields(value)).every(pulumi.runtime.isRpcSecret)
  );
}

/** Offline, a secret is a placeholder that names its source. */
const source = /<(secrets\.|RandomPassword )[^<>]+>/;

/** The paths of placeholders that are not marked as secret. */
function inClear(value: unknown, path: string): string[] {
  if (typeof value === "string") return when(source.test(value), path);
  if (typeof value !== "object" || value === null || pulumi.runtime.isRpcSecret(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    inClear(child, path === "" ? key : `${path}.${key}`),
  );
}

export const secretPolicies: readonly Policy[] = [
  {
    name: "marked-secrets",
    why: "A value that is not marked as secret is in Pulumi's state, output and logs in plain text.",
    fix: "Wrap the value in pulumi.secret().",
    find: (objects) => [
      ...ofObjects(["Secret"], ({ inputs }) =>
        ["data", "stringData"].filter((key) => !isMarked(inputs[key])).map((key) => `${key} is not marked`),
      )(objects),
      ...ofObjects(webhookKinds, ({ inputs }) =>
        when(!isMarked(inputs["configuration"]), "configuration is not marked"),
      )(objects),
    ],
  },
  {
    name: "no-secret-in-clear",
    why: "A secret in another object must be a secret there too.",
    fix: "Refer to the Secret, or wrap the value in pulumi.secret().",
    find: (objects) =>
      objects.flatMap((object) => inClear(object.inputs, "").map((found) => ({ object, found }))),
  },
];
