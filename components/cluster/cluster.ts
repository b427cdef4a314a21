import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Owner } from "../names.ts";
import type { ClusterArgs } from "./args.ts";
import { clusterArgs } from "./args.ts";
import type { Settings } from "../settings/settings.ts";
import type { OwnerAccess, SecretString } from "../settings/secret-values.ts";
import { refuse } from "../settings/settings.ts";
import type { Leaving } from "../kinds/argocd.ts";
import { beginWatch } from "../watch/watch.ts";
import { wrongCluster } from "./identity.ts";
import { leavingApplications } from "./state/leaving.ts";
import { losses } from "./state/losses.ts";
import { namespacesOfCharts } from "./namespaces-args.ts";
import { duplicateSecrets } from "./secrets/secret-names.ts";
import type { StateResource } from "./state/state-resources.ts";
import { readState } from "./state/state.ts";

/** The providers of all other resources: for the stack's cluster, and for the accounts on GitHub. */
export class Cluster extends pulumi.ComponentResource {
  /** The providers of Kubernetes and of random values. */
  public readonly providers: pulumi.ProviderResource[];
  /** A provider for each owner's repositories. */
  public readonly github: ReadonlyMap<Owner, github.Provider>;
  /** Applications that this edit removes together with what they run. */
  public leaving: readonly Leaving[] = [];
  private readonly kubernetes: k8s.Provider;
  private readonly args: ClusterArgs;

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Cluster", name, {}, opts);
    const child = { parent: this };
    this.args = args;
    this.kubernetes = kubernetesProvider(args, child);
    this.providers = [this.kubernetes, new random.Provider("random", {}, child)];
    this.github = new Map(
      [...args.owners].map(([owner, access]) => [owner, githubProvider(owner, access, args, child)]),
    );
    this.registerOutputs({});
  }

  /**
   * Resolves once the cluster is known to be that of the settings, or that of the last `up`.
   *
   * It is awaited before anything else is declared, so that a context of another cluster changes nothing
   * there, and so that this error is the only one.
   * @throws pulumi.RunError if it is another cluster, or if none answers
   */
  public async verify(state: readonly StateResource[]): Promise<void> {
    const found = await readUid({ parent: this, provider: this.kubernetes });
    const wrong = wrongCluster(this.args, state, found);
    if (wrong !== undefined) throw new pulumi.RunError(wrong);
  }
}

/**
 * Declares the cluster's providers, and checks the names of Secrets, the cluster's identity, and that the edit destroys
 * nothing. It is awaited before anything else is declared, so that a refused edit changes nothing.
 * @throws pulumi.RunError with the errors
 */
export async function verifiedCluster(settings: Settings): Promise<Cluster> {
  refuse(duplicateSecrets(settings));
  // Before the first resource: the engine writes the state after each one, and a half-written file cannot be read.
  const state = await readState();
  const cluster = new Cluster("cluster", clusterArgs(settings));
  await cluster.verify(state);
  refuse(losses(state, settings));
  cluster.leaving = leavingApplications(state, settings);
  beginWatch({ context: settings.cluster.context, namespaces: namespacesOfCharts(settings) }, cluster);
  return cluster;
}

function kubernetesProvider(
  { context, adoptExisting }: ClusterArgs,
  opts: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    "kubernetes",
    {
      context,
      // Without these, a changed value replaces the object, which is missing for a moment.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      // The program owns the fields that it declares: one that was changed by hand is set again. Without this, every
      // `up` would fail on it. Fields that the program does not declare keep their owners.
      enablePatchForce: true,
      ...(adoptExisting ? { upsertExistingObjects: true } : {}),
    },
    opts,
  );
}

/** Reads the UID of kube-system, which every cluster has. A preview reads it too. */
function readUid(opts: pulumi.CustomResourceOptions): Promise<string | undefined> {
  const { metadata } = k8s.core.v1.Namespace.get("kube-system", "kube-system", opts);
  return new Promise((done) => metadata.uid.apply(done));
}

function githubProvider(
  owner: Owner,
  access: OwnerAccess,
  { githubUrl, appKey }: ClusterArgs,
  opts: pulumi.ResourceOptions,
): github.Provider {
  // Only for a GitHub Enterprise Server. The default is the API of github.com, which has its own host.
  const baseUrl = githubUrl === "https://github.com" ? {} : { baseUrl: `${githubUrl}/` };
  return new github.Provider(`github-${owner}`, { owner, ...login(access, appKey), ...baseUrl }, opts);
}

function login(access: OwnerAccess, appKey: SecretString | undefined): github.ProviderArgs {
  if (access.app === undefined) return { token: access.githubToken };
  if (appKey === undefined) throw new Error("the GitHub App has no key");
  return {
    appAuth: {
      id: access.app.toString(),
      installationId: access.installation.toString(),
      pemFile: appKey,
    },
  };
}
