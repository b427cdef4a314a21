/** What the settings say of the builds. */
import { followedTag, imageParts, logSecret } from "../derived-names.ts";
import type { DnsLabel, Owner } from "../names.ts";
import { githubApi, namespaceOf, namespacesOfBuilds, pullSecretOf, updaterUrl } from "../settings/places.ts";
import type { ApplicationSettings, ProjectSettings, RepositorySettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import { buildkitd, buildkitdSettings } from "./builders/buildkitd.ts";
import type { Quota } from "./builders/needs.ts";
import type { Build, BuildEnvironment, Delivered, Signing } from "./build.ts";
import type { CatchUp } from "./catch-up.ts";
import { catchUpArgs } from "./catch-up-args.ts";
import type { LogStore } from "./log-repository.ts";
import {
  followingApplications,
  githubAccess,
  isAwaited,
  isAwaiting,
  live,
  statuses,
  workflowsPage,
} from "./reports-args.ts";
import { registriesOf } from "./registries-args.ts";
import { cloneToken } from "./token-args.ts";
import { toldPeople } from "./told-args.ts";
import { warnings } from "./warnings.ts";

export interface BuildsArgs {
  /** The namespaces in which a repository is built. */
  readonly namespaces: readonly DnsLabel[];
  readonly builds: readonly Build[];
  /** How many builds run at once in all of them, and the namespace that counts them. */
  readonly limit: { readonly namespace: DnsLabel; readonly atOnce: number };
  /** Of each namespace; absent where there is none. */
  readonly quota: Quota | undefined;
  readonly logs: LogStore | undefined;
  /** ConfigMaps that builders read. */
  readonly configs: readonly ConfigArgs[];
  /** The Applications that builds wait for; absent where builds end with the image. */
  readonly followed: FollowedApplications | undefined;
  /** Whether the API server limits what the accounts of builds write. */
  readonly admissionPolicies: boolean;
  /** Absent where lost pushes are not caught up. */
  readonly catchUp: CatchUp | undefined;
  /** Shown by `pulumi preview` and `pulumi up`. */
  readonly warnings: readonly string[];
}

export interface ConfigArgs {
  readonly namespace: DnsLabel;
  readonly name: DnsLabel;
  readonly data: Readonly<Record<string, string>>;
}

export interface FollowedApplications extends ApplicationNames {
  readonly namespace: DnsLabel;
  /** Whether GitHub gets Deployments of them. */
  readonly areReported: boolean;
}

/** The names of Applications, and of them those that have their images by a commit. */
interface ApplicationNames {
  readonly names: readonly DnsLabel[];
  readonly byCommit: readonly DnsLabel[];
}

export function buildsArgs(settings: Settings): BuildsArgs {
  const { builds, namespaces } = settings;
  const all = allBuilds(settings);
  return {
    namespaces: namespacesOfBuilds(settings),
    builds: all,
    limit: { namespace: namespaces.builds, atOnce: builds.atOnce },
    quota: builds.quota,
    logs: builds.logs && { ...builds.logs, secret: logSecret },
    followed: isAwaiting(settings)
      ? {
          namespace: namespaces.delivery,
          areReported: settings.github.deployments,
          ...namesOf(followingApplications(settings)),
        }
      : undefined,
    admissionPolicies: settings.cluster.admissionPolicies,
    configs: builderConfigs(settings),
    catchUp: catchUpArgs(settings, all, githubApi(settings)),
    warnings: warnings(settings),
  };
}

/** What builders read from ConfigMaps. */
function builderConfigs(settings: Settings): ConfigArgs[] {
  const text = buildkitdSettings(registriesOf(settings));
  const namespace = namespaceOf("buildkit", settings);
  if (!namespacesOfBuilds(settings).includes(namespace)) return [];
  return [{ namespace, name: buildkitd.configMap, data: { [buildkitd.key]: text } }];
}

function allBuilds(settings: Settings): Build[] {
  return settings.projects.flatMap((project) => {
    const environment = buildEnvironment(settings, project.owner);
    const token = cloneToken(project, settings);
    return project.repositories.map((repository) => ({
      ...environment,
      project: project.name,
      branch: project.branch,
      repository,
      namespace: namespaceOf(repository.builder, settings),
      buildSecret: project.buildSecret,
      cloneToken: token,
      delivered: delivered(repository, project, settings),
      told: toldPeople(project, settings, githubAccess(settings, project.owner), token),
    }));
  });
}

/** What the builds of one owner's repositories share. */
function buildEnvironment(settings: Settings, owner: Owner): BuildEnvironment {
  const { builds, namespaces } = settings;
  return {
    pullSecret: pullSecretOf(settings),
    registries: registriesOf(settings),
    network: settings.network,
    limitNamespace: namespaces.builds,
    scan: builds.scan,
    signing: signing(settings),
    statuses: statuses(settings, owner),
    updaterUrl: updaterUrl(settings),
    live: live(settings, owner),
    keepLogs: builds.logs !== undefined,
    keep: builds.keep,
    keepSucceeded: keepSucceeded(settings),
  };
}

const day = 86_400;

/** Seconds that a Workflow is kept that has succeeded: a thousand builds an hour would fill etcd in the time for the others. */
export function keepSucceeded({ builds }: Settings): number {
  return builds.keepSucceeded ?? Math.min(builds.keep, day);
}

/** The Applications that are to have a repository's new images. */
function delivered(
  repository: RepositorySettings,
  project: ProjectSettings,
  settings: Settings,
): Delivered | undefined {
  const following = project.applications.filter(({ follows }) => follows.includes(repository));
  const { image, tags, pin } = repository;
  if (following.length === 0 || pin !== undefined) return undefined;
  const { names, byCommit } = namesOf(following);
  const withWindows = following.filter(({ syncWindows }) => syncWindows.length > 0);
  return {
    tag: followedTag(tags, project.branch, pin),
    registry: settings.registry.host,
    path: imageParts(image).path,
    applications: names,
    byCommit,
    withWindows: withWindows.map(({ name }) => name),
    namespace: settings.namespaces.delivery,
    page: following.find(({ url }) => url !== undefined)?.url,
  };
}

function namesOf(applications: readonly ApplicationSettings[]): ApplicationNames {
  const awaited = applications.filter(isAwaited);
  const byCommit = awaited.filter(({ writeBack }) => writeBack === "git");
  return { names: awaited.map(({ name }) => name), byCommit: byCommit.map(({ name }) => name) };
}

function signing(settings: Settings): Signing {
  return {
    platform: workflowsPage(settings) ?? `urn:argo-cicd:${settings.stack}`,
    publicKeys: settings.builds.signing.publicKeys.length,
  };
}
