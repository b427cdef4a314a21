/** Prometheus' own check and unit tests of the alerts: when each fires, and when it does not. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import type { AlertRule } from "../../components/kinds/monitoring.ts";
import { alerts } from "../../components/monitoring/alerts.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import { monitored } from "../support/monitoring-args.ts";

/** Values once a minute, in promtool's notation, by series. */
type Input = Readonly<Record<string, string>>;

interface Case {
  readonly input: Input;
  /** The time of evaluation, e.g. 10m. */
  readonly at: string;
}

interface Fires extends Case {
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
}

interface Scenarios {
  readonly fires: Fires;
  readonly quiet: readonly Case[];
}

const server = (leads: string) =>
  `nats_server_jetstream_disabled{namespace="argo-events",server_name="js-0",is_meta_leader="${leads}"}`;
const sensor = (counter: string) =>
  `argo_events_action_${counter}_total{namespace="argo-events",sensor_name="shop",trigger_name="builds"}`;
const entered = (phase: string) =>
  `argo_workflows_workflowtemplate_triggered_total{namespace="ci",name="shop-web",phase="${phase}"}`;
const phase = (name: string) => `argo_workflows_gauge{phase="${name}"}`;
const podRunning = 'argo_workflows_workflow_condition{type="PodRunning",status="True"}';
const timeToLive = (suffix: string) =>
  `argo_workflows_push_to_live_seconds_${suffix}{project="shop",service="web"}`;
const application = (health: string, namespace = "argocd") =>
  `argocd_app_info{namespace="${namespace}",project="shop",name="web",health_status="${health}"}`;
const updateErrors =
  'argocd_image_updater_images_errors_total{image_updater_cr_name="shop",image_updater_cr_namespace="argocd"}';
const certificate = (cn: string) => `traefik_tls_certs_not_after{namespace="traefik",cn="${cn}"}`;

const scenarios: Readonly<Record<string, Scenarios>> = {
  EventBusWithoutQuorum: {
    fires: {
      input: { [server("false")]: "0x20", [server("true")]: "0x3 stale" },
      at: "12m",
      summary: "The event bus has no leader.",
    },
    quiet: [
      { input: { [server("false")]: "0x20", [server("true")]: "0x20" }, at: "12m" },
      // A new leader is elected.
      { input: { [server("true")]: "0x3 _x3 0x20" }, at: "12m" },
    ],
  },
  SensorFails: {
    fires: {
      input: { [sensor("failed")]: "_x5 1+1x60" },
      at: "30m",
      labels: { sensor_name: "shop" },
      summary: "Sensor shop cannot start builds.",
    },
    // One failure, after which the next attempt has started the build.
    quiet: [{ input: { [sensor("failed")]: "_x5 1x60" }, at: "21m" }],
  },
  SensorGaveUp: {
    fires: {
      // The counter's first increment, with which its series begins.
      input: { [sensor("retries_failed")]: "_x5 1x60" },
      at: "6m",
      labels: { sensor_name: "shop" },
      summary: "Sensor shop has given up on a push.",
    },
    quiet: [
      { input: { [sensor("retries_failed")]: "0x60" }, at: "6m" },
      { input: { [sensor("retries_failed")]: "1x200" }, at: "90m" },
    ],
  },
  PushesWereLost: {
    fires: {
      input: { argo_workflows_caught_up_pushes: "0x10 2x10" },
      at: "11m",
      summary: "2 pushes had started no build.",
    },
    quiet: [{ input: { argo_workflows_caught_up_pushes: "2x10 0x10" }, at: "11m" }],
  },
  CatchUpUnanswered: {
    fires: {
      input: { argo_workflows_catch_up_unanswered: "3x60" },
      at: "31m",
      summary: "Cannot check 3 services for lost pushes.",
    },
    quiet: [{ input: { argo_workflows_catch_up_unanswered: "3x20 0x60" }, at: "31m" }],
  },
  NoWorkflowController: {
    fires: { input: {}, at: "11m", summary: "No workflow controller runs builds." },
    quiet: [{ input: { 'argo_workflows_is_leader{namespace="argo"}': "1x20" }, at: "11m" }],
  },
  BuildsFail: {
    fires: {
      input: { [entered("Failed")]: "_x5 1x10 2x60", [entered("Error")]: "_x20 1x60" },
      at: "52m",
      labels: { namespace: "ci", name: "shop-web" },
      summary: "Builds of shop-web fail.",
    },
    quiet: [
      { input: { [entered("Failed")]: "_x5 1x10 2x60" }, at: "60m" },
      {
        input: { [entered("Failed")]: "_x5 1x10 2x10 3x60", [entered("Succeeded")]: "_x40 1x60" },
        at: "60m",
      },
    ],
  },
  QueueDoesNotShrink: {
    fires: {
      input: { [phase("Running")]: "5x200", [phase("Pending")]: "0x200", [podRunning]: "3x200" },
      at: "80m",
      summary: "2 builds are waiting.",
    },
    quiet: [
      // It shrinks.
      { input: { [phase("Running")]: "100-1x200", [podRunning]: "3x200" }, at: "80m" },
      // It was empty for a moment.
      { input: { [phase("Running")]: "5x40 3 5x200", [podRunning]: "3x200" }, at: "80m" },
    ],
  },
  PushToLiveIsSlow: {
    fires: {
      input: { [timeToLive("sum")]: "_x5 500x5 2000x60", [timeToLive("count")]: "_x5 1x5 2x60" },
      at: "15m",
      labels: { project: "shop", service: "web" },
      summary: "Pushes to web take 16m 40s to go live.",
    },
    quiet: [{ input: { [timeToLive("sum")]: "_x5 800x60", [timeToLive("count")]: "_x5 1x60" }, at: "15m" }],
  },
  ApplicationUnhealthy: {
    fires: {
      input: { [application("Degraded")]: "1x60" },
      at: "16m",
      labels: { project: "shop", name: "web", health_status: "Degraded" },
      summary: "Application web is Degraded.",
    },
    quiet: [
      {
        input: { [application("Degraded")]: "1x10 stale", [application("Progressing")]: "_x11 1x60" },
        at: "16m",
      },
      // An application of another Argo CD.
      { input: { [application("Degraded", "other")]: "1x60" }, at: "16m" },
    ],
  },
  ImageUpdaterFails: {
    fires: {
      input: { [updateErrors]: "0+1x100" },
      at: "40m",
      labels: { image_updater_cr_name: "shop" },
      summary: "The Image Updater cannot update images of shop.",
    },
    quiet: [{ input: { [updateErrors]: "1x100" }, at: "40m" }],
  },
  CertificateEnds: {
    fires: {
      input: { [certificate("ci.example")]: "600000x100" },
      at: "61m",
      labels: { cn: "ci.example" },
      summary: "The certificate of ci.example expires in 6d 21h 39m 0s.",
    },
    quiet: [
      { input: { [certificate("ci.example")]: "700000x100" }, at: "61m" },
      { input: { [certificate("TRAEFIK DEFAULT CERT")]: "600000x100" }, at: "61m" },
    ],
  },
};

