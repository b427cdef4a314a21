import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { jetStreamVersion } from "./charts.ts";
import { eventBus, eventBusLabels, eventBusName } from "./manifests/event-bus.ts";
import { eventSource, eventSourceLabels, eventSourceName } from "./manifests/event-source.ts";
import { bodySizeAnnotation, listenerIngress, listenerService } from "./manifests/exposure.ts";
import type { Listener } from "./manifests/exposure.ts";
import { startBuilds } from "./manifests/roles.ts";
import { sensor } from "./manifests/sensor.ts";
import type { SensorBuilds } from "./manifests/sensor.ts";
import type { IngressRules } from "./manifests/types/ingress.ts";
import type { Branch, DnsLabel, Owner, RepositoryName } from "./names.ts";
import { label } from "./names.ts";
import { EventBus, EventSource, Sensor } from "./resources/argo.ts";

export interface TriggerArgs {
  readonly namespace: DnsLabel;
  readonly bus: { readonly replicas: number; readonly volumeSize: string; readonly storageClass: DnsLabel };
  readonly highAvailability: boolean;
  readonly ingress: IngressRules;
  /** Raised to replace the key that signs deliveries. */
  readonly keyVersion: number;
  /** Those that have a repository. */
  readonly projects: readonly TriggeredProject[];
  /** The namespaces in which builds run. */
  readonly buildNamespaces: readonly DnsLabel[];
  readonly github: ReadonlyMap<Owner, github.Provider>;
}

export interface TriggeredProject {
  readonly name: DnsLabel;
  readonly owner: Owner;
  readonly branch: Branch;
  readonly webhook: {
    readonly url: string;
    readonly host: string;
    readonly path: string;
    readonly port: number;
    readonly nodePort: number | undefined;
  };
  readonly repositories: readonly { readonly name: RepositoryName }[];
  readonly builds: readonly SensorBuilds[];
}

type Child = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

const sourceAccount = label("github-eventsource");
const sensorAccount = label("github-sensor");

/** The Secret of the key that signs deliveries, and its only key. */
const signingKey = { secret: label("github-webhook"), key: "secret" };

/** From GitHub's push to the Workflow: bus, source and sensors, the way in, and a webhook at each repository. */
export class Trigger extends pulumi.ComponentResource {
  constructor(name: string, args: TriggerArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Trigger", name, {}, opts);
    const child = { parent: this };
    const key = new random.RandomPassword(
      "webhook-key",
      { length: 64, special: false, keepers: { version: args.keyVersion.toString() } },
      child,
    );
    const keySecret = signingKeySecret(args.namespace, key.result, child);
    const bus = makeEventBus(args, child);
    const sensors = makeSensors(args, bus, child);
    // After the sensors: JetStream gives a consumer only what comes after it was made.
    const source = makeEventSource(args, [...sensors, keySecret], child);
    const doors = makeDoors(args, child);
    // GitHub pings a new webhook at once, so the listener stands before it.
    makeWebhooks(args, key.result, [source, ...doors], child);
    this.registerOutputs({});
  }
}

function signingKeySecret(
  namespace: DnsLabel,
  key: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    "webhook-key",
    { metadata: { name: signingKey.secret, namespace }, stringData: { [signingKey.key]: key } },
    opts,
  );
}

function makeEventBus({ namespace, bus, highAvailability }: TriggerArgs, opts: Child): pulumi.Resource {
  if (highAvailability) disruptionBudget("eventbus", namespace, eventBusLabels, opts);
  return new EventBus(
    eventBusName,
    {
      metadata: { name: eventBusName, namespace, annotations: untilDeployed },
      spec: eventBus({ ...bus, version: jetStreamVersion }),
    },
    opts,
  );
}

/** Makes `up` wait until the controller has deployed the object, and fail with its reason if it cannot. */
const untilDeployed = { "pulumi.com/waitFor": "condition=Deployed" };

function makeSensors(args: TriggerArgs, bus: pulumi.Resource, opts: Child): pulumi.Resource[] {
  const { namespace, buildNamespaces, highAvailability } = args;
  const account = serviceAccount(sensorAccount, namespace, true, opts);
  const grants = buildNamespaces.map((one) => grantStart(one, namespace, opts));
  const dependsOn = [bus, account, ...grants];
  return args.projects.map(({ name, ...project }) => {
    const spec = sensor({
      ...project,
      serviceAccount: sensorAccount,
      // The second stands by until the first is gone.
      replicas: highAvailability ? 2 : 1,
      eventSource: eventSourceName,
      event: name,
    });
    const metadata = { name, namespace, annotations: untilDeployed };
    return new Sensor(name, { metadata, spec }, { ...opts, dependsOn });
  });
}

