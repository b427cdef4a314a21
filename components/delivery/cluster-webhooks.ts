import * as pulumi from "@pulumi/pulumi";
import type { GitHubProviders } from "../kinds/webhook.ts";
import { pushWebhook } from "../kinds/webhook.ts";
import type { ClusterWebhooksArgs } from "./args.ts";

/** What comes from other components. */
export interface ClusterWebhooksInputs {
  readonly github: GitHubProviders;
  /** Signs deliveries; there is one where there is a URL. */
  readonly key: pulumi.Output<string> | undefined;
}

/** Notifies Argo CD of every push to a cluster repository, so that it need not poll. */
export class ClusterWebhooks extends pulumi.ComponentResource {
  constructor(
    componentName: string,
    { url, repositories, github, key }: ClusterWebhooksArgs & ClusterWebhooksInputs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:ClusterWebhooks", componentName, {}, opts);
    if (url !== undefined && key !== undefined) {
      for (const { owner, name } of repositories) {
        const args = { owner, repository: name, url, key, events: ["push"] as const };
        pushWebhook(`argocd-${owner}-${name}`, args, github, { parent: this });
      }
    }
    this.registerOutputs({});
  }
}
