/** What is live of each repository, since when, and its last failures. */
import { labelValue } from "../../components/builds/labels.ts";
import { tagOf } from "../../components/derived-names.ts";
import type { ProjectSettings, RepositorySettings } from "../../components/settings/resolve.ts";
import type { Application, Since } from "./applications.ts";
import { digestOf, imagesOf, sinceSync } from "./applications.ts";
import type { BuildRow } from "./builds.ts";
import type { Deployment } from "./deployments.ts";

export interface RepositoryRow {
  readonly project: string;
  /** The repository's name, or that of one of its services. */
  readonly service: string;
  /** `owner/name`. */
  readonly slug: string;
  /** Its images that pods run now: several while one replaces another, or if applications differ. */
  readonly live: readonly LiveImage[];
  /** Why none is live; empty if one is. */
  readonly why: string;
  /** The newest first. */
  readonly failures: readonly Failure[];
}

export interface LiveImage {
  /** As pods name it. */
  readonly image: string;
  readonly digest: string | undefined;
  /** In full, or as the pin has it; undefined if no known build made the image. */
  readonly commit: string | undefined;
  readonly since: Since | undefined;
  /** In seconds; undefined if it is not recorded. */
  readonly pushToLive: number | undefined;
  readonly applications: readonly string[];
}

export interface Failure {
  readonly at: string;
  /** Empty if it ended before it knew its commit. */
  readonly commit: string;
  /** The error, or the last line that was written. */
  readonly words: string;
}

/** What is known of a stack. */
export interface Known {
  readonly builds: readonly BuildRow[];
  /** Of all records, the newest first. */
  readonly deployments: readonly Deployment[];
  readonly applications: readonly Application[];
}

/** For each repository. */
const maxFailures = 3;

export function repositoryRows(projects: readonly ProjectSettings[], known: Known): RepositoryRow[] {
  return projects.flatMap((project) =>
    project.repositories.map((repository) => repositoryRow(project, repository, known)),
  );
}

function repositoryRow(
  project: ProjectSettings,
  repository: RepositorySettings,
  known: Known,
): RepositoryRow {
  const { service, slug, image } = repository;
  const images = known.applications.flatMap((application) =>
    imagesOf(application)
      .filter((one) => isOf(one, image))
      .map((one) => ({ image: one, application })),
  );
  const live = [...Map.groupBy(images, (one) => one.image)].map(([name, having]) =>
    liveImage(
      name,
      having.map(({ application }) => application),
      pinnedCommit(name, project, repository),
      known,
    ),
  );
  const why = live.length > 0 ? "" : whyNone(project, repository, known.applications);
  return { project: project.name, service, slug, live, why, failures: failuresOf(service, known) };
}

/** Whether a name with a tag or a digest belongs to the image. */
function isOf(name: string, image: string): boolean {
  return name.startsWith(image) && /^[:@]/.test(name.slice(image.length));
}

function liveImage(
  image: string,
  having: readonly Application[],
  pinned: string | undefined,
  { builds, deployments }: Known,
): LiveImage {
  const digest = digestOf(image);
  const made = <One extends { readonly digest: string | undefined }>(all: readonly One[]) =>
    all.filter((one) => digest !== undefined && one.digest === digest);
  const rollouts = made(deployments).filter(({ state }) => state === "succeeded");
  const synced = having.flatMap((one) => (digest === undefined ? [] : (sinceSync(one, digest) ?? [])));
  const [since] = synced.toSorted((one, other) => one.at.localeCompare(other.at));
  const [commit] = [...made(builds), ...made(deployments)].flatMap((one) => one.commit || []);
  return {
    image,
    digest,
    commit: commit ?? pinned,
    since: since ?? sinceRollout(rollouts),
    pushToLive: rollouts[0]?.pushToLive,
    applications: having.map(({ metadata }) => metadata.name),
  };
}

/** An image may have been rolled out again while it was live. */
function sinceRollout([last, ...earlier]: readonly Deployment[]): Since | undefined {
  return last && { at: last.at, orEarlier: earlier.length > 0 };
}

/** A pinned image has the commit's tag. */
function pinnedCommit(
  image: string,
  { branch }: ProjectSettings,
  { pin, tags, image: name }: RepositorySettings,
): string | undefined {
  const tag = pin && tagOf(tags.commit, branch, pin.slice(0, 7));
  return tag !== undefined && image.replace(/@.*$/, "") === `${name}:${tag}` ? pin : undefined;
}

function whyNone(
  { applications }: ProjectSettings,
  repository: RepositorySettings,
  there: readonly Application[],
): string {
  const following = applications
    .filter(({ follows }) => follows.includes(repository))
    .map(({ name }) => name);
  if (following.length === 0) return "no application follows it";
  const missing = following.filter((name) => !there.some(({ metadata }) => metadata.name === name));
  return missing.length > 0
    ? `there is no Application ${missing.join(", ")}`
    : `no pod of ${following.join(", ")} runs it`;
}

/** From the Workflows of builds; for older rollouts, from what was reported to GitHub. */
function failuresOf(service: RepositorySettings["service"], { builds, deployments }: Known): Failure[] {
  const label = labelValue(service);
  const built = builds.filter((one) => one.service === label);
  const failed = built
    .filter((one) => one.failed)
    .map(({ ended, at, commit, result }) => ({ at: ended ?? at, commit, words: result }));
  const rollouts = deployments
    .filter((one) => one.service === label && one.state === "failed")
    .filter(({ commit }) => !built.some((one) => one.commit === commit))
    .map(({ at, commit, words }) => ({ at, commit, words }));
  return [...failed, ...rollouts]
    .toSorted((one, other) => other.at.localeCompare(one.at))
    .slice(0, maxFailures);
}
