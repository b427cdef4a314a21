/** Restricts what Sensors may write. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { metadataHasOnly } from "../kinds/admission.ts";
import { startLimit } from "../kinds/start-limit.ts";
import { dnsLabelOf } from "../names.ts";
import { deadLetter } from "./dead-letter.ts";

/** The labels that Argo Events sets on objects that it creates (argo-events `pkg/sensors/triggers/standard-k8s`). */
const ownLabels = ["sensor", "trigger", "action-timestamp"].map((name) => `events.argoproj.io/${name}`);

export function sensorLimits(account: Account): WriteLimit[] {
  const start = startLimit(dnsLabelOf("argo-cicd-sensor"), [account], "a Sensor", ownLabels);
  return [start, deadLetterLimit(account)];
}

/** The Role allows every ConfigMap in the Sensors' namespace, and other programs read theirs by name. */
function deadLetterLimit(account: Account): WriteLimit {
  return {
    name: dnsLabelOf("argo-cicd-sensor-dead-letters"),
    resource: "configmaps",
    operations: ["CREATE", "UPDATE"],
    limits: { accounts: [account] },
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
