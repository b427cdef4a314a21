import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { eventBus, jetStreamVersion } from "./event-bus.ts";
import { eventSource } from "./event-source.ts";
import { makeRoutes } from "./routes.ts";
import { grantSensors, restrictSensors } from "./rights.ts";
import { metricsService } from "./metrics-service.ts";
import { sensor } from "./sensor.ts";
import {
  eventBusLabels,
  eventBusName,
  eventSourceLabels,
  eventSourceName,
  sensorLabels,
} from "../kinds/event-pods.ts";
import type { Labels } from "../kinds/kubernetes.ts";
import type { TriggerArgs } from "./args.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import { pushWebhookSecret } from "../derived-names.ts";
import { generateKey } from "../kinds/generated-key.ts";
import type { Child } from "../kinds/resources.ts";
import { EventBus, EventSource, Sensor } from "../kinds/resources.ts";
import type { GitHubProviders } from "../kinds/webhook.ts";
import { organizationWebhook, repositoryWebhook } from "../kinds/webhook.ts";

/** Inputs from other components. */
export interface TriggerInputs {
  readonly github: GitHubProviders;
  /** What a push starts. The Sensors wait for it, but the bus does not. */
  readonly builds: pulumi.Resource;
}

const sourceAccount = dnsLabelOf("github-eventsource");
const sensorAccount = dnsLabelOf("github-sensor");

/** The Secret with the key that signs deliveries, and the field of that key. */
const signingKey = { secret: pushWebhookSecret, field: "secret" };

/**
 * Starts a Workflow for a push to GitHub: EventBus, EventSource and Sensors, the Ingress, and a webhook for each
 * repository or organization.
 */
export class Trigger extends pulumi.ComponentResource {
  constructor(name: string, args: TriggerArgs & TriggerInputs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Trigger", name, {}, opts);
    const child = { parent: this };
    const { namespace, keyVersion, projects } = args;
    const key = generateKey("webhook-key", { ...signingKey, namespace, version: keyVersion }, child);
    const bus = makeEventBus(args, child);
    const ready = (name: string, labels: Labels, made: pulumi.Resource[]) =>
      metricsService(name, namespace, labels, { ...child, dependsOn: made });
    // The pods of the bus start while the builds are created: both take the longest. All that follows waits for them.
    const running = ready("eventbus-metrics", eventBusLabels, [bus, args.builds]);
    const sensors = makeSensors(args, running, child);
    const listening = projects.length === 0 ? [] : [ready("sensor-metrics", sensorLabels, sensors)];
    // An EventSource without events never becomes ready.
    const source = projects.length === 0 ? [] : [makeEventSource(args, [running, key.secret], child)];
    const routes = makeRoutes(args, { ...child, dependsOn: source });
    // GitHub pings a new webhook at once, so the listener is created first. So are the Sensors, since a JetStream
    // consumer receives only events that arrive after its creation.
    makeWebhooks(args, key.value, [...listening, ...source, ...routes], child);
    this.registerOutputs({});
  }
}

function makeEventBus(
  { namespace, bus, highAvailability, deletable }: TriggerArgs,
  opts: Child,
): pulumi.Resource {
  if (highAvailability) disruptionBudget("eventbus", namespace, eventBusLabels, opts);
  return new EventBus(
    eventBusName,
    {
      metadata: { name: eventBusName, namespace, annotations: untilDeployed },
      spec: eventBus({ ...bus, version: jetStreamVersion }),
    },
    { ...opts, ...(deletable ? {} : { protect: true }) },
  );
}

/**
 * Makes `up` wait until the controller has deployed the object. `condition=Deployed` means the same, but with it the
 * provider warns that a new object has no conditions yet.
 */
const untilDeployed = {
  "pulumi.com/waitFor": 'jsonpath={.status.conditions[?(@.type=="Deployed")].status}=True',
};

function makeSensors(args: TriggerArgs, bus: pulumi.Resource, opts: Child): pulumi.Resource[] {
  const { namespace, buildNamespaces, highAvailability, admissionPolicies } = args;
  const account = serviceAccount(sensorAccount, namespace, true, opts);
  const grants = grantSensors({ namespace, name: sensorAccount }, buildNamespaces, opts);
  if (admissionPolicies) restrictSensors({ namespace, name: sensorAccount }, opts);
  const dependsOn = [bus, account, ...grants];
  return args.projects.map(({ name, owner, branch, app, builds }) => {
    const spec = sensor({
      ...{ owner, branch, app, builds },
      serviceAccount: sensorAccount,
      // A majority of all replicas elects the active one, so one of two could not replace the other.
      replicas: highAvailability ? 3 : 1,
      eventSource: eventSourceName,
      event: name,
    });
    const metadata = { name, namespace, annotations: untilDeployed };
    return new Sensor(name, { metadata, spec }, { ...opts, dependsOn });
  });
}

function makeEventSource(args: TriggerArgs, after: pulumi.Resource[], opts: Child): pulumi.Resource {
  const { namespace, projects, app, keyVersion, highAvailability } = args;
  const account = serviceAccount(sourceAccount, namespace, false, opts);
  if (highAvailability) disruptionBudget("eventsource", namespace, eventSourceLabels, opts);
  const spec = eventSource({
    serviceAccount: sourceAccount,
    replicas: highAvailability ? 2 : 1,
    signingKey: { secret: signingKey.secret, key: signingKey.field, version: keyVersion },
    projects,
    app,
  });
  const metadata = { name: eventSourceName, namespace, annotations: untilDeployed };
  return new EventSource(eventSourceName, { metadata, spec }, { ...opts, dependsOn: [...after, account] });
}

function makeWebhooks(
  { projects, github }: TriggerArgs & TriggerInputs,
  key: pulumi.Output<string>,
  after: pulumi.Resource[],
  opts: Child,
): void {
  const made = { ...opts, dependsOn: after };
  for (const { name: project, owner, repositories, webhook } of projects) {
    const args = { owner, url: webhook.url, key };
    const events = [...new Set(repositories.flatMap((one) => one.events))];
    if (webhook.organization) organizationWebhook(project, { ...args, events }, github, made);
    else
      for (const one of repositories)
        repositoryWebhook(one.name, { ...args, events: one.events, repository: one.name }, github, made);
  }
}

function serviceAccount(name: DnsLabel, namespace: DnsLabel, token: boolean, opts: Child): pulumi.Resource {
  const metadata = { name, namespace };
  return new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: token }, opts);
}

/** Lets the drain of nodes evict one of the pods at a time. */
function disruptionBudget(name: string, namespace: DnsLabel, matchLabels: Labels, opts: Child): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    { metadata: { name, namespace }, spec: { maxUnavailable: 1, selector: { matchLabels } } },
    opts,
  );
}
