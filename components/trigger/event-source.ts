import { appDeliveries } from "../derived-names.ts";
import type { DnsLabel, Owner, RepositoryName } from "../names.ts";
import { eventContainer, eventSourceLabels } from "../kinds/event-pods.ts";
import { spread, unprivileged } from "../kinds/security.ts";
import type { EventPodTemplate, EventSourceSpec, GithubEvent, WebhookEvent } from "../kinds/events.ts";

export interface EventSourceArgs {
  readonly serviceAccount: DnsLabel;
  readonly replicas: number;
  /** The Secret with the key that signs deliveries. */
  readonly signingKey: { readonly secret: DnsLabel; readonly key: string; readonly version: number };
  readonly projects: readonly EventSourceProject[];
  /** Where re-runs of a GitHub App's checks arrive; undefined if there are none. */
  readonly app?: EventSourceApp | undefined;
}

interface Endpoint {
  readonly url: string;
  readonly path: string;
  readonly port: number;
}

export interface EventSourceApp extends Endpoint {
  readonly repositories: readonly { readonly owner: Owner; readonly names: readonly RepositoryName[] }[];
}

export interface EventSourceProject {
  /** The name of the event. */
  readonly name: DnsLabel;
  readonly owner: Owner;
  readonly repositories: readonly {
    readonly name: RepositoryName;
    readonly events: readonly WebhookEvent[];
  }[];
  readonly webhook: Endpoint;
}

/** In bytes. GitHub's pushes are mostly far below 1 MiB. The limit of NATS is a little higher. */
const maxPayloadSize = 5 * 1024 * 1024;

/** A change of this annotation restarts the pods, which read the signing key only when they start. */
const keyVersionAnnotation = "argo-cicd/key-version";

/**
 * One event for each project, and one for the GitHub App. The EventSource has no token, so it creates no webhooks: this
 * program does. It checks the signature of each delivery. The Sensor decides which deliveries start a build.
 */
export function eventSource(args: EventSourceArgs): EventSourceSpec {
  return {
    replicas: args.replicas,
    template: podTemplate(args),
    github: Object.fromEntries([
      ...args.projects.map((project) => [project.name, projectEvent(project, args.signingKey)] as const),
      ...(args.app === undefined ? [] : [[appDeliveries, appEvent(args.app, args.signingKey)] as const]),
    ]),
  };
}

function podTemplate({ serviceAccount, signingKey, replicas }: EventSourceArgs): EventPodTemplate {
  return {
    metadata: { annotations: { [keyVersionAnnotation]: signingKey.version.toString() } },
    serviceAccountName: serviceAccount,
    securityContext: unprivileged,
    container: eventContainer,
    ...(replicas > 1 ? { affinity: spread(eventSourceLabels) } : {}),
  };
}

type Key = EventSourceArgs["signingKey"];

function projectEvent({ owner, repositories, webhook }: EventSourceProject, key: Key): GithubEvent {
  return githubEvent(webhook, key, {
    repositories: [{ owner, names: repositories.map(({ name }) => name) }],
    events: [...new Set(repositories.flatMap(({ events }) => events))],
  });
}

function appEvent({ repositories, ...endpoint }: EventSourceApp, key: Key): GithubEvent {
  return githubEvent(endpoint, key, { repositories, events: ["check_run", "check_suite"] });
}

function githubEvent(
  { url, path, port }: Endpoint,
  signingKey: Key,
  source: Pick<GithubEvent, "repositories" | "events">,
): GithubEvent {
  return {
    webhook: { endpoint: path, port: port.toString(), method: "POST", url, maxPayloadSize },
    ...source,
    webhookSecret: { name: signingKey.secret, key: signingKey.key },
    contentType: "json",
    active: true,
  };
}
