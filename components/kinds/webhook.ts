import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import type { Owner, RepositoryName } from "../names.ts";
import type { WebhookEvent } from "./events.ts";
import type { Child } from "./resources.ts";

export interface WebhookArgs {
  readonly owner: Owner;
  readonly repository: RepositoryName;
  /** Where GitHub sends its deliveries. */
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Signs them. */
  readonly key: pulumi.Output<string>;
}

/** The providers of the stack's owners. */
export type GitHubProviders = ReadonlyMap<Owner, github.Provider>;

/** Makes GitHub send every push to a repository, and what else is asked for. */
export function pushWebhook(
  name: string,
  { owner, repository, url, events, key }: WebhookArgs,
  providers: GitHubProviders,
  opts: Child,
): void {
  const provider = providers.get(owner);
  if (provider === undefined) throw new Error(`the stack has no provider for the repositories of ${owner}`);
  new github.RepositoryWebhook(
    name,
    {
      repository,
      events: [...events],
      active: true,
      configuration: { url, contentType: "json", insecureSsl: false, secret: key },
    },
    { ...opts, provider },
  );
}
