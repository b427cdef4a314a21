/** Brings up the sandbox: the cluster with the sample's stack, and what leads from a person's shell into it. */
import { namespaces } from "../../test/support/cluster-argo.ts";
import { existing } from "../../test/support/cluster-environment.ts";
import type { GitServer } from "../../test/support/cluster-git.ts";
import { secretValue } from "../../test/support/cluster-objects.ts";
import type { BuildCluster } from "../../test/support/cluster-stack.ts";
import { startBuildCluster } from "../../test/support/cluster-stack.ts";
import type { Config } from "../../test/support/declare.ts";
import { secretsFor, stackConfig } from "../../test/support/declare.ts";
import type { BuildSite } from "../../test/support/site.ts";
import { startUpdater, updaterService } from "../../test/support/updater-stand-in.ts";
import type { Forwarded } from "./forward.ts";
import { forward } from "./forward.ts";
import {
  clusterFiles,
  clusterPath,
  imageOf,
  sample,
  sampleStack,
  serviceFiles,
  servicePath,
} from "./sample.ts";

/** The stack whose name and cluster the sample's stack has. */
const stack = "develop";
/** Nodes pull by names that they can resolve; the registry in an existing cluster has one for its pods alone. */
export const deploys = existing === undefined;

export interface Sandbox extends Pick<BuildCluster, "api" | "kubeconfig" | "git"> {
  readonly cluster: BuildCluster;
  /** As a person's shell reaches the git server. */
  readonly gitUrl: string;
  /** As it reaches the sample's page. */
  readonly pageUrl: string;
  /** Takes everything away. @returns what is left; empty when all is well */
  readonly close: () => Promise<readonly string[]>;
}

/** @param onReceived is called with each repository to which something was pushed */
export async function startSandbox(
  print: (line: string) => void,
  onReceived: (repository: string) => void,
): Promise<Sandbox> {
  print(
    deploys ? "Starting a Kubernetes node with its images ..." : "Starting a registry in the cluster ...",
  );
  const cluster = await startBuildCluster(stack, {
    withArgoCd: deploys,
    onReceived,
    configOf: (site, git) => {
      print(deploys ? "Installing the stack by `pulumi up` ..." : "Installing the stack ...");
      commitSample(site, git);
      return configOf(site, git);
    },
  });
  const updater = deploys ? await startUpdaterFor(cluster) : undefined;
  const forwarded = await Promise.all([forward(gitAddress(cluster)), forward(pageAddress(cluster))]);
  const [git, page] = forwarded;
  const close = () => {
    updater?.close();
    forwarded.forEach((one: Forwarded) => one.close());
    return cluster.close();
  };
  return { ...cluster, cluster, gitUrl: git.url, pageUrl: page.url, close };
}

function commitSample({ registry, baseImage }: BuildSite, git: GitServer): void {
  git.commit(servicePath, sample.branch, serviceFiles(baseImage));
  git.commit(clusterPath, sample.branch, clusterFiles(imageOf(registry.name)));
}

function configOf({ registry, storageClass }: BuildSite, { url }: GitServer): Config {
  const { cluster } = stackConfig(stack) as { cluster: object };
  const config = sampleStack({
    cluster: { ...cluster, ...(storageClass === undefined ? {} : { storageClass }) },
    gitUrl: url,
    registry: registry.name,
    deploys,
  });
  return { ...config, secrets: secretsFor(config) };
}

async function startUpdaterFor({ api, registry, listen }: BuildCluster) {
  const key = await secretValue(api, namespaces.delivery, "image-updater-webhook", "token");
  const updater = await startUpdater(api, { key, registry, address: listen });
  for (const one of updaterService(updater.url)) await api.apply(one);
  return updater;
}

/** The server of git listens on this machine. */
function gitAddress({ git, listen = "127.0.0.1" }: BuildCluster) {
  const { port } = new URL(git.url);
  return () => Promise.resolve(`http://${listen}:${port}`);
}

function pageAddress({ serviceUrl }: BuildCluster) {
  return () => serviceUrl(sample.namespace, sample.service, sample.port);
}
