/** How Argo CD's notifications controller tells people of deployments (argo-cd `docs/operator-manual/notifications`). */
import { notifier } from "../derived-names.ts";
import type { EnvironmentVariable, Resources } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import { proxyEnvironment } from "../kinds/network.ts";
import type { Channel, NotifiedEvent } from "../kinds/notifications.ts";
import type { DnsLabel } from "../names.ts";
import { small } from "./chart.ts";
import type { DeploymentEvent, DeploymentNews } from "./argo-cd-messages.ts";
import { deploymentMessages } from "./argo-cd-messages.ts";

/** A project, as far as it says who is told of what. */
export interface ToldProject {
  readonly name: DnsLabel;
  readonly applications: readonly object[];
  readonly notifications?:
    { readonly on: readonly NotifiedEvent[]; readonly to: readonly Channel[] } | undefined;
}

/** Of what Argo CD tells a project's people; the rest is told by builds. */
export function toldByArgoCd({ applications, notifications }: ToldProject): DeploymentEvent[] {
  if (applications.length === 0) return [];
  return (notifications?.on ?? []).filter((event) => event !== "recovered");
}

/** The annotations by which an Application's events are told, `<trigger>.<service>`. */
export function subscriptions(project: ToldProject): Record<string, string> {
  const { name, notifications } = project;
  const all = toldByArgoCd(project).flatMap((event) =>
    (notifications?.to ?? []).map((channel) => `${event}.${notifier(channel, name)}`),
  );
  return Object.fromEntries(all.map((one) => [`notifications.argoproj.io/subscribe.${one}`, ""]));
}

export type NotificationValues =
  | { readonly enabled: false }
  | {
      readonly enabled: true;
      readonly secret: { readonly create: false };
      readonly notifiers: Readonly<Record<string, string>>;
      readonly templates: Readonly<Record<string, string>>;
      readonly triggers: Readonly<Record<string, string>>;
      readonly extraEnv?: readonly EnvironmentVariable[];
      readonly resources: Resources;
    };

export interface NotificationArgs {
  readonly projects: readonly ToldProject[];
  /** Address of Argo CD, as far as it is known. */
  readonly page: string | undefined;
  readonly network: Network;
}

export function notificationValues({ projects, page, network }: NotificationArgs): NotificationValues {
  const told = projects.filter((project) => toldByArgoCd(project).length > 0);
  if (told.length === 0) return { enabled: false };
  const all = told.flatMap(({ name, notifications }) =>
    (notifications?.to ?? []).map((channel) => ({ channel, service: notifier(channel, name) })),
  );
  const pages = page === undefined ? undefined : `${page}/applications`;
  const extraEnv = proxyEnvironment(network);
  return {
    enabled: true,
    // The stack's own Secret of the same name.
    secret: { create: false },
    notifiers: Object.fromEntries(
      all.map(({ service }) => [`service.webhook.${service}`, yaml(webhook(service))]),
    ),
    templates: Object.fromEntries(
      news.map((one) => [`template.${one.name}`, yaml({ webhook: requests(one, all, pages) })]),
    ),
    triggers,
    ...(extraEnv.length === 0 ? {} : { extraEnv }),
    resources: small("20m", "64Mi"),
  };
}

/** JSON is YAML. */
function yaml(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** Tried once more, by which nothing is told twice but where an answer was lost. */
function webhook(service: string): object {
  const headers = [{ name: "Content-Type", value: "application/json" }];
  return { url: `$${service}`, headers, retryMax: 1 };
}

const news: readonly DeploymentNews[] = [
  { name: "deployed", event: "deployed", headline: "is deployed", why: "" },
  {
    name: "sync-failed",
    event: "failed",
    headline: "cannot be deployed",
    why: ".app.status.operationState.message",
  },
  { name: "degraded", event: "failed", headline: "is degraded", why: "" },
];

/** Once for each: a sync has one end, and an Application is degraded until it is not. A sync that only sets right what was changed by hand is no news. */
const triggers: Readonly<Record<string, string>> = {
  "trigger.deployed": yaml([
    {
      when:
        "app.status.operationState != nil and app.status.operationState.phase == 'Succeeded' and " +
        "app.status.health.status == 'Healthy' and " +
        "(app.status.operationState.operation?.sync?.autoHealAttemptsCount ?? 0) == 0 and " +
        "(!time.Parse(app.status.health.lastTransitionTime).Add(1 * time.Minute).Before(time.Parse(app.status.operationState.finishedAt)) " +
        "or time.Parse(app.status.health.lastTransitionTime).Before(time.Parse(app.status.operationState.startedAt)))",
      oncePer: "app.status.operationState.finishedAt",
      send: ["deployed"],
    },
  ]),
  "trigger.failed": yaml([
    {
      when: "app.status.operationState != nil and app.status.operationState.phase in ['Error', 'Failed']",
      oncePer: "app.status.operationState.finishedAt",
      send: ["sync-failed"],
    },
    { when: "app.status.health.status == 'Degraded'", send: ["degraded"] },
  ]),
};

/** The request of each service, in which all that is filled in is JSON. */
function requests(
  one: DeploymentNews,
  all: readonly { readonly channel: Channel; readonly service: string }[],
  page: string | undefined,
): object {
  return Object.fromEntries(
    all.map(({ channel, service }) => [
      service,
      { method: "POST", body: deploymentMessages[channel](one, page) },
    ]),
  );
}
