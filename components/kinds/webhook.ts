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

/**
 * Makes GitHub send every push to a repository, and what else is asked for.
 *
 * @param name of the resource. Written in another case, it is the same: as GitHub sees it, so is the repository.
 */
export function pushWebhook(
  name: string,
  { repository, ...args }: WebhookArgs,
  providers: GitHubProviders,
  opts: Child,
): void {
  const options = { ...opts, ...onceOnly, provider: providerOf(args, providers) };
  const inputs = { repository, ...delivered(args) };
  new github.RepositoryWebhook(name.toLowerCase(), inputs, { ...options, ...formerly(name) });
}

/**
 * Makes GitHub send every push to any repository of an organization. It is known by its address, which stays when the project is
 * renamed or another one takes it over.
 *
 * @param earlierName by which the states of earlier versions know it
 */
export function organizationWebhook(
  earlierName: string,
  args: Delivered,
  providers: GitHubProviders,
  opts: Child,
): void {
  const options = { ...opts, ...onceOnly, provider: providerOf(args, providers) };
  const { host, pathname } = new URL(args.url);
  new github.OrganizationWebhook(host + pathname, delivered(args), {
    ...options,
    aliases: [{ name: earlierName }],
  });
}

/**
 * GitHub takes no second webhook of the same address. One that is replaced, as where a repository has another owner, would stand in
 * the way of the next; what is pushed in between is caught up.
 */
const onceOnly = { deleteBeforeReplace: true } as const;

/** The states of earlier versions have the name as the stack file does. */
function formerly(name: string): pulumi.CustomResourceOptions {
  return name === name.toLowerCase() ? {} : { aliases: [{ name }] };
}

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
