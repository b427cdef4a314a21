/** Argo CD's notifications of deployments (argo-cd `docs/operator-manual/notifications`). */
import { channelName } from "../derived-names.ts";
import type { EnvironmentVariable, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import type { Channel, MailRelay, NotifiedEvent } from "../kinds/notifications.ts";
import type { DnsLabel } from "../names.ts";
import type { DeploymentEvent, DeploymentNotification } from "./argo-cd-messages.ts";
import { deploymentMail, deploymentMessages } from "./argo-cd-messages.ts";
import type { PodNetwork } from "./network.ts";
import { networkVariables, podNetwork } from "./network.ts";

/** A project's settings that notifications depend on. */
export interface NotifiedProject {
  readonly name: DnsLabel;
  readonly applications: readonly object[];
  readonly notifications?:
    | {
        readonly on: readonly NotifiedEvent[];
        readonly to: readonly Channel[];
        /** Email addresses. */
        readonly mailTo?: readonly string[] | undefined;
      }
    | undefined;
}

/** The events that Argo CD sends notifications for; builds send the others. */
export function eventsOfArgoCd({
  applications,
  notifications,
}: Omit<NotifiedProject, "name">): DeploymentEvent[] {
  if (applications.length === 0) return [];
  return (notifications?.on ?? []).filter((event) => event !== "recovered");
}

/**
 * The annotations that subscribe users to an Application's events: `<trigger>.<service>`, and the recipients. Email
 * addresses are separated by semicolons. Each receives its own mail, so a rejected address does not affect others.
 */
export function subscriptions(project: NotifiedProject): Record<string, string> {
  const { name, notifications } = project;
  const all = eventsOfArgoCd(project).flatMap((event) =>
    (notifications?.to ?? []).map((channel): [string, string] => [
      `notifications.argoproj.io/subscribe.${event}.${channelName(channel, name)}`,
      channel === "mail" ? (notifications?.mailTo ?? []).join(";") : "",
    ]),
  );
  return Object.fromEntries(all);
}

export type NotificationValues =
  | { readonly enabled: false }
  | {
      readonly enabled: true;
      readonly secret: { readonly create: false };
      readonly notifiers: Readonly<Record<string, string>>;
      readonly templates: Readonly<Record<string, string>>;
      readonly triggers: Readonly<Record<string, string>>;
      readonly podAnnotations?: PodNetwork["podAnnotations"];
      readonly extraEnv?: readonly EnvironmentVariable[];
      readonly extraVolumes?: PodNetwork["volumes"];
      readonly extraVolumeMounts?: PodNetwork["volumeMounts"];
      readonly initContainers?: PodNetwork["initContainers"];
      readonly resources: Resources;
    };

export interface NotificationArgs {
  readonly projects: readonly NotifiedProject[];
  /** Address of Argo CD, if known. */
  readonly argoCdUrl: string | undefined;
  readonly network: Network;
  readonly mail?: MailRelay | undefined;
}

export function notificationValues({
  projects,
  argoCdUrl,
  network,
  mail,
}: NotificationArgs): NotificationValues {
  const notified = projects.filter((project) => eventsOfArgoCd(project).length > 0);
  if (notified.length === 0) return { enabled: false };
  const all = notified.flatMap(({ name, notifications }) =>
    (notifications?.to ?? []).map((channel) => ({ channel, service: channelName(channel, name) })),
  );
  const applicationsUrl = argoCdUrl === undefined ? undefined : `${argoCdUrl}/applications`;
  return {
    enabled: true,
    // The stack itself declares the Secret of that name.
    secret: { create: false },
    notifiers: Object.fromEntries(all.map((one) => notifierOf(one, mail))),
    templates: Object.fromEntries(
      deploymentNotifications.map((one) => [
        `template.${one.name}`,
        yaml(templateOf(one, all, applicationsUrl)),
      ]),
    ),
    triggers,
    ...podValues(network),
    resources: requests("20m", "64Mi"),
  };
}

/** JSON is YAML. */
function yaml(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** Proxy and authorities, under this chart's names for them. */
function podValues(network: Network) {
  const extraEnv = networkVariables(network);
  const { volumes, volumeMounts, ...rest } = podNetwork(network);
  return {
    ...(extraEnv.length === 0 ? {} : { extraEnv }),
    ...(volumes === undefined ? {} : { extraVolumes: volumes }),
    ...(volumeMounts === undefined ? {} : { extraVolumeMounts: volumeMounts }),
    ...rest,
  };
}

/** A channel of a project, and Argo CD's name for it. */
interface Notifier {
  readonly channel: Channel;
  readonly service: string;
}

function notifierOf({ channel, service }: Notifier, relay: MailRelay | undefined): [string, string] {
  return channel === "mail"
    ? [`service.email.${service}`, yaml(relay === undefined ? {} : email(service, relay))]
    : [`service.webhook.${service}`, yaml(webhook(service))];
}

/** Argo CD logs in only with both a username and a password. */
function email(service: string, { host, port, from, username }: MailRelay): object {
  return { host, port, from, ...(username === undefined ? {} : { username, password: `$${service}` }) };
}

/** Retried once: nobody is notified twice unless a response was lost. */
function webhook(service: string): object {
  const headers = [{ name: "Content-Type", value: "application/json" }];
  return { url: `$${service}`, headers, retryMax: 1 };
}

const deploymentNotifications: readonly DeploymentNotification[] = [
  { name: "deployed", event: "deployed", headline: "is deployed", why: "" },
  {
    name: "sync-failed",
    event: "failed",
    headline: "cannot be deployed",
    why: ".app.status.operationState.message",
  },
  { name: "degraded", event: "failed", headline: "is degraded", why: "" },
];

/**
 * Each fires once: at the end of a sync, or when an Application becomes degraded. A sync that only reverts manual
 * changes does not fire.
 */
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

function templateOf(
  one: DeploymentNotification,
  all: readonly Notifier[],
  applicationsUrl: string | undefined,
): object {
  const requests = all.flatMap(({ channel, service }) =>
    channel === "mail"
      ? []
      : [[service, { method: "POST", body: deploymentMessages[channel](one, applicationsUrl) }] as const],
  );
  return {
    ...(requests.length === 0 ? {} : { webhook: Object.fromEntries(requests) }),
    ...(requests.length === all.length ? {} : { email: deploymentMail(one, applicationsUrl) }),
  };
}
