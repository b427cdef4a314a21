/** What Sensors may write. */
import type { Account, WriteLimit } from "../kinds/admission.ts";
import { startLimit } from "../kinds/start-limit.ts";
import { dnsLabelOf } from "../names.ts";

/** That Argo Events sets on what it makes (argo-events `pkg/sensors/triggers/standard-k8s`). */
const ownLabels = ["sensor", "trigger", "action-timestamp"].map((name) => `events.argoproj.io/${name}`);

export function sensorLimit(account: Account): WriteLimit {
  return startLimit(dnsLabelOf("argo-cicd-sensor"), [account], "a Sensor", ownLabels);
}
