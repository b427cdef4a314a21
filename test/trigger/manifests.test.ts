import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventBus } from "../../components/trigger/event-bus.ts";
import { eventSource } from "../../components/trigger/event-source.ts";
import type { SensorArgs, SensorBuilds } from "../../components/trigger/sensor.ts";
import { sensor } from "../../components/trigger/sensor.ts";
import { gitTagPattern } from "../../components/names.ts";
import { branch, label, named, owner, repositoryName } from "../support/builders.ts";

const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const unprivileged = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

/** Pods with these labels on different nodes, if possible. */
function apart(matchLabels: Readonly<Record<string, string>>) {
  const podAffinityTerm = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } };
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
    },
  };
}

describe("the EventBus", () => {
  const args = { version: "2.10.10", volumeSize: "5Gi", storageClass: label("ceph-block") };
  it("of one pod keeps one copy of each message", () => {
    const sidecar = { resources: { requests: { cpu: "10m", memory: "32Mi" } }, securityContext: confined };
    assert.deepEqual(eventBus({ ...args, replicas: 1 }), {
      jetstream: {
        version: "2.10.10",
        replicas: 1,
        streamConfig: "replicas: 1\n",
        maxPayload: "8MB",
        persistence: { storageClassName: "ceph-block", accessMode: "ReadWriteOnce", volumeSize: "5Gi" },
        securityContext: unprivileged,
        containerTemplate: {
          resources: { requests: { cpu: "50m", memory: "128Mi" } },
          securityContext: confined,
        },
        reloaderContainerTemplate: sidecar,
        metricsContainerTemplate: sidecar,
      },
    });
  });

  it("of several pods keeps three copies, on different nodes", () => {
    for (const replicas of [3, 5]) {
      const { jetstream } = eventBus({ ...args, replicas });
      assert.equal(jetstream.streamConfig, "replicas: 3\n");
      assert.deepEqual(
        jetstream.affinity,
        apart({ controller: "eventbus-controller", "eventbus-name": "default" }),
      );
    }
  });
});

describe("the EventSource", () => {
  it("has an event for each project, checks signatures and holds no token", () => {
    const project = (name: string, port: number, ...repositories: string[]) => ({
      name: label(name),
      owner: owner("acme"),
      repositories: repositories.map((one) => ({ name: repositoryName(one), events: ["push"] as const })),
      webhook: { url: `https://ci.example/${name}`, path: `/${name}`, port },
    });
    assert.deepEqual(
      eventSource({
        serviceAccount: label("source"),
        replicas: 1,
        signingKey: { secret: label("github-webhook"), key: "secret", version: 2 },
        projects: [project("shop", 12001, "web", "api")],
      }),
      {
        replicas: 1,
        template: {
          metadata: { annotations: { "argo-cicd/key-version": "2" } },
          serviceAccountName: "source",
          securityContext: unprivileged,
          container: {
            resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
            securityContext: confined,
          },
        },
        github: {
          shop: {
            webhook: {
              endpoint: "/shop",
              port: "12001",
              method: "POST",
              url: "https://ci.example/shop",
              maxPayloadSize: 5242880,
            },
            repositories: [{ owner: "acme", names: ["web", "api"] }],
            events: ["push"],
            webhookSecret: { name: "github-webhook", key: "secret" },
            contentType: "json",
            active: true,
          },
        },
      },
    );
  });

  it("of several pods prefers different nodes", () => {
    const signingKey = { secret: label("github-webhook"), key: "secret", version: 1 };
    const { template } = eventSource({
      serviceAccount: label("source"),
      replicas: 2,
      signingKey,
      projects: [],
    });
    assert.deepEqual(
      template.affinity,
      apart({
        controller: "eventsource-controller",
        "eventsource-name": "github",
        "owner-name": "github",
      }),
    );
  });
});

function args(started: SensorBuilds[]): SensorArgs {
  return {
    serviceAccount: label("sensor"),
    replicas: 1,
    eventSource: label("github"),
    event: label("shop"),
    owner: owner("acme"),
    branch: branch("release/1.x"),
    builds: started,
  };
}

