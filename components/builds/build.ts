/** One build of a repository's service: the input of its WorkflowTemplate and its steps. */
import type { Branch, DnsLabel, DnsSubdomain } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { Network } from "../kinds/network.ts";
import type { Synchronization } from "../kinds/workflows.ts";
import type { RepositorySettings } from "../settings/resolve.ts";
import type { TokenSource } from "../settings/secret-values.ts";
import type { BuildEvent, Channel, MailRelay } from "../kinds/notifications.ts";
import type { Registries } from "./builders/registries.ts";

export interface Build extends BuildEnvironment {
  readonly project: DnsLabel;
  readonly branch: Branch;
  readonly repository: RepositorySettings;
  /** The namespace in which it runs. */
  readonly namespace: DnsLabel;
  /** The Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsSubdomain;
  /** Reads the repository; undefined if the repository is public. */
  readonly cloneToken: TokenSource | undefined;
  /** Undefined if no Application follows its images, or if its image is pinned. */
  readonly delivered: Delivered | undefined;
  /** Who is notified when a build ends; undefined if nobody is. */
  readonly notifications: BuildNotifications | undefined;
}

/** How people are notified when a build ends. */
export interface BuildNotifications {
  readonly events: readonly BuildEvent[];
  readonly channels: readonly Channel[];
  /** The Secret with the URL or the password of each channel, under the channel's name. */
  readonly secret: DnsLabel;
  /** Undefined if nobody is notified by mail. */
  readonly mail: MailNotifications | undefined;
  /** The URLs of GitHub's API and of its web site. */
  readonly api: string;
  readonly github: string;
  /** Reads the repository's commits; undefined if there is no token. */
  readonly readToken: TokenSource | undefined;
  /** The URL of Argo Workflows' UI, if known. */
  readonly workflowsUrl: string | undefined;
}

export interface MailNotifications extends MailRelay {
  readonly to: readonly string[];
}

/** What builds of a stack share. */
export interface BuildEnvironment {
  /** The Secret with the logins of registries, if there are any. */
  readonly pullSecret: DnsSubdomain | undefined;
  /** The registries of the images and of base images. */
  readonly registries: Registries;
  readonly network: Network;
  /** The namespace of the ConfigMap that limits how many builds run at once. */
  readonly limitNamespace: DnsLabel;
  readonly scan: Scan;
  readonly signing: Signing;
  readonly statuses: Statuses | undefined;
  /** The URL of the Image Updater's webhook. */
  readonly updaterUrl: string;
  /** Undefined if builds end with the image. */
  readonly live: Live | undefined;
  /** Whether an object store keeps the logs. */
  readonly keepLogs: boolean;
  /** Seconds that a finished Workflow is kept, and a successful one. */
  readonly keep: number;
  readonly keepSucceeded: number;
}

/** The Applications that a build waits for; undefined if it waits for none. */
export function awaitedDelivery({ live, delivered }: Build): Delivered | undefined {
  const isAwaited = live !== undefined && delivered !== undefined && delivered.applications.length > 0;
  return isAwaited ? delivered : undefined;
}

/** The service accounts of a build's pods. */
export const accounts = {
  /** Reports results only. */
  report: dnsLabelOf("build"),
  /** Stops older builds, and labels its own. */
  control: dnsLabelOf("build-control"),
  /** Reads Applications. */
  live: dnsLabelOf("build-live"),
  /** Starts the builds of lost pushes. */
  catchUp: dnsLabelOf("catch-up"),
} as const;

/**
 * A patch of every pod of a Workflow, since Argo has no field for this. Without it, the environment of a pod contains
 * the addresses of all Services in its namespace.
 */
export const withoutServiceLinks = JSON.stringify({ enableServiceLinks: false });

/** ConfigMaps that builds read. */
export const configMaps = {
  /** The files of `programs`. */
  programs: dnsLabelOf("build-scripts"),
  /** Limits how many builds run at once, and lets one build at a time move the tags of a service. */
  limits: dnsLabelOf("build-limits"),
  /** The object store of logs. */
  logs: dnsLabelOf("build-logs"),
  /** The builds that are caught up. */
  catchUp: dnsLabelOf("catch-up"),
} as const;

/** The key of the limit for all builds in the ConfigMap `limits`. */
export const limitKey = "builds";

/** The key of the limit for a service's tags in that ConfigMap. */
export function tagsKey({ repository }: Build): string {
  return `tags-${repository.object}`;
}

/**
 * Limits of the whole stack. No step uses a mutex: a skipped step releases a lock that it never held. If the Workflow
 * holds only locks of the other type, the controller (4.0.5, `workflow/sync/sync_manager.go`) then panics and ends the
 * Workflow without its exit handler.
 */
export function limited({ limitNamespace: namespace }: Build, key: string): Synchronization {
  return { semaphores: [{ namespace, configMapKeyRef: { name: configMaps.limits, key } }] };
}

/** How an image gets from the registry into the cluster. */
export interface Delivered {
  /** The moving tag that Applications follow. */
  readonly tag: string;
  /** The registry's host, and the image's name without it. */
  readonly registry: string;
  readonly path: string;
  /** The Applications that follow the image and that the build can wait for, in `namespace`. */
  readonly applications: readonly DnsLabel[];
  /** Those of them that get the image by a commit. */
  readonly byCommit: readonly DnsLabel[];
  /** Those of them that have sync windows. */
  readonly withWindows: readonly DnsLabel[];
  readonly namespace: DnsLabel;
  /** The URL of the running application, if known. */
  readonly environmentUrl: string | undefined;
}

export interface Scan {
  readonly mode: "off" | "warn" | "stop";
  readonly severity: string;
}

/** Settings of builds that sign their images. */
export interface Signing {
  /** The build platform's URI in the provenance: the URL of Argo Workflows' UI, if there is one. */
  readonly platform: string;
  /** How many public keys verify signatures. */
  readonly publicKeys: number;
}

/** What a report to GitHub needs. */
export interface GitHubAccess {
  /** Undefined if builds report nothing. */
  readonly token: TokenSource | undefined;
  /** The URL of GitHub's API. */
  readonly api: string;
  /** The URL of Argo Workflows' UI, if known. */
  readonly workflowsUrl: string | undefined;
}

/** How builds set commit statuses. */
export interface Statuses extends GitHubAccess {
  /** The prefix of every status' context. */
  readonly context: string;
  /** The ID of the GitHub App whose check runs replace statuses; undefined if there is none. */
  readonly app?: number | undefined;
}

/** How long a build waits until its image runs, and how it reports that to GitHub. */
export interface Live {
  /** In seconds. */
  readonly timeLimit: number;
  /** The prefix of every environment's name. */
  readonly environment: string;
  /** Undefined if no Deployments are created on GitHub. */
  readonly deployments: GitHubAccess | undefined;
}
