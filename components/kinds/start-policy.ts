/** Limits the writes of an account that starts builds. Its Role allows any Workflow, and it needs little of that. */
import type { Account, AdmissionPolicy } from "./admission.ts";
import { hasOnly, metadataHasOnly, metadataUnchangedBut, unchangedBut } from "./admission.ts";
import type { DnsLabel } from "../names.ts";

/**
 * Allows only Workflows of WorkflowTemplates. `templateReferencing: Strict` is not enough: the controller trusts a
 * Workflow whose status already has a specification, and the kind has no status subresource to exclude.
 *
 * @param who the account, for messages
 * @param labels the labels that it may set
 * @param removable what it may remove from existing Workflows; if undefined, it may set its labels again, as a Sensor
 * does for a repeated delivery
 */
export function startPolicy(
  name: DnsLabel,
  accounts: readonly Account[],
  who: string,
  labels: readonly string[],
  removable?: Removable,
): AdmissionPolicy {
  return {
    name,
    resource: "workflows",
    operations: ["CREATE", "UPDATE"],
    appliesTo: { accounts },
    rules: [
      {
        expression: whenCreated([
          hasOnly("object", ["apiVersion", "kind", "metadata", "spec"]),
          hasOnly("object.spec", ["workflowTemplateRef", "arguments"]),
          hasOnly("object.spec.workflowTemplateRef", ["name"]),
          hasOnly("object.spec.arguments", ["parameters"]),
          `object.spec.arguments.parameters.all(one, ${hasOnly("one", ["name", "value"])})`,
        ]),
        message: `${who} may create Workflows only from a WorkflowTemplate and values of its parameters`,
      },
      {
        expression: whenCreated([metadataHasOnly(labels)]),
        message: `${who} may set only the labels ${labels.join(", ")} on new Workflows, and no other metadata`,
      },
      {
        expression: `request.operation == 'CREATE' || (${unchangedBut("", ["metadata"])} && ${
          removable === undefined ? metadataUnchangedBut({ labels }) : onlyRemoves(removable)
        })`,
        message: `${who} may not change existing Workflows${removable === undefined ? "" : `, except to remove ${namesOf(removable)}`}`,
      },
    ],
  };
}

export interface Removable {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** All of them must be removed at once. */
function onlyRemoves(removable: Removable): string {
  const { labels, annotations } = removable;
  return [
    metadataUnchangedBut(removable),
    ...labels.map((one) => isMissing("labels", one)),
    ...annotations.map((one) => isMissing("annotations", one)),
  ].join(" && ");
}

function namesOf({ labels, annotations }: Removable): string {
  return [...labels, ...annotations].join(", ");
}

function isMissing(map: "labels" | "annotations", key: string): string {
  return `!('${key}' in object.metadata.?${map}.orValue({}))`;
}

function whenCreated(rules: readonly string[]): string {
  return `request.operation != 'CREATE' || (${rules.join(" && ")})`;
}