function builds(differences: Partial<SensorBuilds>): SensorBuilds {
  return {
    name: "build",
    namespace: label("ci"),
    repositories: [{ name: repositoryName("web"), reportedAs: "argo-cicd/test" }],
    template: undefined,
    paths: [],
    gitTags: undefined,
    ...differences,
  };
}

describe("the Sensor", () => {
  const spec = sensor(
    args([
      builds({ repositories: [{ name: repositoryName("web.js"), reportedAs: "argo-cicd/test" }] }),
      builds({ name: "build-buildkit", repositories: [] }),
    ]),
  );

  it("accepts the push of a commit to the branch of its repositories, and matches full names", () => {
    assert.deepEqual(spec.dependencies, [
      {
        name: "build",
        eventSourceName: "github",
        eventName: "shop",
        filters: {
          data: [
            { path: "body.X-GitHub-Event", type: "string", value: ["^push$"] },
            { path: "body.X-GitHub-Delivery", type: "string", value: ["^[0-9A-Fa-f-]{36}$"] },
            { path: "headers.X-Hub-Signature-256.0", type: "string", value: ["^sha256=[0-9a-f]{64}$"] },
            { path: "body.ref", type: "string", value: ["^refs/heads/release/1\\.x$"] },
            {
              path: "body.head_commit.message",
              type: "string",
              value: ["\\[(skip ci|ci skip)\\]"],
              comparator: "!=",
            },
            { path: "body.deleted", type: "bool", value: ["false"] },
            { path: "body.after", type: "string", value: ["^[0-9a-f]{40}$"] },
            { path: "body.after", type: "string", value: ["^0{40}$"], comparator: "!=" },
            { path: "body.repository.full_name", type: "string", value: ["(?i)^acme/web\\.js$"] },
          ],
        },
      },
    ]);
  });

  it("runs confined, with its own account", () => {
    assert.deepEqual(spec, {
      dependencies: spec.dependencies,
      triggers: spec.triggers,
      replicas: 1,
      template: {
        serviceAccountName: "sensor",
        securityContext: unprivileged,
        container: {
          resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
          securityContext: confined,
        },
      },
    });
  });

  it("starts the repository's template with the commit, at least once, under one name for each delivery", () => {
    const object =
      '(splitList "/" .Input.body.repository.full_name | last | lower | replace "." "-" | replace "_" "-" | trimAll "-")';
    const parameter = (dataTemplate: string, dest: string) => ({
      src: { dependencyName: "build", dataTemplate },
      dest,
    });
    const workflow = `{{ $name := ${object} }}${cut}{{ printf "%s-%s-%s" $name (trunc 12 .Input.body.after) (index .Input.body "X-GitHub-Delivery" | lower | trunc 8) }}`;
    assert.deepEqual(spec.triggers, [
      {
        atLeastOnce: true,
        retryStrategy: { steps: 400, duration: "10s", factor: 1, jitter: 0.2 },
        template: {
          name: "build",
          conditions: "build",
          k8s: {
            operation: "patch",
            source: {
              resource: {
                apiVersion: "argoproj.io/v1alpha1",
                kind: "Workflow",
                metadata: { name: "", namespace: "ci" },
                spec: {
                  workflowTemplateRef: { name: "" },
                  arguments: { parameters: [{ name: "commit", value: "" }] },
                },
              },
            },
            parameters: [
              parameter(workflow, "metadata.name"),
              parameter(`{{ ${object} }}`, "spec.workflowTemplateRef.name"),
              parameter("{{ .Input.body.after }}", "spec.arguments.parameters.0.value"),
            ],
          },
        },
        dlqTrigger: {
          atLeastOnce: true,
          retryStrategy: { steps: 1440, duration: "1m", factor: 1, jitter: 0.2 },
          template: {
            name: "build-dead-letter",
            k8s: {
              operation: "create",
              source: {
                resource: {
                  apiVersion: "v1",
                  kind: "ConfigMap",
                  metadata: { name: "", labels: { "argo-cicd/dead-letter": "true" } },
                  data: { delivery: "", replay: "" },
                },
              },
              parameters: [
                parameter(`dead-letter-${workflow}`, "metadata.name"),
                parameter('{{ index .Input.body "X-GitHub-Delivery" }}', "data.delivery"),
                parameter(
                  `argo submit --namespace ci --from workflowtemplate/{{ ${object} }} --parameter commit={{ .Input.body.after }}`,
                  "data.replay",
                ),
              ],
            },
          },
        },
      },
    ]);
  });
});

