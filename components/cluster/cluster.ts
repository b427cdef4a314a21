import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Owner } from "../names.ts";
import type { ClusterArgs } from "./args.ts";
import { clusterArgs } from "./args.ts";
import type { Settings } from "../settings/settings.ts";
import type { OwnerAccess, Secret } from "../settings/secret-values.ts";
import { refuse } from "../settings/settings.ts";
import { beginWatch } from "../watch/watch.ts";
import { wrongCluster } from "./identity.ts";
import { losses } from "./losses.ts";
import { namespacesOfCharts } from "./namespaces-args.ts";
import { duplicateSecrets } from "./secret-names.ts";
import type { StateResource } from "./state-resources.ts";
import { readState } from "./state.ts";

/** The cluster of the stack and the accounts at GitHub: the providers of everything else. */
export class Cluster extends pulumi.ComponentResource {
  /** The providers of Kubernetes and of random values. */
  public readonly providers: pulumi.ProviderResource[];
  /** A provider for the repositories of each owner. */
  public readonly github: ReadonlyMap<Owner, github.Provider>;
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
   * Settles once the cluster has shown that it is the one that the settings name, or the one of the last `up`.
   *
   * Awaited before anything else is declared, so that a context which leads to another cluster changes nothing
   * there, and so that this error is the only one.
   * @throws pulumi.RunError where it is another cluster, or none
   */
  public async prove(state: readonly StateResource[]): Promise<void> {
    const found = await readUid({ parent: this, provider: this.kubernetes });
    const wrong = wrongCluster(this.args, state, found);
    if (wrong !== undefined) throw new pulumi.RunError(wrong);
  }
}

/**
 * The cluster, once nothing speaks against the stack file: what it declares, the cluster that it leads to, and what the stack holds
 * already. Awaited before anything else is declared, so that an edit that is refused has changed nothing.
 * @throws pulumi.RunError with what does
 */
export async function provenCluster(settings: Settings): Promise<Cluster> {
  refuse(duplicateSecrets(settings));
  // Before the first resource: the engine writes the state as each is made, and a file that is half written cannot be read.
  const state = await readState();
  const cluster = new Cluster("cluster", clusterArgs(settings));
  await cluster.prove(state);
  refuse(losses(state, settings));
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
      // Without these a changed value means another object: for a moment there would be none.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      // What the program declares is the program's: a field that somebody has changed by hand is set again, where without
      // this `up` would fail over it for good. Fields that it does not declare stay with whoever has set them.
      enablePatchForce: true,
      ...(adoptExisting ? { upsertExistingObjects: true } : {}),
    },
    opts,
  );
}

/** Reads the UID of the namespace that every cluster has. A preview reads it too. */
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
  // A GitHub Enterprise Server; the public one's API has a host of its own, which is the default.
  const baseUrl = githubUrl === "https://github.com" ? {} : { baseUrl: `${githubUrl}/` };
  return new github.Provider(`github-${owner}`, { owner, ...login(access, appKey), ...baseUrl }, opts);
}

function login(access: OwnerAccess, appKey: Secret | undefined): github.ProviderArgs {
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
