/** Derives the arguments of the builds from the settings. */
import { logSecret } from "../derived-names.ts";
import type { WorkflowTemplateSpec } from "../kinds/workflows.ts";
import type { DnsLabel, Owner } from "../names.ts";
import { githubApi, namespaceOf, namespacesOfBuilds, pullSecretOf, updaterUrl } from "../settings/places.ts";
import { projectSecretsOf } from "../settings/secret-values.ts";
import type { Settings } from "../settings/settings.ts";
import { buildkitd, buildkitdSettings } from "./builders/buildkitd.ts";
import type { Quota } from "./builders/needs.ts";
import type { Build, BuildEnvironment, Signing } from "./build.ts";
import { configMaps, limitKey, tagsKey } from "./build.ts";
import type { CatchUp } from "./catch-up.ts";
import { catchUpArgs } from "./catch-up-args.ts";
import type { FollowedApplications } from "./delivered-args.ts";
import { delivered, followed } from "./delivered-args.ts";
import { logRepository } from "./log-repository.ts";
import { githubAccess, live, statuses, workflowsUrl } from "./reports-args.ts";
import { registriesOf } from "./registries-args.ts";
import { notificationsOf } from "./notification-args.ts";
import { warnings } from "./warnings.ts";
import { workflowTemplate } from "./workflow-template.ts";

export interface BuildsArgs {
  /** The namespaces in which a repository is built. */
  readonly namespaces: readonly DnsLabel[];
  /** One for each service of a repository. */
  readonly templates: readonly TemplateArgs[];
  /** The quota of each namespace; undefined if there is none. */
  readonly quota: Quota | undefined;
  /** ConfigMaps that builds, builders and the workflow controller read. */
  readonly configs: readonly ConfigArgs[];
  /** The Applications that builds wait for; undefined if builds end with the image. */
  readonly followed: FollowedApplications | undefined;
  /** Whether the API server restricts what the service accounts of builds write. */
  readonly admissionPolicies: boolean;
  /** Undefined if builds of lost pushes are not caught up. */
  readonly catchUp: CatchUp | undefined;
  /** Shown by `pulumi preview` and `pulumi up`. */
  readonly warnings: readonly string[];
}

export interface TemplateArgs {
  readonly namespace: DnsLabel;
  readonly name: DnsLabel;
  readonly spec: WorkflowTemplateSpec;
}

export interface ConfigArgs {
  readonly namespace: DnsLabel;
  readonly name: DnsLabel;
  readonly data: Readonly<Record<string, string>>;
}

export function buildsArgs(settings: Settings): BuildsArgs {
  const builds = allBuilds(settings);
  return {
    namespaces: namespacesOfBuilds(settings),
    templates: builds.map(templateOf),
    quota: settings.builds.quota,
    configs: [...logConfigs(settings), limitConfig(settings, builds), ...builderConfigs(settings)],
    followed: followed(settings),
    admissionPolicies: settings.cluster.admissionPolicies,
    catchUp: catchUpArgs(settings, builds, githubApi(settings)),
    warnings: warnings(settings),
  };
}

function templateOf(build: Build): TemplateArgs {
  const { namespace, repository } = build;
  return { namespace, name: repository.object, spec: workflowTemplate(build) };
}

/** Where builds keep their logs. */
function logConfigs(settings: Settings): ConfigArgs[] {
  const { logs } = settings.builds;
  if (logs === undefined) return [];
  const data = logRepository({ ...logs, secret: logSecret });
  return namespacesOfBuilds(settings).map((namespace) => ({ namespace, name: configMaps.logs, data }));
}

/** Limits how many builds run at once in all namespaces, and lets one build at a time move the tags of a service. */
function limitConfig({ namespaces, builds: { atOnce } }: Settings, builds: readonly Build[]): ConfigArgs {
  const tags = Object.fromEntries(builds.map((one) => [tagsKey(one), "1"]));
  const data = { [limitKey]: atOnce.toString(), ...tags };
  return { namespace: namespaces.builds, name: configMaps.limits, data };
}

/** ConfigMaps that builders read. */
function builderConfigs(settings: Settings): ConfigArgs[] {
  const text = buildkitdSettings(registriesOf(settings));
  const namespace = namespaceOf("buildkit", settings);
  if (!namespacesOfBuilds(settings).includes(namespace)) return [];
  return [{ namespace, name: buildkitd.configMap, data: { [buildkitd.key]: text } }];
}

/** The build of each repository, with everything that its template needs. */
export function allBuilds(settings: Settings): Build[] {
  return settings.projects.flatMap((project) => {
    const environment = buildEnvironment(settings, project.owner);
    const token = projectSecretsOf(settings, project.name).cloneSource;
    return project.repositories.map((repository) => ({
      ...environment,
      project: project.name,
      branch: project.branch,
      repository,
      namespace: namespaceOf(repository.builder, settings),
      buildSecret: project.buildSecret,
      cloneToken: token,
      delivered: delivered(repository, project, settings),
      notifications: notificationsOf(project, settings, githubAccess(settings, project.owner), token),
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

/** In seconds, for successful Workflows: a thousand builds an hour would fill etcd if kept as long as the others. */
export function keepSucceeded({ builds }: Settings): number {
  return builds.keepSucceeded ?? Math.min(builds.keep, day);
}

function signing(settings: Settings): Signing {
  return {
    platform: workflowsUrl(settings) ?? `urn:argo-cicd:${settings.stack}`,
    publicKeys: settings.builds.signing.publicKeys.length,
  };
}
