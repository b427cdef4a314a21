/** Cases for the policies of objects outside of pods. */
import * as pulumi from "@pulumi/pulumi";
import type { Cases } from "./objects.ts";
import { container, object, template } from "./objects.ts";

const secret = (value: unknown) => ({
  [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
  value,
});
const webhook = (configuration: object) => [object({ kind: "RepositoryWebhook", configuration })];
const ofOrganization = (configuration: object) => [object({ kind: "OrganizationWebhook", configuration })];
const source = (event: object) => [object({ kind: "EventSource", spec: { github: { shop: event } } })];
const service = (spec: object) => [object({ kind: "Service", spec })];
const ingress = (spec: object, annotations = {}) => [
  object({ kind: "Ingress", metadata: { annotations }, spec }),
];
const release = (content: object) => [object({ kind: "Release", ...content })];
const cron = (spec: object) => [object({ kind: "CronWorkflow", spec })];
const project = (spec: object) => [object({ kind: "AppProject", spec })];
const namespace = (labels: object) => [object({ kind: "Namespace", metadata: { labels } })];
const networkPolicy = (namespace: string, spec: object) =>
  object({ kind: "NetworkPolicy", metadata: { namespace }, spec });
const deny = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const reaches = (...blocks: object[]) => [
  networkPolicy("one", { ...deny, egress: [{ to: blocks.map((ipBlock) => ({ ipBlock })) }] }),
];
const notClosed = ["has no default-deny policy"];
const level = "pod-security.kubernetes.io/enforce";

export const places: Readonly<Record<string, Cases>> = {
  "exposed-service": {
    kept: [service({ type: "ClusterIP" }), service({})],
    broken: [
      [service({ type: "NodePort" }), ["of type NodePort"]],
      [
        service({ type: "LoadBalancer", externalIPs: ["192.0.2.1"] }),
        ["of type LoadBalancer", "on 192.0.2.1"],
      ],
    ],
  },
  "ingress-tls": {
    kept: [ingress({ rules: [{ host: "a" }], tls: [{ hosts: ["a"], secretName: "s" }] })],
    broken: [
      [ingress({ rules: [{ host: "a" }, {}] }), ["no certificate for a", "no certificate for any host"]],
      [ingress({ rules: [{ host: "a" }], tls: [{ hosts: ["a"] }] }), ["no certificate for a"]],
    ],
  },
  "no-ingress-snippets": {
    kept: [ingress({}, { "nginx.ingress.kubernetes.io/proxy-body-size": "6m" })],
    broken: [
      [
        ingress({}, { "nginx.ingress.kubernetes.io/auth-snippet": "x" }),
        ["nginx.ingress.kubernetes.io/auth-snippet"],
      ],
    ],
  },
  "signed-webhook": {
    kept: [webhook({ secret: "x" }), source({ webhookSecret: { name: "s", key: "k" } })],
    broken: [
      [webhook({}), ["has no secret"]],
      [ofOrganization({}), ["has no secret"]],
      [source({}), ["shop has no webhookSecret"]],
    ],
  },
  "webhook-by-tls": {
    kept: [webhook({ url: "https://a", insecureSsl: false })],
    broken: [
      [webhook({ url: "https://a", insecureSsl: true }), ["does not verify the certificate"]],
      [webhook({ url: "http://a", insecureSsl: false }), ["is sent over plain HTTP"]],
      [ofOrganization({ url: "http://a", insecureSsl: false }), ["is sent over plain HTTP"]],
    ],
  },
  "closed-namespace": {
    kept: [
      namespace({}),
      [...namespace({}), networkPolicy("one", deny)],
      [...namespace({}), networkPolicy("one", deny), networkPolicy("one", { ...deny, egress: [{}] })],
    ],
    broken: [
      [[...namespace({}), networkPolicy("two", deny)], notClosed],
      [[...namespace({}), networkPolicy("one", { ...deny, policyTypes: ["Ingress"] })], notClosed],
      [[...namespace({}), networkPolicy("one", { ...deny, egress: [{}] })], notClosed],
      [
        [...namespace({}), networkPolicy("one", { ...deny, podSelector: { matchLabels: { a: "b" } } })],
        notClosed,
      ],
    ],
  },
  "no-cloud-metadata": {
    kept: [
      [networkPolicy("one", { ...deny, egress: [{ to: [{ namespaceSelector: {} }] }] })],
      reaches({ cidr: "10.0.0.0/8" }, { cidr: "fd00:1::/64" }),
      reaches({ cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "100.64.0.0/10", "168.63.129.16/32"] }),
    ],
    broken: [
      [
        reaches({ cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "100.64.0.0/10"] }),
        ["lets pods reach 168.63.129.16"],
      ],
      [
        reaches({ cidr: "169.254.0.0/16" }, { cidr: "::/0" }),
        ["lets pods reach 169.254.169.254", "lets pods reach fd00:ec2::254"],
      ],
    ],
  },
  "marked-secrets": {
    kept: [
      [object({ kind: "Secret", stringData: secret({ a: "b" }) })],
      [object({ kind: "Secret", data: { a: secret("b") } })],
      webhook(secret({ secret: "x" })),
    ],
    broken: [
      [[object({ kind: "Secret", stringData: { a: "b" } })], ["stringData is not marked"]],
      [webhook({ secret: "x" }), ["configuration is not marked"]],
      [ofOrganization({ secret: "x" }), ["configuration is not marked"]],
    ],
  },
  "no-secret-in-clear": {
    kept: [[object({ kind: "ConfigMap", data: { a: secret("<secrets.githubToken>"), b: "<html>" } })]],
    broken: [
      [[object({ kind: "ConfigMap", data: { a: "x<secrets.githubToken>" } })], ["data.a"]],
      [container({ env: [{ name: "A", value: "<RandomPassword key>" }] }), ["spec.containers.0.env.0.value"]],
    ],
  },
  deadline: {
    kept: [
      template({ container: {}, activeDeadlineSeconds: 600 }),
      template({ container: {} }, { activeDeadlineSeconds: 600 }),
      template({ steps: [] }),
      container({}),
    ],
    broken: [[template({ container: {} }), ["template t: no deadline"]]],
  },
  "clean-up": {
    kept: [template({}, { ttlStrategy: { secondsAfterCompletion: 1 }, podGC: { strategy: "OnPodSuccess" } })],
    broken: [[template({}), ["Workflows are never deleted", "pods are never deleted"]]],
  },
  "no-overlap": {
    kept: [cron({ concurrencyPolicy: "Forbid" })],
    broken: [[cron({}), ["runs may overlap"]]],
  },
  "limited-retries": {
    kept: [
      template({ retryStrategy: { limit: 2 } }),
      template({ retryStrategy: { limit: "0" } }),
      template({}),
    ],
    broken: [[template({ retryStrategy: {} }), ["template t: retries without a limit"]]],
  },
  "pod-security": {
    kept: [namespace({ [level]: "baseline" }), namespace({ [level]: "restricted" })],
    broken: [
      [namespace({}), ["enforces no level"]],
      [namespace({ [level]: "privileged" }), ["enforces privileged"]],
    ],
  },
  "bounded-project": {
    kept: [project({ sourceRepos: ["https://a"], destinations: [{ namespace: "a", server: "b" }] })],
    broken: [
      [
        project({
          sourceRepos: ["*"],
          destinations: [{ namespace: "*" }],
          clusterResourceWhitelist: [{ group: "*", kind: "*" }],
        }),
        ["sourceRepos: *", "destinations: *", "clusterResourceWhitelist: *"],
      ],
    ],
  },
  "own-project": {
    kept: [[object({ kind: "Application", spec: { project: "shop" } })]],
    broken: [
      [[object({ kind: "Application", spec: { project: "default" } })], ["has no AppProject of its own"]],
      [[object({ kind: "Application", spec: {} })], ["has no AppProject of its own"]],
    ],
  },
  "pinned-chart": {
    kept: [release({ version: "1.2.3" }), release({ version: "v1.2.3-rc.1" })],
    broken: [
      [release({ version: "^1.2.3" }), ["version ^1.2.3"]],
      [release({}), ["version is missing"]],
    ],
  },
  "chart-by-tls": {
    kept: [release({ chart: "a", repositoryOpts: { repo: "https://a" } }), release({ chart: "oci://a/b" })],
    broken: [
      [release({ chart: "a", repositoryOpts: { repo: "http://a" } }), ["from http://a"]],
      [release({ chart: "./a" }), ["from ./a"]],
    ],
  },
};
