/** What Sensors may write. Their Role lets them create and patch Workflows, of which they need a little. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { hasOnly, metadataUnchangedBut, unchangedBut } from "../kinds/admission.ts";
import { dnsLabelOf } from "../names.ts";

/** That Argo Events sets on what it makes (argo-events `pkg/sensors/triggers/standard-k8s`). */
const ownLabels = ["sensor", "trigger", "action-timestamp"].map((name) => `events.argoproj.io/${name}`);

/**
 * A Sensor makes Workflows of WorkflowTemplates. `templateReferencing: Strict` is not enough: the controller believes a Workflow whose
 * status has a specification already, and the kind has no status of its own rights.
 */
export function sensorLimit(account: Account): WriteLimit {
  return {
    name: dnsLabelOf("argo-cicd-sensor"),
    resource: "workflows",
    operations: ["CREATE", "UPDATE"],
    limits: { accounts: [account] },
    rules: [
      {
        expression: whenCreated([
          hasOnly("object", ["apiVersion", "kind", "metadata", "spec"]),
          hasOnly("object.spec", ["workflowTemplateRef", "arguments"]),
          hasOnly("object.spec.workflowTemplateRef", ["name"]),
          hasOnly("object.spec.arguments", ["parameters"]),
          `object.spec.arguments.parameters.all(one, ${hasOnly("one", ["name", "value"])})`,
        ]),
        message:
          "a Sensor makes Workflows of a WorkflowTemplate and values of its parameters, and nothing else",
      },
      {
        expression: whenCreated([
          hasOnly("object.metadata.?labels.orValue({})", ownLabels),
          "!has(object.metadata.annotations)",
          "!has(object.metadata.ownerReferences)",
          "!has(object.metadata.finalizers)",
        ]),
        message: "a Sensor gives Workflows the labels of Argo Events, and nothing else",
      },
      {
        expression: `request.operation == 'CREATE' || (${unchangedBut("", ["metadata"])} && ${metadataUnchangedBut({ labels: ownLabels })})`,
        message: "a Sensor changes no Workflow that is there",
      },
    ],
  };
}

function whenCreated(rules: readonly string[]): string {
  return `request.operation != 'CREATE' || (${rules.join(" && ")})`;
}
