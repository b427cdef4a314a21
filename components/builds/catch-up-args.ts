/** Derives the arguments of the catch-up from the settings. */
import * as derived from "../derived-names.ts";
import type { Owner, RepositoryName } from "../names.ts";
import { ownersOf } from "../settings/github.ts";
import { checkingApp, pullSecretOf, updaterUrl } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import { projectSecretsOf } from "../settings/secret-values.ts";
import { reportsToGitHub } from "../settings/secrets.ts";
import type { Settings } from "../settings/settings.ts";
import type { Build } from "./build.ts";
import { awaitedDelivery } from "./build.ts";
import type { CatchUp } from "./catch-up.ts";
import type { OwnerToken, ProjectToken } from "./catch-up-files.ts";
import { isAwaiting } from "./delivered-args.ts";
import { labelValue } from "./labels.ts";
import type { AwaitedImage, DeclaredBuild } from "./programs/declared.ts";
import type { TokenPermission } from "./steps/tokens.ts";
import { statusContext } from "./steps/tool.ts";

/** Undefined if nothing is caught up. */
export function catchUpArgs(settings: Settings, builds: readonly Build[], api: string): CatchUp | undefined {
  const { namespaces, network, registry, stack } = settings;
  const { catchUp, gitTags, keep } = settings.builds;
  if (!catchUp.enabled) return undefined;
  return {
    namespace: namespaces.builds,
    every: catchUp.every,
    offset: derived.minuteOfDay(stack),
    builds: builds
      .map(declaredBuild)
      // Sorted by name, so that the order of repositories in the stack file changes nothing.
      .toSorted((a, b) => (a.template < b.template ? -1 : 1)),
    clones: cloneTokens(settings),
    reports: reportTokens(settings),
    api,
    registry: registry.host,
    insecure: registry.insecure,
    pullSecret: pullSecretOf(settings),
    network,
    delivery: isAwaiting(settings)
      ? { namespace: namespaces.delivery, updaterUrl: updaterUrl(settings) }
      : undefined,
    gitTags: gitTags === undefined ? "" : derived.patternExpression(gitTags),
    keep,
  };
}

/** The tokens of private projects. */
function cloneTokens(settings: Settings): ProjectToken[] {
  return settings.projects.flatMap((project) => {
    const token = projectSecretsOf(settings, project.name).cloneSource;
    const repositories = repositoriesOf([project]);
    return token === undefined || repositories.length === 0
      ? []
      : [{ project: project.name, token, repositories }];
  });
}

/** A token for each owner, if builds report to GitHub. */
function reportTokens(settings: Settings): OwnerToken[] {
  if (!reportsToGitHub(settings)) return [];
  return ownersOf(settings.projects).flatMap((owner) => {
    const token = settings.secrets.reportTokens.get(owner);
    const repositories = repositoriesOf(settings.projects.filter((one) => one.owner === owner));
    // Without repositories there is nothing to report, and a token of the App would be one for all of the owner's.
    return token === undefined || repositories.length === 0
      ? []
      : [{ owner, token, repositories, permission: reportPermission(settings, owner) }];
  });
}

/** The permission to read what builds have reported, and to report what they could not. */
function reportPermission(settings: Settings, owner: Owner): TokenPermission["permission"] {
  const { statuses, deployments } = settings.github;
  const ofChecks = checkingApp(settings, owner) === undefined ? "statuses" : "checks";
  const own = `${ofChecks}:${statuses ? "write" : "read"}` as const;
  return deployments && isAwaiting(settings) ? `${own},deployments:write` : own;
}

/** Each repository once, even if it contains several services. */
function repositoriesOf(projects: readonly ProjectSettings[]): RepositoryName[] {
  return [...new Set(projects.flatMap(({ repositories }) => repositories.map(({ name }) => name)))];
}

function declaredBuild(build: Build): DeclaredBuild {
  const { project, branch, repository, namespace, statuses, cloneToken: token } = build;
  const { service, object, slug, cloneUrl, image, tags, paths } = repository;
  const followed = followedImage(build);
  return {
    project: token === undefined ? "" : project,
    service: labelValue(service),
    template: object,
    namespace,
    workflowPrefix: derived.workflowPrefix(object),
    slug,
    url: cloneUrl,
    branch,
    branchLabel: derived.branchSegment(branch),
    image: derived.imageParts(image).path,
    commitTag: derived.tagOf(tags.commit, branch, "{sha7}"),
    movingTag: derived.tagOf(tags.moving[0], branch, ""),
    paths,
    context: statusContext(build),
    ...(statuses?.app === undefined ? {} : { app: statuses.app.toString() }),
    ...(followed === undefined ? {} : { followed }),
  };
}

function followedImage(build: Build): AwaitedImage | undefined {
  const delivered = awaitedDelivery(build);
  if (delivered === undefined) return undefined;
  return { image: build.repository.image, tag: delivered.tag, applications: delivered.applications };
}
