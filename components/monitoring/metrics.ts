/** Every metric that alerts and the dashboard use, with the file that declares it in the version that is installed. */

interface Metric {
  /** As in Prometheus. */
  readonly name: string;
  /** The repository and file that declares it. */
  readonly source: string;
}

const controller = "argo-workflows util/telemetry/metrics_list.go";
const events = "argo-events pkg/metrics/metrics.go";
const nats =
  "prometheus-nats-exporter collector/jsz.go, with the prefix of argo-events' installer/jetstream.go";
const argoCd = "argo-cd controller/metrics/metrics.go";
const updater = "argocd-image-updater pkg/metrics/metrics.go";

/** The workflow controller puts this before its own metrics and before those of templates. */
export const controllerPrefix = "argo_workflows_";

export const metrics = {
  /** 1 for the controller that is the leader. */
  leader: { name: `${controllerPrefix}is_leader`, source: controller },
  /** Existing Workflows, by `phase`. */
  workflows: { name: `${controllerPrefix}gauge`, source: controller },
  /** Existing Workflows, including ended ones, by `type` and `status` of a condition. */
  conditions: { name: `${controllerPrefix}workflow_condition`, source: controller },
  /** Workflows that have entered a `phase`, by `namespace` and `name` of their template. */
  entered: { name: `${controllerPrefix}workflowtemplate_triggered_total`, source: controller },
  /** A histogram, by `project` and `service`. */
  pushToLive: { name: `${controllerPrefix}push_to_live_seconds`, source: "components/builds/steps/live.ts" },
  caughtUp: { name: `${controllerPrefix}caught_up_pushes`, source: "components/builds/catch-up.ts" },
  caughtUpTotal: {
    name: `${controllerPrefix}caught_up_pushes_total`,
    source: "components/builds/catch-up.ts",
  },
  unanswered: { name: `${controllerPrefix}catch_up_unanswered`, source: "components/builds/catch-up.ts" },
  /** One series for each server of the bus; the label `is_meta_leader` marks the leader. */
  busServer: { name: "nats_server_jetstream_disabled", source: nats },
  /** Deliveries that a trigger has not taken yet, by `consumer_name`, reported by each server that stores them. */
  busPending: { name: "nats_consumer_num_pending", source: nats },
  deliveries: { name: "argo_events_events_sent_total", source: events },
  deliveriesFailed: { name: "argo_events_events_processing_failed_total", source: events },
  started: { name: "argo_events_action_triggered_total", source: events },
  /** Failed attempts, by `sensor_name` and `trigger_name`. */
  startFailed: { name: "argo_events_action_failed_total", source: events },
  /** Failures of the last attempt. */
  startGivenUp: { name: "argo_events_action_retries_failed_total", source: events },
  /** 1 for each Application, by `health_status` and `sync_status`. */
  applications: { name: "argocd_app_info", source: argoCd },
  syncs: { name: "argocd_app_sync_total", source: argoCd },
  updated: { name: "argocd_image_updater_images_updated_total", source: updater },
  updateErrors: { name: "argocd_image_updater_images_errors_total", source: updater },
  /** Seconds since 1970, by the certificate's `cn`. */
  certificateEnds: {
    name: "traefik_tls_certs_not_after",
    source: "traefik pkg/observability/metrics/prometheus.go",
  },
} as const satisfies Record<string, Metric>;

/** Labels of a metric and what follows their names in PromQL: `="main"`, `=~"a|b"`. */
type Matchers = Readonly<Record<string, string>>;

export function series(metric: keyof typeof metrics, matchers: Matchers = {}, suffix = ""): string {
  const inside = Object.entries(matchers).map(([label, match]) => `${label}${match}`);
  const { name } = metrics[metric];
  return `${name}${suffix}${inside.length === 0 ? "" : `{${inside.join(",")}}`}`;
}

/**
 * How much a counter has grown. Prometheus' own `increase` ignores the first value of a new series, and these counters
 * have no series before the first event that they count.
 */
export function grown(counter: string, time: string): string {
  return `((${counter} unless ${counter} offset ${time}) or increase(${counter}[${time}]))`;
}

/** Builds that wait for their turn or for a node: Workflows that have not ended and have no running pod. */
export function waitingBuilds(offset = ""): string {
  const unfinished = series("workflows", { phase: '=~"Pending|Running"' });
  const running = series("conditions", { type: '="PodRunning"', status: '="True"' });
  return `(sum(${unfinished}${offset}) - sum(${running}${offset}))`;
}

/** Average seconds from push to live over a period, by project and service. */
export function averageTimeToLive(time: string): string {
  const part = (suffix: string) =>
    `sum by (project, service) (${grown(series("pushToLive", {}, suffix), time)})`;
  return `${part("_sum")} / ${part("_count")}`;
}