/** Two templates with the same first 41 characters get different names of Workflows. */
const cut =
  '{{ if gt (len $name) 41 }}{{ $name = printf "%s-%s" (trunc 32 $name) (sha256sum $name | trunc 8) }}{{ end }}';

describe("the Sensor of a service", () => {
  const [dependency, tagged] = sensor(
    args([
      builds({ name: "service-worker", template: label("worker"), paths: ["services/worker", "go.mod"] }),
      builds({
        name: "git-tag-service-worker",
        template: label("worker"),
        gitTags: named(gitTagPattern, "v*"),
      }),
    ]),
  ).dependencies;

  it("accepts a push that changes its paths, or that does not list all of its changes", () => {
    assert.deepEqual(dependency?.filters.data[5], {
      path: "body.[forced,created,commits.#,commits.#.added,commits.#.modified,commits.#.removed]",
      type: "string",
      value: [
        "^\\[true",
        "^\\[[a-z]+,true",
        "^\\[[a-z]+,[a-z]+,(204[89]|20[5-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3}|[0-9]{5,}),",
        ",\\[\\],\\[\\],\\[\\]\\]$",
        '"services/worker(/|")',
        '"go\\.mod(/|")',
      ],
    });
  });

  it("accepts a git tag that matches the stack's pattern, whatever it changes", () => {
    assert.deepEqual(tagged?.filters.data.slice(3, 6), [
      { path: "body.ref", type: "string", value: ["^refs/tags/v[A-Za-z0-9_.-]*$"] },
      {
        path: "body.ref",
        type: "string",
        value: ["^refs/tags/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"],
      },
      { path: "body.head_commit.id", type: "string", value: ["^[0-9a-f]{40}$"] },
    ]);
  });

  it("starts its own template, and passes a git tag and its commit", () => {
    const [pushed, onTag] = sensor(
      args([
        builds({ template: label("worker") }),
        builds({ template: label("worker"), gitTags: named(gitTagPattern, "v*") }),
      ]),
    ).triggers.map(({ template }) => template.k8s);
    const delivery = '(index .Input.body "X-GitHub-Delivery" | lower | trunc 8)';
    const filled = (k8s: typeof pushed) => k8s?.parameters.map(({ src, dest }) => [dest, src.dataTemplate]);
    assert.deepEqual(filled(pushed), [
      [
        "metadata.name",
        `{{ $name := "worker" }}${cut}{{ printf "%s-%s-%s" $name (trunc 12 .Input.body.after) ${delivery} }}`,
      ],
      ["spec.workflowTemplateRef.name", '{{ "worker" }}'],
      ["spec.arguments.parameters.0.value", "{{ .Input.body.after }}"],
    ]);
    assert.deepEqual(filled(onTag), [
      [
        "metadata.name",
        `{{ $name := "worker" }}${cut}{{ printf "%s-%s-%s" $name (trunc 12 .Input.body.head_commit.id) ${delivery} }}`,
      ],
      ["spec.workflowTemplateRef.name", '{{ "worker" }}'],
      ["spec.arguments.parameters.0.value", "{{ .Input.body.head_commit.id }}"],
      ["spec.arguments.parameters.1.value", '{{ trimPrefix "refs/tags/" .Input.body.ref }}'],
    ]);
    const given = (k8s: typeof pushed) => k8s?.source.resource.spec.arguments.parameters;
    assert.deepEqual(given(pushed), [{ name: "commit", value: "" }]);
    assert.deepEqual(given(onTag), [
      { name: "commit", value: "" },
      { name: "tag", value: "" },
    ]);
  });
});