const rules: readonly AlertRule[] = alerts(monitored()).groups.flatMap((group) => group.rules);

describe("the alerts", () => {
  const folder = mkdtempSync(join(tmpdir(), "alerts-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, value: object) => {
    const path = join(folder, name);
    writeFileSync(path, stringify(value));
    return path;
  };
  let promtool: string;
  let rulesFile: string;
  before(async () => {
    promtool = await clusterTool("promtool");
    rulesFile = file("rules.yaml", alerts(monitored()));
  });

  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: "utf8", env: {} });
    return { status, output: stdout + stderr };
  };

  it("pass Prometheus' own check, including its lint", () => {
    const { status, output } = run("check", "rules", "--lint=all", "--lint-fatal", rulesFile);
    assert.equal(status, 0, output);
  });

  it("all have a test", () => {
    assert.deepEqual(
      rules.map(({ alert }) => alert).toSorted(),
      Object.keys(scenarios)
        .map((name) => `ArgoCicd${name}`)
        .toSorted(),
    );
  });

  for (const rule of rules) {
    const { fires, quiet } = scenarios[rule.alert.replace("ArgoCicd", "")] ?? assert.fail(rule.alert);
    const test = ({ input, at }: Case, expected: readonly object[]) => ({
      interval: "1m",
      input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{ eval_time: at, alertname: rule.alert, exp_alerts: expected }],
    });
    const check = (name: string, tests: readonly object[]) => {
      const path = file(`${rule.alert}-${name}.yaml`, { rule_files: [rulesFile], tests });
      const { status, output } = run("test", "rules", path);
      assert.equal(status, 0, output);
    };

    it(`${rule.alert} fires`, () => {
      const { description } = rule.annotations;
      const reported = {
        exp_labels: { ...rule.labels, ...fires.labels },
        exp_annotations: { summary: fires.summary, description },
      };
      check("fires", [test(fires, [reported])]);
    });

    it(`${rule.alert} stays quiet`, () => {
      check(
        "quiet",
        quiet.map((one) => test(one, [])),
      );
    });
  }
});
