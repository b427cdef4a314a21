/** What is built, and how. */
import { cloneSecret, followedTag, logSecret, statusSecret, updaterSecret } from "../names.ts";
import type { ApplicationSettings, ProjectWithSecrets, RepositorySettings, Settings } from "../settings.ts";
import { pathOf, updaterUrl } from "./delivery.ts";
import { pullSecretOf } from "./credentials.ts";
import { namespaceOf, namespacesOfBuilds, pageUrl } from "./places.ts";

export function buildsPlan(settings: Settings) {
  const { registry, builds, namespaces, projects } = settings;
  return {
    namespaces: namespacesOfBuilds(settings),
    projects: projects.map((project) => ({
      ...project,
      cloneSecret: project.private ? cloneSecret(project.name) : undefined,
      repositories: project.repositories.map((repository) => ({
        ...repository,
        namespace: namespaceOf(repository.builder, settings),
        delivered: deliveredPlan(repository, project, settings),
      })),
    })),
    pullSecret: pullSecretOf(settings),
    insecureRegistry: registry.insecure ? registry.host : undefined,
    limit: { namespace: namespaces.builds, atOnce: builds.atOnce },
    scan: builds.scan,
    statuses: statusesPlan(settings),
    updater: { url: updaterUrl(settings), secret: updaterSecret },
    live: livePlan(settings),
    applications: {
      namespace: namespaces.delivery,
      ...namesOf(
        projects.flatMap(({ applications }) => applications.filter(({ follows }) => follows.length > 0)),
      ),
    },
    logs: builds.logs && { ...builds.logs, secret: logSecret },
    keep: builds.keep,
    warnings: warnings(settings),
  };
}

function warnings({ projects }: Settings): string[] {
  const repositories = projects.flatMap((project) => project.repositories);
  return [...argumentWarning(repositories), ...repositories.flatMap(pinWarning)];
}

function pinWarning({ service, pin }: RepositorySettings): string[] {
  return pin === undefined
    ? []
    : [`${service} is pinned at ${pin.slice(0, 7)}: what is built from newer commits is not deployed.`];
}

/** A Dockerfile's arguments are no place for secrets, though these come from the stack's. */
function argumentWarning(repositories: readonly RepositorySettings[]): string[] {
  const told = repositories
    .filter(({ buildArgs }) => buildArgs.length > 0)
    .map(({ service, buildArgs }) => `${service} (${buildArgs.join(", ")})`);
  if (told.length === 0) return [];
  return [
    `The values of build arguments stay in an image's history, for everyone who can pull it: ${told.join("; ")}. ` +
      "What must stay secret goes into `secrets` of the repository instead.",
  ];
}

/** The Applications that are to have a repository's new images. */
function deliveredPlan(repository: RepositorySettings, project: ProjectWithSecrets, settings: Settings) {
  const following = project.applications.filter(({ follows }) => follows.includes(repository));
  const { image, tags, pin } = repository;
  if (following.length === 0 || pin !== undefined) return undefined;
  const { host } = settings.registry;
  const { names, byCommit } = namesOf(following);
  return {
    tag: followedTag(tags, project.branch, pin),
    registry: host,
    path: pathOf(image, host),
    applications: names,
    byCommit,
    namespace: settings.namespaces.delivery,
    page: following.find(({ url }) => url !== undefined)?.url,
  };
}

/** The names of Applications, and beside them those of the ones that have their images by a commit. */
function namesOf(applications: readonly ApplicationSettings[]) {
  const byCommit = applications.filter(({ writeBack }) => writeBack === "git");
  return { names: applications.map(({ name }) => name), byCommit: byCommit.map(({ name }) => name) };
}

function livePlan(settings: Settings) {
  const { stack, github, delivery, projects } = settings;
  const isFollowed = projects.some(({ applications }) =>
    applications.some(({ follows }) => follows.length > 0),
  );
  if (!delivery.wait || !isFollowed) return undefined;
  return {
    timeLimit: delivery.timeLimit,
    environment: stack,
    deployments: github.deployments ? githubPlan(settings) : undefined,
  };
}

function statusesPlan(settings: Settings) {
  return settings.github.statuses
    ? { ...githubPlan(settings), context: `argo-cicd/${settings.stack}` }
    : undefined;
}

function githubPlan({ github: { url }, workflows: { host, nodePort } }: Settings) {
  return {
    secret: statusSecret,
    // A GitHub Enterprise Server has its API below its own address.
    api: url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`,
    page: host === undefined ? undefined : pageUrl(host, nodePort),
  };
}
