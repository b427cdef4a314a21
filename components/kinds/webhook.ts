import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import type { Owner, RepositoryName } from "../names.ts";
import type { WebhookEvent } from "./events.ts";
import type { Child } from "./resources.ts";

interface Delivered {
  readonly owner: Owner;
  /** Where GitHub sends deliveries. */
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Signs the deliveries. */
  readonly key: pulumi.Output<string>;
}

export interface WebhookArgs extends Delivered {
  readonly repository: RepositoryName;
}

/** The stack's providers, by owner. */
export type GitHubProviders = ReadonlyMap<Owner, github.Provider>;

/**
 * Creates a webhook of a repository.
 *
 * @param name of the resource; upper and lower case are the same, as in GitHub's repository names
 */
export function repositoryWebhook(
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
 * Creates a webhook of an organization. The resource is named after the webhook's address, which stays the same if the
 * project is renamed or another one takes it over.
 *
 * @param earlierName the resource's name in the states of earlier versions
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
 * GitHub accepts only one webhook for an address, so a webhook that is replaced, for example after a change of owner,
 * must be deleted first. The check for lost pushes catches up on pushes in between.
 */
const onceOnly = { deleteBeforeReplace: true } as const;

/** In the states of earlier versions, the name is written as in the stack file. */
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
