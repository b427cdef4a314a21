/** The dashboard of Grafana, which `npm run docs` writes to components/monitoring/dashboard.json. */
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

/** PromQL, by what the legend calls it: `{{label}}` is filled in. */
type Queries = Readonly<Record<string, string>>;

interface Shown {
  readonly title: string;
  readonly description: string;
  readonly queries: Queries;
  /** As Grafana names it; a mere number where absent. */
  readonly unit?: string;
}

const datasource = { type: "prometheus", uid: "${datasource}" };

export function dashboard(): object {
  // The newer schema, which the SDK would rather have, is none that every Grafana in use can read from a file.
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

/** A, B, C: what Grafana calls the queries of a panel. */
function letter(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

const phase = (match: string) => series("entered", { phase: match });
const ended = (match: string, by: string, time: string) => `sum by (${by}) (${grown(phase(match), time)})`;
const failed = '=~"Failed|Error"';
const leaders = `${series("busServer", { is_meta_leader: '="true"' })} == 0`;

/** What is so now. */
const numbers: readonly Shown[] = [
  {
    title: "Builds that run",
    description: "Workflows that have not ended and have a pod that runs.",
    queries: { builds: `sum(${series("conditions", { type: '="PodRunning"', status: '="True"' })})` },
  },
  {
    title: "Builds that wait",
    description: "For their turn, or for a node that has room.",
    queries: { builds: waitingBuilds() },
  },
  {
    title: "Lost pushes",
    description: "Found by the last look, which has started their builds.",
    queries: { pushes: `max(${series("caughtUp")})` },
  },
  {
    title: "Services not looked at",
    description: "Those for which the last look for lost pushes had no answer.",
    queries: { services: `max(${series("unanswered")})` },
  },
  {
    title: "Leaders of the event bus",
    description: "One, or deliveries are refused.",
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
      title: "Builds that succeeded, in an hour",
      description: "By service.",
      queries: { "{{name}}": ended('="Succeeded"', "name", "1h") },
    },
    {
      title: "Builds that failed, in an hour",
      description: "By service. A build that a newer push has replaced counts as failed.",
      queries: { "{{name}}": ended(failed, "name", "1h") },
    },
    {
      title: "Queue",
      description: "Builds that run, and those that wait for their turn or for a node.",
      queries: {
        running: `sum(${series("conditions", { type: '="PodRunning"', status: '="True"' })})`,
        waiting: waitingBuilds(),
      },
    },
    {
      title: "From push to live",
      description: "Average of an hour, by service.",
      queries: { "{{project}} {{service}}": averageTimeToLive("1h") },
      unit: "s",
    },
  ],
  Pushes: [
    {
      title: "Deliveries, in an hour",
      description: "What the EventSource has taken from GitHub, and what it could not hand on.",
      queries: {
        taken: `sum(${grown(series("deliveries"), "1h")})`,
        "not handed on": `sum(${grown(series("deliveriesFailed"), "1h")})`,
      },
    },
    {
      title: "Lost pushes, in a day",
      description: "Pushes whose builds the look for lost pushes has started.",
      queries: { "caught up": `sum(${grown(series("caughtUpTotal"), "1d")})` },
    },
    {
      title: "Starts of builds, in an hour",
      description: "What the Sensors have started, and tries that have failed.",
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
      title: "Syncs, in an hour",
      description: "Of Argo CD, by application and how they ended.",
      queries: { "{{name}} {{phase}}": `sum by (name, phase) (${grown(series("syncs"), "1h")})` },
    },
    {
      title: "Updates of images, in an hour",
      description: "What the Image Updater has given to applications, and its errors.",
      queries: {
        "{{image_updater_cr_name}} updated": `sum by (image_updater_cr_name) (${grown(series("updated"), "1h")})`,
        "{{image_updater_cr_name}} errors": `sum by (image_updater_cr_name) (${grown(series("updateErrors"), "1h")})`,
      },
    },
  ],
};
