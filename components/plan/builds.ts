/** What is built, and how. */
import { cloneSecret, logSecret, statusSecret } from "../names.ts";
import type { Settings } from "../settings.ts";
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
      })),
    })),
    pullSecret: pullSecretOf(settings),
    insecureRegistry: registry.insecure ? registry.host : undefined,
    limit: { namespace: namespaces.builds, atOnce: builds.atOnce },
    scan: builds.scan,
    statuses: statusesPlan(settings),
    logs: builds.logs && { ...builds.logs, secret: logSecret },
    keep: builds.keep,
    warnings: warnings(settings),
  };
}

/** A Dockerfile's arguments are no place for secrets, though these come from the stack's. */
function warnings({ projects }: Settings): string[] {
  const told = projects
    .flatMap(({ repositories }) => repositories)
    .filter(({ buildArgs }) => buildArgs.length > 0)
    .map(({ service, buildArgs }) => `${service} (${buildArgs.join(", ")})`);
  if (told.length === 0) return [];
  return [
    `The values of build arguments stay in an image's history, for everyone who can pull it: ${told.join("; ")}. ` +
      "What must stay secret goes into `secrets` of the repository instead.",
  ];
}

function statusesPlan({ stack, github: { url, statuses }, workflows: { host, nodePort } }: Settings) {
  if (!statuses) return undefined;
  return {
    secret: statusSecret,
    // A GitHub Enterprise Server has its API below its own address.
    api: url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`,
    context: `argo-cicd/${stack}`,
    page: host === undefined ? undefined : pageUrl(host, nodePort),
  };
}
