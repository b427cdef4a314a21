/** The webhooks of the stack develop in a test's cluster: what GitHub would send, and the resulting Workflows. */
import { randomUUID } from "node:crypto";
import { workflowPrefix } from "../../components/derived-names.ts";
import { dnsLabelOf } from "../../components/names.ts";
import { namespaces } from "./cluster-argo.ts";
import type { Delivery } from "./cluster-deliveries.ts";
import { deliver, pushPayload } from "./cluster-deliveries.ts";
import { secretValue } from "./cluster-objects.ts";
import type { BuildCluster } from "./cluster-stack.ts";
import { until } from "./cluster-wait.ts";

/** The owner of every repository of the stack. */
export const owner = "KEA-ACCELER";
/** The branch that is built of a repository, or of all repositories of a project. */
export function branchOf(repository: string): string {
  return repository.startsWith("aform") ? "main" : "develop";
}
/** Where builds run. */
export const namespace = namespaces.builds;
export const workflow = ["argoproj.io/v1alpha1", "Workflow"] as const;

export type Project = "alog" | "aform" | "shop";

export interface Trigger {
  /** Signs deliveries. */
  readonly key: string;
  /** @returns the status of the response */
  readonly send: (delivery: Delivery) => Promise<number>;
  /** The names of all Workflows. */
  readonly workflows: () => Promise<string[]>;
  readonly started: (name: string) => Promise<unknown>;
  /** Waits until everything sent before has been processed, which the Workflow of another push shows. */
  readonly settle: () => Promise<void>;
}

/** The webhook of one project. */
export async function triggerOf(cluster: BuildCluster, project: Project): Promise<Trigger> {
  const url = await webhookUrl(cluster, project);
  const key = await secretValue(cluster.api, namespaces.events, "github-webhook", "secret");
  const send = (delivery: Delivery) => deliver(url, key, delivery);
  const workflows = () => cluster.api.names(...workflow, namespace);
  const started = (name: string) =>
    until(`there is a Workflow ${name}`, () => cluster.api.find(...workflow, name, namespace), 30);
  const settle = async () => {
    const [repository, commit, id] = [`${project}-service-user`, randomCommit(), randomUUID()];
    const status = await send({ id, body: pushOf(repository, commit) });
    if (status !== 200) throw new Error(`the webhook answered a push with status ${status.toString()}`);
    await started(workflowName(repository, commit, id));
  };
  return { key, send, workflows, started, settle };
}

export function pushOf(
  repository: string,
  commit: string,
  ref = `refs/heads/${branchOf(repository)}`,
  by = owner,
): string {
  return JSON.stringify(pushPayload({ repository: `${by}/${repository}`, commit, ref }));
}

/** A commit that no repository has. */
export function randomCommit(): string {
  return (randomUUID() + randomUUID()).replaceAll("-", "").slice(0, 40);
}

/** The name that the Sensor gives: 12 characters of the commit, 8 of the delivery. */
export function workflowName(repository: string, commit: string, id: string): string {
  return `${workflowPrefix(dnsLabelOf(repository))}-${commit.slice(0, 12)}-${id.slice(0, 8)}`;
}

/** The address behind the Ingress: the port of the project's event, and its path. */
export async function webhookUrl(
  cluster: Pick<BuildCluster, "objects" | "serviceUrl">,
  project: string,
): Promise<string> {
  const source = cluster.objects.find(({ kind }) => kind === "EventSource");
  const { github } = source?.["spec"] as {
    github: Record<string, { webhook: { port: string; endpoint: string } }>;
  };
  const webhook = github[project]?.webhook;
  if (webhook === undefined) throw new Error(`the stack has no project ${project}`);
  const { port, endpoint } = webhook;
  return `${await cluster.serviceUrl("argo-events", "github-webhook", Number(port))}${endpoint}`;
}
