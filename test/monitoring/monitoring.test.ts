/** What Prometheus scrapes, and what the alerts and the dashboard use. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { catchUpTemplate } from "../../components/builds/catch-up.ts";
import { alerts } from "../../components/monitoring/alerts.ts";
import { controllerPrefix, grown, metrics } from "../../components/monitoring/metrics.ts";
import { podMonitors } from "../../components/monitoring/pod-monitors.ts";
import { dashboard } from "../../tools/docs/dashboard.ts";
import { template } from "../support/build-template.ts";
import { label } from "../support/builders.ts";
import { catchUp } from "../support/catch-up-args.ts";
import { declaredFiles, root, smallConfig } from "../support/declare.ts";
import { monitored } from "../support/monitoring-args.ts";

const everywhere = monitored();
const nowhere = monitored({
  namespaces: { ...everywhere.namespaces, registry: undefined, ingress: undefined },
  catchUpEvery: undefined,
  pushToLive: undefined,
});

const alertNames = (args: typeof everywhere) =>
  alerts(args).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

describe("the PodMonitors", () => {
  const endpoint = { path: "/metrics", interval: "30s", honorLabels: true };
  const named = (name: string, namespace: string, port: string) => ({
    name,
    namespace,
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      podMetricsEndpoints: [{ port, ...endpoint }],
    },
  });
  const updater = named("argocd-image-updater", "argocd", "health");
  const parts = [
    named("argo-workflows-workflow-controller", "argo", "metrics"),
    {
      name: "argo-events",
      namespace: "argo-events",
      spec: {
        selector: {
          matchExpressions: [
            {
              key: "controller",
              operator: "In",
              values: ["eventbus-controller", "eventsource-controller", "sensor-controller"],
            },
          ],
        },
        podMetricsEndpoints: [{ port: "metrics", ...endpoint }],
      },
    },
    named("argocd-application-controller", "argocd", "metrics"),
    {
      ...updater,
      spec: {
        ...updater.spec,
        podMetricsEndpoints: [
          {
            port: "health",
            ...endpoint,
            relabelings: [
              {
                sourceLabels: ["__address__"],
                regex: "(.+):[0-9]+",
                targetLabel: "__address__",
                replacement: "$1:8443",
              },
            ],
          },
        ],
      },
    },
  ];

  it("are one for each component of a stack", () => {
    assert.deepEqual(podMonitors(everywhere), [
      ...parts,
      named("zot", "registry", "zot"),
      named("traefik", "traefik", "metrics"),
    ]);
  });

  it("are absent for addons that a stack does not have", () => {
    assert.deepEqual(podMonitors(nowhere), parts);
  });
});

describe("the alerts", () => {
  it("are absent for options that a stack does not have", () => {
    const without = ["PushesWereLost", "CatchUpUnanswered", "PushToLiveIsSlow", "CertificateEnds"];
    assert.deepEqual(
      alertNames(nowhere),
      alertNames(everywhere).filter((name) => !without.some((one) => name === `ArgoCicd${one}`)),
    );
  });

  it("fire for a slow delivery at the stack's threshold", () => {
    const rules = alerts(monitored({ pushToLive: 1200 })).groups.flatMap((group) => group.rules);
    const slow = rules.find(({ alert }) => alert === "ArgoCicdPushToLiveIsSlow");
    assert.match(slow?.expr ?? "", / > 1200$/);
    assert.match(slow?.annotations.description ?? "", /above 20m /);
  });

  it("are those that the documentation lists", () => {
    const text = readFileSync(join(root, "docs/monitoring.md"), "utf8");
    assert.deepEqual(
      [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name),
      alertNames(everywhere),
    );
  });

  it("count the first value of a new series", () => {
    assert.equal(grown('a{b="c"}', "1h"), '((a{b="c"} unless a{b="c"} offset 1h) or increase(a{b="c"}[1h]))');
  });
});

describe("the metrics", () => {
  const delivered = {
    tag: "main",
    registry: "registry.example",
    path: "team/web",
    applications: [label("shop")],
    byCommit: [],
    withWindows: [],
    namespace: label("argocd"),
    environmentUrl: undefined,
  };
  const expressions = [
    ...alerts(everywhere).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...[...JSON.stringify(dashboard()).matchAll(/"expr":"((?:[^"\\]|\\.)*)"/g)].map(([, expr = ""]) =>
      String(JSON.parse(`"${expr}"`)),
    ),
  ];
  const declared: readonly string[] = Object.values(metrics).map(({ name }) => name);

  it("that the alerts and the dashboard use are exactly the declared ones", () => {
    const used = new Set(expressions.flatMap(metricsIn));
    assert.deepEqual([...used].toSorted(), declared.toSorted());
  });

  it("of builds have the names that builds set", () => {
    const all = [...catchUpTemplate(catchUp()).templates, ...template({}, { delivered }).templates];
    const made = all.flatMap((one) => ("metrics" in one ? one.metrics.prometheus : []));
    assert.deepEqual(
      made.map(({ name }) => `${controllerPrefix}${name}`).toSorted(),
      Object.values(metrics)
        .filter(({ source }) => source.startsWith("components/"))
        .map(({ name }) => name)
        .toSorted(),
    );
  });
});

/** The metrics in an expression, without functions, keywords, labels and values. A histogram's parts count as one. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\b(sum|max|min) by \([^)]*\)/g, "")
    .replace(/\[[^\]]*\]/g, "");
  const words = [...bare.matchAll(/\b[a-z_][a-z0-9_]*\b(?! ?\()/g)].map(([word]) => word);
  return words
    .filter((word) => !["and", "or", "unless", "offset"].includes(word))
    .map((word) => word.replace(/(_seconds)_(sum|count)$/, "$1"));
}

describe("a stack", () => {
  const monitoringFiles = async (monitoring: object) =>
    [...(await declaredFiles(smallConfig({ monitoring }), "small")).keys()].filter((file) =>
      /PodMonitor|PrometheusRule|dashboard/.test(file),
    );

  it("has no monitoring unless enabled", async () => {
    assert.deepEqual(await monitoringFiles({}), []);
    assert.deepEqual(await monitoringFiles({ enabled: false, labels: { release: "prometheus" } }), []);
  });

  it("has PodMonitors in the namespaces of the pods, and alerts and dashboard in that of the workflow controller", async () => {
    assert.deepEqual(await monitoringFiles({ enabled: true }), [
      "argo-events/PodMonitor-argo-events.yaml",
      "argo/ConfigMap-argo-cicd-dashboard.yaml",
      "argo/PodMonitor-argo-workflows-workflow-controller.yaml",
      "argo/PrometheusRule-argo-cicd.yaml",
      "argocd/PodMonitor-argocd-application-controller.yaml",
      "argocd/PodMonitor-argocd-image-updater.yaml",
    ]);
  });
});
