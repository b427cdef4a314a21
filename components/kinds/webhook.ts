import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import type { Owner, RepositoryName } from "../names.ts";
import type { WebhookEvent } from "./events.ts";
import type { Child } from "./resources.ts";

interface Delivered {
  readonly owner: Owner;
  /** Where GitHub sends its deliveries. */
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Signs them. */
  readonly key: pulumi.Output<string>;
}

export interface WebhookArgs extends Delivered {
  readonly repository: RepositoryName;
}

/** The providers of the stack's owners. */
export type GitHubProviders = ReadonlyMap<Owner, github.Provider>;

/** Makes GitHub send every push to a repository, and what else is asked for. */
export function pushWebhook(
  name: string,
  { repository, ...args }: WebhookArgs,
  providers: GitHubProviders,
  opts: Child,
): void {
  const provider = providerOf(args, providers);
  new github.RepositoryWebhook(name, { repository, ...delivered(args) }, { ...opts, ...onceOnly, provider });
}

/** Makes GitHub send every push to any repository of an organization. */
export function organizationWebhook(
  name: string,
  args: Delivered,
  providers: GitHubProviders,
  opts: Child,
): void {
  const provider = providerOf(args, providers);
  new github.OrganizationWebhook(name, delivered(args), { ...opts, ...onceOnly, provider });
}

/**
 * GitHub takes no second webhook of the same address. One that is replaced, as where a repository has another owner, would stand in
 * the way of the next; what is pushed in between is caught up.
 */
const onceOnly = { deleteBeforeReplace: true } as const;

function providerOf({ owner }: Delivered, providers: GitHubProviders): github.Provider {
  const provider = providers.get(owner);
  if (provider === undefined) throw new Error(`the stack has no provider for the repositories of ${owner}`);
  return provider;
}

function delivered({ url, events, key }: Delivered) {
  return {
    events: [...events],
    active: true,
    configuration: { url, contentType: "json", insecureSsl: false, secret: key },
  };
}
