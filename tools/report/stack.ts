/** Reports what is live of one stack, from its cluster and GitHub. */
import { allBuilds, keepSucceeded } from "../../components/builds/args.ts";
import { live } from "../../components/builds/steps/live.ts";
import { namespacesOfBuilds } from "../../components/settings/places.ts";
import type { Settings } from "../../components/settings/settings.ts";
import type { Application, LiveApplication } from "./applications.ts";
import { liveApplications } from "./applications.ts";
import type { BuildRow } from "./builds.ts";
import { buildRows } from "./builds.ts";
import type { Cluster } from "./cluster.ts";
import type { Deployment } from "./deployments.ts";
import { deploymentsOf } from "./deployments.ts";
import type { Figures } from "./figures.ts";
import { figuresOf } from "./figures.ts";
import type { GitHub } from "./github.ts";
import { recordOf } from "./record.ts";
import type { RepositoryRow } from "./repositories.ts";
import { repositoryRows } from "./repositories.ts";

export interface StackReport {
  readonly stack: string;
  /** The URL of GitHub's pages. */
  readonly github: string;
  readonly repositories: readonly RepositoryRow[];
  /** Undefined if nothing records deployments. */
  readonly figures: Figures | undefined;
  readonly builds: readonly BuildRow[];
  readonly applications: readonly LiveApplication[];
  /** Services that the stack file pins to a commit. */
  readonly pins: readonly string[];
}

/** The input of a report. */
export interface Sources {
  readonly settings: Settings;
  readonly cluster: Cluster;
  /** Undefined if no token is available. */
  readonly github: GitHub | undefined;
  readonly now: Date;
  /** How many builds are shown. */
  readonly last: number;
}

/** @throws UserError if the cluster does not answer */
export async function reportStack({ settings, cluster, github, now, last }: Sources): Promise<StackReport> {
  const [builds, applications] = await Promise.all([
    readBuilds(settings, cluster),
    readApplications(settings, cluster),
  ]);
  const waiting = allBuilds(settings).filter((build) => live.wanted(build));
  const own = deploymentsOf(builds);
  const keep = Math.min(settings.builds.keep, keepSucceeded(settings));
  const record = await recordOf({ own, waiting, github, keep, now });
  const deployments = merged(own, record.deployments);
  const repositories = settings.projects.flatMap((project) => project.repositories);
  return {
    stack: settings.stack,
    github: settings.github.url,
    repositories: repositoryRows(settings.projects, { builds, deployments, applications }),
    figures: waiting.length === 0 ? undefined : figuresOf(record, now),
    builds: builds.slice(0, last),
    applications: liveApplications(applications, commitsOf([...deployments, ...builds])),
    pins: repositories.flatMap(({ service, pin }) =>
      pin === undefined ? [] : [`${service} is pinned to ${pin.slice(0, 7)}`],
    ),
  };
}

async function readBuilds(settings: Settings, { workflows }: Cluster): Promise<BuildRow[]> {
  const all = (await Promise.all(namespacesOfBuilds(settings).map(workflows))).flat();
  return buildRows(all, all.length);
}

function readApplications({ projects, namespaces }: Settings, cluster: Cluster): Promise<Application[]> {
  const isDelivered = projects.some(({ applications }) => applications.length > 0);
  return isDelivered ? cluster.applications(namespaces.delivery) : Promise.resolve([]);
}

/** The newest first. If both have a commit, its Workflow takes precedence. */
function merged(own: readonly Deployment[], recorded: readonly Deployment[]): Deployment[] {
  const keyOf = ({ service, commit }: Deployment) => `${service} ${commit}`;
  const known = new Set(own.map(keyOf));
  return [...own, ...recorded.filter((one) => !known.has(keyOf(one)))].toSorted((one, other) =>
    other.at.localeCompare(one.at),
  );
}

function commitsOf(all: readonly Pick<BuildRow, "digest" | "commit">[]): Map<string, string> {
  return new Map(
    all.flatMap(({ digest, commit }) => (digest === undefined || commit === "" ? [] : [[digest, commit]])),
  );
}
