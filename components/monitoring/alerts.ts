/** Prometheus alerts for what needs attention. */
import { goDuration } from "../fields.ts";
import type { AlertRule, PrometheusRuleSpec } from "../kinds/monitoring.ts";
import type { MonitoringArgs } from "./args.ts";
import { averageTimeToLive, grown, series, waitingBuilds } from "./metrics.ts";

export function alerts(args: MonitoringArgs): PrometheusRuleSpec {
  return {
    groups: [
      {
        name: "argo-cicd.triggers",
        rules: [...busAlerts(args), ...sensorAlerts(args), ...catchUpAlerts(args)],
      },
      { name: "argo-cicd.builds", rules: buildAlerts(args) },
      { name: "argo-cicd.delivery", rules: [...deliveryAlerts(args), ...certificateAlerts(args)] },
    ],
  };
}

type Severity = AlertRule["labels"]["severity"];

interface AlertText {
  readonly after?: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly description: string;
}

function alert(name: string, expr: string, { after, severity, summary, description }: AlertText): AlertRule {
  return {
    alert: `ArgoCicd${name}`,
    expr,
    ...(after === undefined ? {} : { for: after }),
    labels: { severity },
    annotations: { summary, description },
  };
}

/** A single server is its own leader, so one rule fits any number of servers. */
function busAlerts({ namespaces: { events } }: MonitoringArgs): AlertRule[] {
  const leaders = `${series("busServer", { namespace: `="${events}"`, is_meta_leader: '="true"' })} == 0`;
  return [
    alert("EventBusWithoutQuorum", `absent(${leaders})`, {
      after: "5m",
      severity: "critical",
      summary: "The event bus has no leader.",
      description: `No JetStream server in ${events} is the leader: deliveries from GitHub are refused. Check the pods eventbus-default-js-*.`,
    }),
  ];
}

function sensorAlerts({ namespaces: { events } }: MonitoringArgs): AlertRule[] {
  const bySensor = (counter: "startFailed" | "startGivenUp", time: string) =>
    `sum by (sensor_name) (${grown(series(counter, { namespace: `="${events}"` }), time)}) > 0`;
  return [
    alert("SensorFails", bySensor("startFailed", "10m"), {
      after: "15m",
      severity: "warning",
      summary: "Sensor {{ $labels.sensor_name }} cannot start builds.",
      description: `It has failed for more than 15 minutes, and retries for about an hour. Its log in ${events} shows why.`,
    }),
    alert("SensorGaveUp", bySensor("startGivenUp", "1h"), {
      severity: "critical",
      summary: "Sensor {{ $labels.sensor_name }} has given up on a push.",
      description:
        "The push has started no build. The check for lost pushes starts it, if the stack has one. Otherwise, start the build by hand.",
    }),
  ];
}

function catchUpAlerts({ catchUpEvery }: MonitoringArgs): AlertRule[] {
  if (catchUpEvery === undefined) return [];
  return [
    alert("PushesWereLost", `max(${series("caughtUp")}) > 0`, {
      severity: "warning",
      summary: "{{ $value }} pushes had started no build.",
      description:
        "The last check for lost pushes has started their builds. Recent Deliveries of the repository's webhook on GitHub show why they were lost.",
    }),
    alert("CatchUpUnanswered", `max(${series("unanswered")}) > 0`, {
      after: goDuration(catchUpEvery * 60 * 3),
      severity: "warning",
      summary: "Cannot check {{ $value }} services for lost pushes.",
      description:
        "Git, the registry, GitHub or Kubernetes did not respond in three checks. The log of the newest catch-up Workflow shows which.",
    }),
  ];
}

/** Of six hours without a success. A build that a newer one replaces counts too: the newer one has half an hour. */
const minFailures = 3;

function buildAlerts({ namespaces: { workflows }, pushToLive }: MonitoringArgs): AlertRule[] {
  const ended = (phases: string) =>
    `sum by (namespace, name) (${grown(series("entered", { phase: phases }), "6h")})`;
  const leader = `${series("leader", { namespace: `="${workflows}"` })} == 1`;
  return [
    alert("NoWorkflowController", `absent(${leader})`, {
      after: "10m",
      severity: "critical",
      summary: "No workflow controller runs builds.",
      description: `No controller of Argo Workflows in ${workflows} is the leader: builds do not start, and running builds do not continue.`,
    }),
    alert(
      "BuildsFail",
      `${ended('=~"Failed|Error"')} >= ${minFailures.toString()} unless ${ended('="Succeeded"')} > 0`,
      {
        after: "30m",
        severity: "warning",
        summary: "Builds of {{ $labels.name }} fail.",
        description: `At least ${minFailures.toString()} builds of the last six hours have failed, and none has succeeded.`,
      },
    ),
    alert(
      "QueueDoesNotShrink",
      `min_over_time(${waitingBuilds()}[1h:1m]) > 0 and ${waitingBuilds()} >= ${waitingBuilds(" offset 1h")}`,
      {
        after: "15m",
        severity: "warning",
        summary: "{{ $value }} builds are waiting.",
        description:
          "Builds have waited for an hour, and there are no fewer than then. They wait for their turn (`builds.atOnce`), or for a node with room for their pods.",
      },
    ),
    ...(pushToLive === undefined ? [] : [slowAlert(pushToLive)]),
  ];
}

function slowAlert(seconds: number): AlertRule {
  return alert("PushToLiveIsSlow", `${averageTimeToLive("6h")} > ${seconds.toString()}`, {
    severity: "warning",
    summary: "Pushes to {{ $labels.service }} take {{ $value | humanizeDuration }} to go live.",
    description: `The average of the last six hours is above ${goDuration(seconds)} (\`monitoring.pushToLive\`).`,
  });
}

function deliveryAlerts({ namespaces: { delivery } }: MonitoringArgs): AlertRule[] {
  const unhealthy = series("applications", {
    namespace: `="${delivery}"`,
    health_status: '=~"Degraded|Missing|Unknown"',
  });
  return [
    alert("ApplicationUnhealthy", `max by (project, name, health_status) (${unhealthy}) == 1`, {
      after: "15m",
      severity: "warning",
      summary: "Application {{ $labels.name }} is {{ $labels.health_status }}.",
      description: "Argo CD shows which of its objects is not healthy.",
    }),
    alert(
      "ImageUpdaterFails",
      `sum by (image_updater_cr_name) (${grown(series("updateErrors", { image_updater_cr_namespace: `="${delivery}"` }), "30m")}) > 0`,
      {
        after: "30m",
        severity: "warning",
        summary: "The Image Updater cannot update images of {{ $labels.image_updater_cr_name }}.",
        description: `New images are not rolled out. The log of argocd-image-updater in ${delivery} shows why.`,
      },
    ),
  ];
}

/** Only Traefik has metrics of the certificates that it serves. */
function certificateAlerts({ namespaces: { ingress } }: MonitoringArgs): AlertRule[] {
  if (ingress === undefined) return [];
  const ends = series("certificateEnds", { namespace: `="${ingress}"`, cn: '!="TRAEFIK DEFAULT CERT"' });
  return [
    alert("CertificateEnds", `min by (cn) (${ends}) - time() < ${(7 * 24 * 3600).toString()}`, {
      after: "1h",
      severity: "critical",
      summary: "The certificate of {{ $labels.cn }} expires in {{ $value | humanizeDuration }}.",
      description: "GitHub delivers no push to an address whose certificate is not valid.",
    }),
  ];
}
