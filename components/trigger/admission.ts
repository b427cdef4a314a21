/** Restricts what Sensors may write. */
import type { Account, AdmissionPolicy } from "../kinds/admission.ts";
import { metadataHasOnly } from "../kinds/admission.ts";
import { startPolicy } from "../kinds/start-policy.ts";
import { dnsLabelOf } from "../names.ts";
import { deadLetter } from "./dead-letter.ts";

/** The labels that Argo Events sets on objects that it creates (argo-events `pkg/sensors/triggers/standard-k8s`). */
const ownLabels = ["sensor", "trigger", "action-timestamp"].map((name) => `events.argoproj.io/${name}`);

export function sensorPolicies(account: Account): AdmissionPolicy[] {
  const start = startPolicy(dnsLabelOf("argo-cicd-sensor"), [account], "a Sensor", ownLabels);
  return [start, deadLetterPolicy(account)];
}

/** The Role allows every ConfigMap in the Sensors' namespace, and other programs read theirs by name. */
function deadLetterPolicy(account: Account): AdmissionPolicy {
  return {
    name: dnsLabelOf("argo-cicd-sensor-dead-letters"),
    resource: "configmaps",
    operations: ["CREATE", "UPDATE"],
    appliesTo: { accounts: [account] },
    rules: [
      {
        expression: [
          "request.operation == 'CREATE'",
          `object.metadata.name.startsWith('${deadLetter.prefix}')`,
          metadataHasOnly([deadLetter.label, ...ownLabels]),
        ].join(" && "),
        message: `a Sensor may only create ConfigMaps named ${deadLetter.prefix}*`,
      },
    ],
  };
}