/** Lets the Sensors start builds in one namespace. */
function grantStart(namespace: DnsLabel, accountNamespace: DnsLabel, opts: Child): pulumi.Resource {
  const metadata = { name: "start-builds", namespace };
  const role = new k8s.rbac.v1.Role(`start-builds-${namespace}`, { metadata, rules: startBuilds }, opts);
  return new k8s.rbac.v1.RoleBinding(
    `start-builds-${namespace}`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: sensorAccount, namespace: accountNamespace }],
    },
    opts,
  );
}

function makeEventSource(args: TriggerArgs, after: pulumi.Resource[], opts: Child): pulumi.Resource {
  const { namespace, projects, keyVersion, highAvailability } = args;
  const account = serviceAccount(sourceAccount, namespace, false, opts);
  if (highAvailability) disruptionBudget("eventsource", namespace, eventSourceLabels, opts);
  const spec = eventSource({
    serviceAccount: sourceAccount,
    replicas: highAvailability ? 2 : 1,
    signingKey: { ...signingKey, version: keyVersion },
    projects,
  });
  const metadata = { name: eventSourceName, namespace, annotations: untilDeployed };
  return new EventSource(eventSourceName, { metadata, spec }, { ...opts, dependsOn: [...after, account] });
}

/** The ways in: through the Ingress, or for projects that name one on a port of every node. */
function makeDoors({ namespace, projects, ingress }: TriggerArgs, opts: Child): pulumi.Resource[] {
  const listeners = projects.map(({ name, webhook }): Listener => ({ name, ...webhook }));
  const inside = listeners.filter(({ nodePort }) => nodePort === undefined);
  const outside = listeners.filter(({ nodePort }) => nodePort !== undefined);
  return [
    ...(inside.length > 0 ? ingressDoor(namespace, inside, ingress, opts) : []),
    ...(outside.length > 0 ? [service("github-webhook-nodeport", namespace, outside, "NodePort", opts)] : []),
  ];
}

function ingressDoor(
  namespace: DnsLabel,
  listeners: readonly Listener[],
  ingress: IngressRules,
  opts: Child,
): pulumi.Resource[] {
  const name = "github-webhook";
  // Does not wait for an address: some ingress controllers never write one.
  const annotations = { ...bodySizeAnnotation, "pulumi.com/skipAwait": "true", ...ingress.annotations };
  return [
    service(name, namespace, listeners, "ClusterIP", opts),
    new k8s.networking.v1.Ingress(
      name,
      { metadata: { name, namespace, annotations }, spec: listenerIngress(listeners, name, ingress) },
      opts,
    ),
  ];
}

function service(
  name: string,
  namespace: DnsLabel,
  listeners: readonly Listener[],
  type: "ClusterIP" | "NodePort",
  opts: Child,
): pulumi.Resource {
  return new k8s.core.v1.Service(
    name,
    {
      // Does not wait for pods: the EventSource may be made after it.
      metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: listenerService(listeners, type),
    },
    opts,
  );
}

function makeWebhooks(
  args: TriggerArgs,
  key: pulumi.Output<string>,
  after: pulumi.Resource[],
  opts: Child,
): void {
  for (const { owner, repositories, webhook } of args.projects) {
    const provider = args.github.get(owner);
    for (const { name } of repositories) {
      new github.RepositoryWebhook(
        name,
        {
          repository: name,
          events: ["push"],
          active: true,
          configuration: { url: webhook.url, contentType: "json", insecureSsl: false, secret: key },
        },
        { ...opts, dependsOn: after, ...(provider === undefined ? {} : { provider }) },
      );
    }
  }
}

function serviceAccount(name: DnsLabel, namespace: DnsLabel, token: boolean, opts: Child): pulumi.Resource {
  const metadata = { name, namespace };
  return new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: token }, opts);
}

/** Keeps all but one of the pods through the drain of a node. */
function disruptionBudget(
  name: string,
  namespace: DnsLabel,
  matchLabels: Readonly<Record<string, string>>,
  opts: Child,
): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    { metadata: { name, namespace }, spec: { maxUnavailable: 1, selector: { matchLabels } } },
    opts,
  );
}
