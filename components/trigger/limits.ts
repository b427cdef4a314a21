/** What Sensors may write. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { metadataHasOnly } from "../kinds/admission.ts";
import { startLimit } from "../kinds/start-limit.ts";
import { dnsLabelOf } from "../names.ts";
import { deadLetter } from "./dead-letter.ts";

/** That Argo Events sets on what it makes (argo-events `pkg/sensors/triggers/standard-k8s`). */
const ownLabels = ["sensor", "trigger", "action-timestamp"].map((name) => `events.argoproj.io/${name}`);

export function sensorLimits(account: Account): WriteLimit[] {
  const start = startLimit(dnsLabelOf("argo-cicd-sensor"), [account], "a Sensor", ownLabels);
  return [start, deadLetterLimit(account)];
}

/** Its Role lets it make any ConfigMap beside it, and programs read theirs by name. */
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
        message: `a Sensor makes ConfigMaps named ${deadLetter.prefix}*, and nothing else`,
      },
    ],
  };
}
