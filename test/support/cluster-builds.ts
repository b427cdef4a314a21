/** Builds of a project in a test's cluster: the pushes, their outcome, and what is reported to GitHub. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { ClusterObject } from "./cluster-api.ts";
import type { RegistryImage } from "./cluster-registry.ts";
import { imageAt } from "./cluster-registry.ts";
import type { BuildCluster } from "./cluster-stack.ts";
import type { Project } from "./cluster-trigger.ts";
import { branchOf, namespace, owner, pushOf, triggerOf, workflow, workflowName } from "./cluster-trigger.ts";
import { until } from "./cluster-wait.ts";

export interface Builder {
  readonly of: (repository: string, service?: string) => BuiltRepository;
}

export interface BuiltRepository {
  /** Adds a commit to the branch. @returns the full commit */
  readonly commit: (files: Readonly<Record<string, string>>) => string;
  readonly setBack: (commit: string) => void;
  readonly deleteBranch: () => void;
  /** Notifies the webhook that the branch, or another ref, is at the commit. */
  readonly push: (commit: string, ref?: string) => Run;
  /** Starts the template with these parameters. */
  readonly byHand: (parameters: Readonly<Record<string, string>>) => Run;
  readonly isBuilding: () => Promise<boolean>;
  /** The builder's output in a running build. */
  readonly buildLog: () => Promise<string>;
  /** The statuses that were reported to GitHub for a commit: `state: description`. */
  readonly reported: (commit: string) => string[];
  readonly image: (tag: string) => Promise<RegistryImage | undefined>;
  /** The image under the commit's own tag. */
  readonly imageOf: (commit: string) => Promise<RegistryImage | undefined>;
}

export interface Run {
  readonly succeeds: () => Promise<void>;
  readonly fails: () => Promise<void>;
}

export async function builderOf(cluster: BuildCluster, project: Project): Promise<Builder> {
  const trigger = await triggerOf(cluster, project);
  const started = async (repository: string, service: string, commit: string, ref?: string) => {
    const id = randomUUID();
    assert.equal(await trigger.send({ id, body: pushOf(repository, commit, ref) }), 200);
    return workflowName(service, commit, id);
  };
  return {
    of: (repository, service = repository) => {
      const slug = `${owner}/${repository}`;
      const branch = branchOf(repository);
      const image = (tag: string) => imageAt(cluster.registry.url, `chromato99/${service}`, tag);
      return {
        commit: (files) => cluster.git.commit(slug, branch, files),
        setBack: (commit) => void cluster.git.git(slug, "update-ref", `refs/heads/${branch}`, commit),
        deleteBranch: () => void cluster.git.git(slug, "update-ref", "-d", `refs/heads/${branch}`),
        push: (commit, ref) => runOf(cluster, started(repository, service, commit, ref)),
        byHand: (parameters) => runOf(cluster, submitted(cluster, service, parameters)),
        isBuilding: async () => (await buildingPods(cluster, service)).length > 0,
        buildLog: async () => {
          const [pod = ""] = await buildingPods(cluster, service);
          const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=main`;
          return pod === "" ? "" : String(await cluster.api.call(path));
        },
        reported: (commit) =>
          withoutRepetition(
            cluster.statuses.taken
              .filter(
                (one) =>
                  one.repository === slug &&
                  one.commit === commit &&
                  (service === repository || one.status.context?.endsWith(`/${service}`)),
              )
              .map(({ status: { state, description = "" } }) => `${state}: ${description}`),
          ),
        image,
        imageOf: (commit) => image(`${branch}-${commit.slice(0, 7)}`),
      };
    },
  };
}

/** The names of the pods that run a builder. */
async function buildingPods({ api }: BuildCluster, service: string): Promise<string[]> {
  return (await api.list("v1", "Pod", namespace))
    .filter(({ metadata: { name }, status }) => {
      return name.startsWith(service) && name.includes("-build-") && isInMain(status);
    })
    .map(({ metadata }) => metadata.name);
}

/** A report that was not answered in time is sent again. */
function withoutRepetition(reports: readonly string[]): string[] {
  return reports.filter((one, index) => one !== reports[index - 1]);
}

function isInMain(status: unknown): boolean {
  const { containerStatuses = [] } = status as { containerStatuses?: { name: string; state: object }[] };
  return containerStatuses.some(({ name, state }) => name === "main" && "running" in state);
}

async function submitted(
  { api }: BuildCluster,
  template: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const name = `${template}-${randomUUID().slice(0, 8)}`;
  const list = Object.entries(parameters).map(([key, value]) => ({ name: key, value }));
  const [apiVersion, kind] = workflow;
  await api.apply({
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: { workflowTemplateRef: { name: template }, arguments: { parameters: list } },
  });
  return name;
}

function runOf(cluster: BuildCluster, name: Promise<string>): Run {
  const ends = async (wanted: string) => {
    const { metadata, status } = await endOf(cluster, await name);
    assert.equal((status as { phase?: string }).phase, wanted, metadata.name);
  };
  return { succeeds: () => ends("Succeeded"), fails: () => ends("Failed") };
}

/** A build's Workflow, once it has ended. */
export function endOf({ api }: BuildCluster, name: string): Promise<ClusterObject> {
  return until(
    `the Workflow ${name} has ended`,
    async () => {
      const one = await api.find(...workflow, name, namespace);
      const { phase = "" } = (one?.["status"] ?? {}) as { phase?: string };
      return ["Succeeded", "Failed", "Error"].includes(phase) ? one : undefined;
    },
    180,
  );
}

/** The labels of a build. */
export function ourLabels(run: ClusterObject | undefined): Record<string, string> {
  const labels = Object.entries(run?.metadata.labels ?? {});
  return Object.fromEntries(labels.filter(([key]) => key.startsWith("argo-cicd/")));
}

/** The logs of a service's build steps in the store. */
export async function keptLog(store: string, service: string): Promise<string> {
  const list = await (await fetch(`http://${store}/logs?list-type=2&prefix=ci/${service}`)).text();
  const keys = [...list.matchAll(/<Key>([^<]*-build-[^<]*main\.log)<\/Key>/g)].map(([, key = ""]) => key);
  const logs = await Promise.all(
    keys.map(async (key) => (await fetch(`http://${store}/logs/${key}`)).text()),
  );
  return logs.join("\n");
}
