/** Which push starts which build. */
import type { SensorBuilds } from "../manifests/sensor.ts";
import type { RepositoryName } from "../names.ts";
import type { ProjectWithSecrets, Settings } from "../settings.ts";
import type { Builder } from "../settings/project-schema.ts";
import { builder as builders } from "../settings/project-schema.ts";
import { namespaceOf, namespacesOfBuilds } from "./places.ts";

export function triggerPlan(settings: Settings) {
  const { namespaces, cluster, eventBus, webhooks, projects } = settings;
  return {
    namespace: namespaces.events,
    bus: { ...eventBus, storageClass: cluster.storageClass },
    highAvailability: cluster.highAvailability,
    ingress: webhooks.ingress,
    keyVersion: webhooks.keyVersion,
    projects: projects
      .filter(({ repositories }) => repositories.length > 0)
      .map((project) => ({
        ...project,
        repositories: distinct(project.repositories),
        builds: sensorBuilds(project, settings),
      })),
    buildNamespaces: namespacesOfBuilds(settings),
  };
}

/** Names a dependency and a trigger for each builder; JetStream's consumers have these names, so they never change. */
const triggerNames: Readonly<Record<Builder, string>> = { kaniko: "build", buildkit: "build-buildkit" };

/** Each repository of GitHub once, however many services it holds. */
function distinct<Repository extends { readonly name: RepositoryName }>(
  all: readonly Repository[],
): Repository[] {
  return [...new Map(all.map((one) => [one.name.toLowerCase(), one])).values()];
}

/** Whole repositories share a trigger, which reads the template off the push; a part of one has its own. */
function sensorBuilds({ repositories }: ProjectWithSecrets, settings: Settings): SensorBuilds[] {
  const { gitTags } = settings.builds;
  const whole = repositories.filter(({ partial }) => !partial);
  const shared = builders.options.map((builder) => ({
    name: triggerNames[builder],
    namespace: namespaceOf(builder, settings),
    repositories: whole.filter((one) => one.builder === builder),
    template: undefined,
    paths: [],
    gitTags: undefined,
  }));
  const single = repositories
    .filter(({ partial }) => partial)
    .map((one) => ({
      name: `service-${one.object}`,
      namespace: namespaceOf(one.builder, settings),
      repositories: [one],
      template: one.object,
      paths: one.paths,
      gitTags: undefined,
    }));
  const pushes = [...shared, ...single];
  const tags = pushes.map((one) => ({ ...one, name: `git-tag-${one.name}`, paths: [], gitTags }));
  return gitTags === undefined ? pushes : [...pushes, ...tags];
}
