/** Rules for images: what no registry, or not the one in the stack file, would accept. */
import { entries } from "../entries.ts";
import { architectureTag, dockerHub, imageName, objectName, tagOf } from "../derived-names.ts";
import { imageRepository, parseName } from "../names.ts";
import { otherBranchNames, pullRequestNames } from "../ref-names.ts";
import type { TagTemplate } from "../names.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { ListedRepository, Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { buildsOtherBranches, buildsPullRequests } from "./built-refs.ts";
import { severalOf, tagsOf } from "./resolve.ts";
import type { TopLevel } from "./schema.ts";

/** A namespace on Docker Hub is a user or an organization, with repositories directly below it. */
export function impossibleNamespaces({ stack: { registry, builds }, projects }: Readable): SettingError[] {
  if (registry?.host !== dockerHub) return [];
  const named: [string, string | undefined][] = [
    ["registry.namespace", registry.namespace],
    ...entries(projects).map(([key, { imageNamespace }]): [string, string | undefined] => [
      joinPath("projects", [key, "imageNamespace"]),
      imageNamespace,
    ]),
  ];
  const nested = named
    .filter(([, value]) => value?.includes("/"))
    .map(([path, value]) => ({
      path,
      value,
      rule: "a Docker Hub namespace has no '/'",
      fix: "remove it",
    }));
  const lacking = entries(projects)
    .filter(([, project]) => (project.imageNamespace ?? registry.namespace) === undefined)
    .filter(([, { repositories }]) => repositories.length > 0);
  const missing = lacking.slice(0, 1).map(() => ({
    path: "registry.namespace",
    rule: "a Docker Hub image without a namespace is one of Docker's own",
    fix: "add the user or organization, or give each project an imageNamespace",
  }));
  return [...nested, ...missing, ...nestedCache(builds?.cache)];
}

function nestedCache(cache: { enabled: boolean; repository: string } | undefined): SettingError[] {
  if (cache === undefined || !cache.enabled || !/^\{image\}[^/]*\//.test(cache.repository)) return [];
  return [
    {
      path: "builds.cache.repository",
      value: cache.repository,
      rule: "Docker Hub has no repositories below a repository",
      fix: "write {image}-cache",
    },
  ];
}

/** A repository may have a name that is invalid for an image. */
export function impossibleImages(config: Readable): SettingError[] {
  return repositoriesOf(config).flatMap(({ repository: { name, service = name, image }, at }) =>
    image !== undefined || parseName(imageRepository, service.toLowerCase()) !== undefined
      ? []
      : [
          {
            path: at(),
            value: service,
            rule: `without \`image\`, its image would be called ${service.toLowerCase()}, which is not ${imageRepository.rule}`,
            fix: "add image, with the name of its image",
          },
        ],
  );
}

/** Two services may share an image if their tags differ; otherwise they would overwrite each other's. */
export function sharedImages(config: Readable): SettingError[] {
  const firsts = new Map<string, First>();
  return repositoriesOf(config).flatMap((one) => {
    const { service = one.repository.name } = one.repository;
    const own = { path: one.at(), object: objectName(service) };
    const all = imagesOf(one, config);
    const shared = all.find((image) => firsts.has(image));
    const first = shared === undefined ? undefined : firsts.get(shared);
    for (const image of all.filter((image) => !firsts.has(image))) firsts.set(image, own);
    // What is declared twice is already reported.
    if (first === undefined || first.object === own.object) return [];
    return [
      {
        path: own.path,
        value: shared,
        rule: `an image belongs to one service; the first is ${first.path}`,
        fix: "give one of the two another image, or other tags",
      },
    ];
  });
}

interface First {
  readonly path: string;
  readonly object: string;
}

/** The images of a service, with placeholders in their tags for the commit, pull request and other branch. */
function imagesOf(listed: ListedRepository, { stack }: Readable): string[] {
  const { repository, project } = listed;
  const branch = project.branch ?? stack.branch;
  if (branch === undefined || stack.tags === undefined || stack.registry === undefined) return [];
  const whole = imageOf(listed, stack.registry);
  const { commit, moving } = tagsOf(repository, project, stack.tags);
  const own = [commit, ...moving].map((template) => tagOf(template, branch, "{sha7}"));
  return [...own, ...unnamedTags(listed, stack.builds)].map((tag) => `${whole}:${tag}`);
}

/** The tags that follow no template of a service: those of git tags, pull requests and other branches. */
function unnamedTags(
  { repository, project }: ListedRepository,
  builds: TopLevel["builds"] | undefined,
): string[] {
  return [
    ...(builds?.gitTags === undefined ? [] : [builds.gitTags]),
    ...(buildsPullRequests(repository, builds) ? [`${pullRequestNames.prefix}<number>-{sha7}`] : []),
    ...(buildsOtherBranches(repository, project) ? [`${otherBranchNames.prefix}<name>-{sha7}`] : []),
  ];
}

/** The image of a service, without a tag. */
export function imageOf(
  { repository, project }: ListedRepository,
  { host, namespace }: NonNullable<Readable["stack"]["registry"]>,
): string {
  const { name, service = name, image = service } = repository;
  return imageName(host, project.imageNamespace ?? namespace, image);
}

/** A name without a namespace is one of Docker's own images, whatever the stack's registry is. */
export function nameOfCache({ stack: { builds } }: Readable): SettingError[] {
  if (builds === undefined || !/^[^{/]+$/.test(builds.cache.repository)) return [];
  return [
    {
      path: "builds.cache.repository",
      value: builds.cache.repository,
      rule: "an image repository without a namespace is one of Docker's own, on Docker Hub",
      fix: "write it with its registry and namespace, or {image}-cache",
    },
  ];
}

/** The distribution specification's limit. */
const longestTag = 128;

/** A branch or a template may make a tag too long. */
export function longTags(config: Readable): SettingError[] {
  const { stack } = config;
  return repositoriesOf(config).flatMap(({ repository, project, at }) => {
    const branch = project.branch ?? stack.branch;
    if (branch === undefined || stack.tags === undefined) return [];
    const { commit, moving } = tagsOf(repository, project, stack.tags);
    const parts = severalOf(repository, stack.builds).map((one) => architectureTag(commit, one));
    const isLong = (one: TagTemplate) => tagOf(one, branch, "1a2b3c4").length > longestTag;
    const long = [commit, ...moving, ...parts].filter(isLong);
    return long.map((template) => ({
      path: at(),
      value: template,
      rule: `with the branch ${branch} the tag is longer than ${longestTag.toString()} characters`,
      fix: "shorten the tag, or write a name instead of {branch}",
    }));
  });
}

/** If tags end with the branch, the name of another branch may be this branch's with an architecture appended. */
export function ambiguousTags(config: Readable): SettingError[] {
  const { stack } = config;
  return repositoriesOf(config).flatMap(({ repository, project, at }) => {
    if (stack.tags === undefined) return [];
    const { commit } = tagsOf(repository, project, stack.tags);
    const [first] = severalOf(repository, stack.builds);
    if (first === undefined || !commit.endsWith("{branch}")) return [];
    return [
      {
        path: at(),
        value: commit,
        rule: `an image of several architectures has tags like ${architectureTag(commit, first)}, which may equal a tag of another branch if {branch} comes last`,
        fix: "use a commit tag that ends differently, such as {branch}-{sha7}",
      },
    ];
  });
}
