/** Derives from the settings which Applications follow the images of builds, and for which of them builds wait. */
import { followedTag, imageParts } from "../derived-names.ts";
import type { DnsLabel } from "../names.ts";
import type { ApplicationSettings, ProjectSettings, RepositorySettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { Delivered } from "./build.ts";

export interface FollowedApplications extends ApplicationNames {
  readonly namespace: DnsLabel;
  /** Whether their Deployments are reported to GitHub. */
  readonly areReported: boolean;
}

/** The names of Applications, and of those that get their images by a commit. */
interface ApplicationNames {
  readonly names: readonly DnsLabel[];
  readonly byCommit: readonly DnsLabel[];
}

/** Whether a build can wait for the Application. If it is changed by pull request, that waits for people. */
function isAwaited({ writeBack }: ApplicationSettings): boolean {
  return writeBack !== "pullRequest";
}

/** The Applications that follow an image and that builds can wait for. */
function followingApplications({ projects }: Settings): ApplicationSettings[] {
  return projects.flatMap(({ applications }) =>
    applications.filter((one) => one.follows.length > 0 && isAwaited(one)),
  );
}

/** Whether builds wait until their images run. */
export function isAwaiting(settings: Settings): boolean {
  return settings.delivery.wait && followingApplications(settings).length > 0;
}

/** The Applications that builds wait for; undefined if builds end with the image. */
export function followed(settings: Settings): FollowedApplications | undefined {
  if (!isAwaiting(settings)) return undefined;
  return {
    namespace: settings.namespaces.delivery,
    areReported: settings.github.deployments,
    ...namesOf(followingApplications(settings)),
  };
}

/** How a repository's new images are delivered; undefined if no Application follows them, or if they are pinned. */
export function delivered(
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
    tag: followedTag(tags, project.branch, undefined),
    registry: settings.registry.host,
    path: imageParts(image).path,
    applications: names,
    byCommit,
    withWindows: withWindows.map(({ name }) => name),
    namespace: settings.namespaces.delivery,
    environmentUrl: following.find(({ url }) => url !== undefined)?.url,
  };
}

function namesOf(applications: readonly ApplicationSettings[]): ApplicationNames {
  const awaited = applications.filter(isAwaited);
  const byCommit = awaited.filter(({ writeBack }) => writeBack === "git");
  return { names: awaited.map(({ name }) => name), byCommit: byCommit.map(({ name }) => name) };
}
