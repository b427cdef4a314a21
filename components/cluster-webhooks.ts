import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Owner, RepositoryName } from "./names.ts";

export interface ClusterWebhooksArgs {
  /** Argo CD's webhook; absent where GitHub does not reach it. */
  readonly url: string | undefined;
  readonly repositories: readonly { readonly owner: Owner; readonly name: RepositoryName }[];
  readonly github: ReadonlyMap<Owner, github.Provider>;
  /** Signs deliveries; there is one where there is a URL. */
  readonly key: pulumi.Output<string> | undefined;
}

/** Tells Argo CD of every push to a cluster repository, so that it need not ask for them. */
export class ClusterWebhooks extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterWebhooksArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ClusterWebhooks", name, {}, opts);
    const { url, key } = args;
    if (url !== undefined && key !== undefined) {
      for (const one of args.repositories)
        webhook(one, args.github.get(one.owner), url, key, { parent: this });
    }
    this.registerOutputs({});
  }
}

function webhook(
  { owner, name }: ClusterWebhooksArgs["repositories"][number],
  provider: github.Provider | undefined,
  url: string,
  secret: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  new github.RepositoryWebhook(
    `argocd-${owner}-${name}`,
    {
      repository: name,
      events: ["push"],
      active: true,
      configuration: { url, contentType: "json", insecureSsl: false, secret },
    },
    { ...opts, ...(provider === undefined ? {} : { provider }) },
  );
}
