/** What an account may write that starts builds. Its Role lets it make any Workflow, of which it needs a little. */
import type { Account, WriteLimit } from "./admission.ts";
import { hasOnly, metadataHasOnly, metadataUnchangedBut, unchangedBut } from "./admission.ts";
import type { DnsLabel } from "../names.ts";

/**
 * It makes Workflows of WorkflowTemplates. `templateReferencing: Strict` is not enough: the controller believes a Workflow whose
 * status has a specification already, and the kind has no status of its own rights.
 *
 * @param who the account, as a message names it
 * @param labels those that it may set
 * @param removable what it may take away from Workflows that are there; where absent, it may set its labels again, as a Sensor does
 * when a delivery comes again
 */
export function startLimit(
  name: DnsLabel,
  accounts: readonly Account[],
  who: string,
  labels: readonly string[],
  removable?: Removable,
): WriteLimit {
  return {
    name,
    resource: "workflows",
    operations: ["CREATE", "UPDATE"],
    limits: { accounts },
    rules: [
      {
        expression: whenCreated([
          hasOnly("object", ["apiVersion", "kind", "metadata", "spec"]),
          hasOnly("object.spec", ["workflowTemplateRef", "arguments"]),
          hasOnly("object.spec.workflowTemplateRef", ["name"]),
          hasOnly("object.spec.arguments", ["parameters"]),
          `object.spec.arguments.parameters.all(one, ${hasOnly("one", ["name", "value"])})`,
        ]),
        message: `${who} makes Workflows of a WorkflowTemplate and values of its parameters, and nothing else`,
      },
      {
        expression: whenCreated([metadataHasOnly(labels)]),
        message: `${who} gives Workflows the labels ${labels.join(", ")}, and nothing else`,
      },
      {
        expression: `request.operation == 'CREATE' || (${unchangedBut("", ["metadata"])} && ${
          removable === undefined ? metadataUnchangedBut({ labels }) : onlyRemoves(removable)
        })`,
        message: `${who} changes no existing Workflow${removable === undefined ? "" : `, except to remove ${namesOf(removable)}`}`,
      },
    ],
  };
}

export interface Removable {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** Whoever removes one of them removes all. */
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
