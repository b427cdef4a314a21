/** The Grafana dashboard, which `npm run docs` writes to components/monitoring/dashboard.json. */
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { ReduceDataOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { averageTimeToLive, grown, series, waitingBuilds } from "../../components/monitoring/metrics.ts";

/** PromQL by legend; Grafana replaces `{{label}}` in the legend. */
type Queries = Readonly<Record<string, string>>;

interface Shown {
  readonly title: string;
  readonly description: string;
  readonly queries: Queries;
  /** As in Grafana; by default, a plain number. */
  readonly unit?: string;
}

const datasource = { type: "prometheus", uid: "${datasource}" };

export function dashboard(): object {
  // The SDK recommends the newer schema, which not every Grafana in use can read from a file.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const builder = new DashboardBuilder("Push to deploy")
    .uid("argo-cicd")
    .tags(["argo-cicd"])
    .time({ from: "now-24h", to: "now" })
    .refresh("1m")
    .timezone("browser")
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"));
  for (const one of numbers) builder.withPanel(panel(newest(), one).height(4).span(4));
  for (const [title, rows] of Object.entries(sections)) {
    builder.withRow(new RowBuilder(title));
    for (const one of rows) builder.withPanel(panel(new TimeseriesBuilder(), one).height(8).span(12));
  }
  return builder.build();
}

function newest(): StatBuilder {
  return new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
}

function panel<Builder extends StatBuilder | TimeseriesBuilder>(builder: Builder, shown: Shown): Builder {
  const { title, description, queries, unit = "short" } = shown;
  builder.title(title).description(description).datasource(datasource).unit(unit);
  for (const [index, [legend, expr]] of Object.entries(queries).entries()) {
    builder.withTarget(new DataqueryBuilder().refId(letter(index)).expr(expr).legendFormat(legend));
  }
  return builder;
}

/** A, B, C: Grafana's IDs for the queries of a panel. */
function letter(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

const phase = (match: string) => series("entered", { phase: match });
const ended = (match: string, by: string, time: string) => `sum by (${by}) (${grown(phase(match), time)})`;
const failed = '=~"Failed|Error"';
const leaders = `${series("busServer", { is_meta_leader: '="true"' })} == 0`;

/** The current state. */
const numbers: readonly Shown[] = [
  {
    title: "Running builds",
    description: "Workflows that have not ended and have a running pod.",
    queries: { builds: `sum(${series("conditions", { type: '="PodRunning"', status: '="True"' })})` },
  },
  {
    title: "Waiting builds",
    description: "They wait for their turn, or for a node with room.",
    queries: { builds: waitingBuilds() },
  },
  {
    title: "Lost pushes",
    description: "Found by the last check, which has started their builds.",
    queries: { pushes: `max(${series("caughtUp")})` },
  },
  {
    title: "Services not checked",
    description: "Those for which the last check for lost pushes got no answer.",
    queries: { services: `max(${series("unanswered")})` },
  },
  {
    title: "Leaders of the event bus",
    description: "If not 1, deliveries are refused.",
    queries: { leaders: `count(${leaders}) or vector(0)` },
  },
  {
    title: "Unhealthy applications",
    description: "Applications of Argo CD that are degraded, missing or unknown.",
    queries: {
      applications: `count(${series("applications", { health_status: '=~"Degraded|Missing|Unknown"' })}) or vector(0)`,
    },
  },
];

const sections: Readonly<Record<string, readonly Shown[]>> = {
  Builds: [
    {
      title: "Successful builds per hour",
      description: "By service.",
      queries: { "{{name}}": ended('="Succeeded"', "name", "1h") },
    },
    {
      title: "Failed builds per hour",
      description: "By service. A build that a newer push has replaced counts as failed.",
      queries: { "{{name}}": ended(failed, "name", "1h") },
    },
    {
      title: "Queue",
      description: "Running builds, and builds that wait for their turn or for a node.",
      queries: {
        running: `sum(${series("conditions", { type: '="PodRunning"', status: '="True"' })})`,
        waiting: waitingBuilds(),
      },
    },
    {
      title: "From push to live",
      description: "Average over an hour, by service.",
      queries: { "{{project}} {{service}}": averageTimeToLive("1h") },
      unit: "s",
    },
  ],
  Pushes: [
    {
      title: "Deliveries per hour",
      description:
        "Deliveries that the EventSource received from GitHub, and those that it could not forward.",
      queries: {
        received: `sum(${grown(series("deliveries"), "1h")})`,
        "not forwarded": `sum(${grown(series("deliveriesFailed"), "1h")})`,
      },
    },
    {
      title: "Lost pushes per day",
      description: "Pushes whose builds the check for lost pushes has started.",
      queries: { "caught up": `sum(${grown(series("caughtUpTotal"), "1d")})` },
    },
    {
      title: "Build starts per hour",
      description: "Builds that the Sensors started, and attempts that failed.",
      queries: {
        "{{sensor_name}} started": `sum by (sensor_name) (${grown(series("started"), "1h")})`,
        "{{sensor_name}} failed": `sum by (sensor_name) (${grown(series("startFailed"), "1h")})`,
        "{{sensor_name}} given up": `sum by (sensor_name) (${grown(series("startGivenUp"), "1h")})`,
      },
    },
    {
      title: "Deliveries in the event bus",
      description: "Those that a Sensor has not taken yet.",
      queries: { "{{consumer_name}}": `max by (consumer_name) (${series("busPending")})` },
    },
  ],
  Delivery: [
    {
      title: "Syncs per hour",
      description: "Argo CD's syncs, by application and result.",
      queries: { "{{name}} {{phase}}": `sum by (name, phase) (${grown(series("syncs"), "1h")})` },
    },
    {
      title: "Image updates per hour",
      description: "Images that the Image Updater set in applications, and its errors.",
      queries: {
        "{{image_updater_cr_name}} updated": `sum by (image_updater_cr_name) (${grown(series("updated"), "1h")})`,
        "{{image_updater_cr_name}} errors": `sum by (image_updater_cr_name) (${grown(series("updateErrors"), "1h")})`,
      },
    },
  ],
};
