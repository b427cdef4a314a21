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
 */
export function startLimit(
  name: DnsLabel,
  accounts: readonly Account[],
  who: string,
  labels: readonly string[],
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
        expression: `request.operation == 'CREATE' || (${unchangedBut("", ["metadata"])} && ${metadataUnchangedBut({ labels })})`,
        message: `${who} changes no Workflow that is there`,
      },
    ],
  };
}

function whenCreated(rules: readonly string[]): string {
  return `request.operation != 'CREATE' || (${rules.join(" && ")})`;
}
