import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Owner } from "./names.ts";
import type { Secret } from "./settings.ts";

export interface ClusterArgs {
  /** Context of the kubeconfig. */
  readonly context: string;
  /** UID of the namespace kube-system; another cluster is refused. */
  readonly uid?: string | undefined;
  /** Take over objects that exist already. */
  readonly adoptExisting: boolean;
  /** Address of GitHub. */
  readonly githubUrl: string;
  readonly githubToken: Secret;
  readonly owners: readonly Owner[];
}

/** The cluster of the stack and the accounts at GitHub: the providers of everything else. */
export class Cluster extends pulumi.ComponentResource {
  /** The providers of Kubernetes and of random values. */
  public readonly providers: pulumi.ProviderResource[];
  /** A provider for the repositories of each owner. */
  public readonly github: ReadonlyMap<Owner, github.Provider>;

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Cluster", name, {}, opts);
    const child = { parent: this };
    const kubernetes = new k8s.Provider(
      "kubernetes",
      {
        context: args.uid === undefined ? args.context : provenContext(args.context, args.uid, child),
        // Without these a changed value means another object: for a moment there would be none.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        ...(args.adoptExisting ? { upsertExistingObjects: true } : {}),
      },
      child,
    );
    this.providers = [kubernetes, new random.Provider("random", {}, child)];
    this.github = new Map(args.owners.map((owner) => [owner, githubProvider(owner, args, child)]));
    this.registerOutputs({});
  }
}

/**
 * The context, once the cluster behind it has shown the expected identity. Every object's provider depends
 * on it, so that a context which leads elsewhere ends the run before anything changes.
 */
function provenContext(
  context: string,
  uid: string,
  opts: { parent: pulumi.Resource },
): pulumi.Output<string> {
  const probe = new k8s.Provider("probe", { context }, opts);
  const kubeSystem = k8s.core.v1.Namespace.get("kube-system", "kube-system", { ...opts, provider: probe });
  return kubeSystem.metadata.uid.apply((found) => {
    if (found === uid) return context;
    throw new pulumi.RunError(
      `The context ${context} leads to the cluster ${found}, but this stack is for ${uid} (cluster.uid); ` +
        "nothing was changed. Choose the right context, or correct cluster.uid if the cluster was replaced.",
    );
  });
}

function githubProvider(
  owner: Owner,
  { githubUrl, githubToken }: ClusterArgs,
  opts: pulumi.ResourceOptions,
): github.Provider {
  // A GitHub Enterprise Server; the public one's API has a host of its own, which is the default.
  const baseUrl = githubUrl === "https://github.com" ? {} : { baseUrl: `${githubUrl}/` };
  return new github.Provider(`github-${owner}`, { owner, token: githubToken, ...baseUrl }, opts);
}
