/** What the settings say of the builds that are caught up. */
import * as derived from "../derived-names.ts";
import { pullSecretOf } from "../settings/places.ts";
import type { Settings } from "../settings/settings.ts";
import type { Build } from "./build.ts";
import type { CatchUp } from "./catch-up.ts";
import { labelValue } from "./labels.ts";
import type { DeclaredBuild } from "./programs/declared.ts";
import { statusAccess } from "./steps/tool.ts";

/** Absent where nothing is caught up. */
export function catchUpArgs(settings: Settings, builds: readonly Build[], api: string): CatchUp | undefined {
  const { namespaces, network, projects, registry, secrets, stack } = settings;
  const { catchUp, gitTags, keep } = settings.builds;
  if (!catchUp.enabled) return undefined;
  return {
    namespace: namespaces.builds,
    every: catchUp.every,
    offset: derived.minuteOfDay(stack),
    builds: builds
      .map(declaredBuild)
      // By name: to move a repository in its list changes nothing.
      .toSorted((a, b) => (a.template < b.template ? -1 : 1)),
    privateProjects: projects
      .filter((one) => one.private && one.repositories.length > 0)
      .map(({ name }) => name),
    api,
    hasToken: secrets.statusToken !== undefined,
    registry: registry.host,
    insecure: registry.insecure,
    pullSecret: pullSecretOf(settings),
    network,
    gitTags: gitTags === undefined ? "" : derived.gitTagExpression(gitTags),
    keep,
  };
}

function declaredBuild(build: Build): DeclaredBuild {
  const { project, branch, repository, namespace, cloneSecret } = build;
  const { service, object, slug, cloneUrl, image, tags, paths } = repository;
  return {
    project: cloneSecret === undefined ? "" : project,
    service: labelValue(service),
    template: object,
    namespace,
    stem: derived.workflowPrefix(object),
    slug,
    url: cloneUrl,
    branch,
    branchLabel: derived.branchSegment(branch),
    image: derived.imageParts(image).path,
    commitTag: derived.tagOf(tags.commit, branch, "{sha7}"),
    movingTag: derived.tagOf(tags.moving[0], branch, ""),
    paths,
    context: statusAccess(build).env.CONTEXT,
  };
}
