/** Starts the sandbox: the cluster with the sample's stack, and ports through which the user's shell reaches it. */
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

/** The sample's stack has the name and the cluster of this stack. */
const stack = "develop";
/** Nodes pull from hosts that they can resolve. Only pods can resolve the registry inside an existing cluster. */
export const deploys = existing === undefined;

export interface Sandbox extends Pick<BuildCluster, "api" | "kubeconfig" | "git"> {
  readonly cluster: BuildCluster;
  /** The git server, for the user's shell. */
  readonly gitUrl: string;
  /** The sample's page, for the user's shell. */
  readonly pageUrl: string;
  /** Removes everything. @returns what could not be removed */
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

/** The git server listens on this machine. */
function gitAddress({ git, listen = "127.0.0.1" }: BuildCluster) {
  const { port } = new URL(git.url);
  return () => Promise.resolve(`http://${listen}:${port}`);
}

function pageAddress({ serviceUrl }: BuildCluster) {
  return () => serviceUrl(sample.namespace, sample.service, sample.port);
}
