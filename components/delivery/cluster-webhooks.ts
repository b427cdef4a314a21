import * as pulumi from "@pulumi/pulumi";
import type { GitHubProviders } from "../kinds/webhook.ts";
import { repositoryWebhook } from "../kinds/webhook.ts";
import type { ClusterWebhooksArgs } from "./args.ts";

/** Inputs from other components. */
export interface ClusterWebhooksInputs {
  readonly github: GitHubProviders;
  /** Signs deliveries; defined if there is a URL. */
  readonly key: pulumi.Output<string> | undefined;
}

/** Notifies Argo CD of every push to a cluster repository, so that it does not depend on polling. */
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
        repositoryWebhook(`argocd-${owner}-${name}`, args, github, { parent: this });
      }
    }
    this.registerOutputs({});
  }
}
