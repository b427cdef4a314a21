/** One build of a repository's service: what its WorkflowTemplate and the steps of it are made from. */
import type { Branch, DnsLabel, DnsSubdomain } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { Network } from "../kinds/network.ts";
import type { Synchronization } from "../kinds/workflows.ts";
import type { RepositorySettings } from "../settings/resolve.ts";
import type { BuildEvent, Channel, MailRelay } from "../kinds/notifications.ts";
import type { Registries } from "./builders/registries.ts";

export interface Build extends BuildEnvironment {
  readonly project: DnsLabel;
  readonly branch: Branch;
  readonly repository: RepositorySettings;
  /** Where it runs. */
  readonly namespace: DnsLabel;
  /** Secret with the values of build arguments and of mounted secrets. */
  readonly buildSecret: DnsSubdomain;
  /** Reads the repository; absent where everybody may. */
  readonly cloneToken: TokenSource | undefined;
  /** Absent where no application is to have new images of it. */
  readonly delivered: Delivered | undefined;
  /** Whom a build notifies of its end; absent where nobody is notified. */
  readonly notifications: BuildNotifications | undefined;
}

/** How people are notified of a build. */
export interface BuildNotifications {
  readonly events: readonly BuildEvent[];
  readonly channels: readonly Channel[];
  /** Secret with the address of each channel, or its password, under its name. */
  readonly secret: DnsLabel;
  /** Absent where nobody is notified by mail. */
  readonly mail: MailNotifications | undefined;
  /** GitHub's API, and the address of its pages. */
  readonly api: string;
  readonly github: string;
  /** Reads the repository's commits; absent where there is none. */
  readonly readToken: TokenSource | undefined;
  /** Where people see Workflows, as far as it is known. */
  readonly page: string | undefined;
}

export interface MailNotifications extends MailRelay {
  readonly to: readonly string[];
}

/** What all builds of a stack share. */
export interface BuildEnvironment {
  /** Secret with the logins of registries, where there are some. */
  readonly pullSecret: DnsSubdomain | undefined;
  /** Those of the images and of base images. */
  readonly registries: Registries;
  readonly network: Network;
  /** Namespace of the ConfigMap with the number of builds at once. */
  readonly limitNamespace: DnsLabel;
  readonly scan: Scan;
  readonly signing: Signing;
  readonly statuses: Statuses | undefined;
  /** The Image Updater's webhook. */
  readonly updaterUrl: string;
  /** Absent where builds end with the image. */
  readonly live: Live | undefined;
  /** Whether an object store keeps the logs. */
  readonly keepLogs: boolean;
  /** Seconds that a finished Workflow is kept, and one that has succeeded. */
  readonly keep: number;
  readonly keepSucceeded: number;
}

/** Accounts of a build's pods. */
export const accounts = {
  /** Only reports results. */
  report: dnsLabelOf("build"),
  /** Stops older builds, and labels its own. */
  control: dnsLabelOf("build-control"),
  /** Reads Applications. */
  live: dnsLabelOf("build-live"),
  /** Starts the builds of lost pushes. */
  catchUp: dnsLabelOf("catch-up"),
} as const;

/**
 * Changes the specification of every pod of a Workflow, for which Argo has no field. Without it a pod has the addresses of all
 * Services of its namespace in its environment.
 */
export const withoutServiceLinks = JSON.stringify({ enableServiceLinks: false });

/** ConfigMaps that builds read. */
export const configMaps = {
  /** The files of `programs`. */
  programs: dnsLabelOf("build-scripts"),
  /** How many builds run at once, and that one at a time moves the tags of a service. */
  limits: dnsLabelOf("build-limits"),
  /** The object store of logs. */
  logs: dnsLabelOf("build-logs"),
  /** The builds that a lost push may have been for. */
  catchUp: dnsLabelOf("catch-up"),
} as const;

/** The key of all builds in the ConfigMap of limits. */
export const limitKey = "builds";

/** The key of a service's tags there. */
export function tagsKey({ repository }: Build): string {
  return `tags-${repository.object}`;
}

/**
 * Limits of the whole stack. No step holds a mutex: a step that is skipped releases what it never held, and where a Workflow
 * holds locks of the other type alone, the controller (4.0.5, `workflow/sync/sync_manager.go`) panics at it and ends the Workflow
 * without its exit handler.
 */
export function limited({ limitNamespace: namespace }: Build, key: string): Synchronization {
  return { semaphores: [{ namespace, configMapKeyRef: { name: configMaps.limits, key } }] };
}

/** How an image comes from the registry into the cluster. */
export interface Delivered {
  /** The moving tag that is followed. */
  readonly tag: string;
  /** The registry's host, and the image without it. */
  readonly registry: string;
  readonly path: string;
  /** The Applications that follow it and that the build can wait for, and their namespace. */
  readonly applications: readonly DnsLabel[];
  /** Those of them that have it by a commit. */
  readonly byCommit: readonly DnsLabel[];
  /** Those of them that have sync windows. */
  readonly withWindows: readonly DnsLabel[];
  readonly namespace: DnsLabel;
  /** Address of what runs, where it is known. */
  readonly page: string | undefined;
}

export interface Scan {
  readonly mode: "off" | "warn" | "stop";
  readonly severity: string;
}

/** Of builds that sign their images. */
export interface Signing {
  /** Address of the platform that builds, as the provenance names it: that of Argo Workflows' pages where there is one. */
  readonly platform: string;
  /** How many keys signatures are checked with. */
  readonly publicKeys: number;
}

/** Where a token is from: a Secret that has it under the key `token`, or the GitHub App, which makes one for an hour. */
export type TokenSource = DnsLabel | AppTokens;

export interface AppTokens {
  /** Numbers of the App and of its installation. */
  readonly app: number;
  readonly installation: number;
  /** GitHub's API. */
  readonly api: string;
}

/** What a report to GitHub needs. */
export interface GitHubAccess {
  /** Absent where builds report nothing. */
  readonly token: TokenSource | undefined;
  /** GitHub's API. */
  readonly api: string;
  /** Where people see Workflows, as far as it is known. */
  readonly page: string | undefined;
}

/** How builds set commit statuses. */
export interface Statuses extends GitHubAccess {
  /** Begins every status' context. */
  readonly context: string;
  /** The number of the GitHub App whose check runs take the place of statuses; absent where none do. */
  readonly app?: number | undefined;
}

/** How long a build waits until its image runs, and how it reports that to GitHub. */
export interface Live {
  /** Seconds. */
  readonly timeLimit: number;
  /** Begins the name of every environment. */
  readonly environment: string;
  /** Absent where GitHub gets no Deployments. */
  readonly deployments: GitHubAccess | undefined;
}
