/** Rules between the keys of applications, and between them and the repositories that are built. */
import { entries } from "../entries.ts";
import { duplicates } from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import type { ListedApplication, Readable } from "./readable.ts";
import { applicationsOf, followedCount } from "./readable.ts";

/** Without {service}, all images that an application follows would be written into the same value. */
export function sharedParameters(config: Readable): SettingError[] {
  return applicationsOf(config).flatMap((one) => {
    const { application, at } = one;
    const { helm } = application;
    if (helm === undefined || followedCount(one) < 2) return [];
    return (["image", "tag"] as const)
      .filter((key) => !helm[key].includes("{service}"))
      .map((key) => ({
        path: `${at("helm")}.${key}`,
        value: helm[key],
        rule: "an application that follows several images needs a value for each",
        fix: "write {service} where their names differ",
      }));
  });
}

/**
 * Two applications with the same objects would each claim them, and revert each other's changes forever. The objects of
 * a chart differ: their names contain that of the release, which is the application's.
 */
export function sharedManifests(config: Readable): SettingError[] {
  const occurrences = applicationsOf(config)
    .filter(({ application: { helm, chart } }) => helm === undefined && chart === undefined)
    .map(({ application, project, at }) => ({
      path: at("path"),
      value: application.path,
      key: JSON.stringify([
        `${project.owner}/${application.repository}`.toLowerCase(),
        application.path,
        application.revision ?? project.branch ?? config.stack.branch,
        application.namespace,
      ]),
    }));
  return duplicates(
    occurrences,
    "manifests belong to one application in each namespace",
    "remove one of the two, or give it another path, namespace or revision; for a chart, add helm",
  );
}

/** A repository has one Secret, which Argo CD finds by the repository's URL. */
export function differentAccess(config: Readable): SettingError[] {
  const first = new Map<string, ListedApplication>();
  return applicationsOf(config).flatMap((place) => {
    const { application, project, at } = place;
    const { repository, access } = application;
    const earlier = first.get(repository);
    if (earlier === undefined) first.set(repository, place);
    if (earlier === undefined || earlier.application.access === access) {
      const isOther = earlier !== undefined && access !== "public" && earlier.project.owner !== project.owner;
      return isOther ? [error(at("repository"), repository, earlier.at("repository"))] : [];
    }
    return [error(at("access"), access, earlier.at("access"))];
  });
}

function error(path: string, value: string, first: string): SettingError {
  return {
    path,
    value,
    rule: `cluster repositories of the same name must have the same owner and access; the first is ${first}`,
    fix: "write the same in both",
  };
}

export function impossibleAccess(config: Readable): SettingError[] {
  const { github } = config.stack;
  if (github === undefined || github.url === "https://github.com") return [];
  return applicationsOf(config)
    .filter(({ application }) => application.access === "deployKey")
    .map(({ at }) => ({
      path: at("access"),
      value: "deployKey",
      rule: "Argo CD has the SSH host key of github.com, but not that of a GitHub Enterprise Server",
      fix: "write token",
    }));
}

/** A commit of the Image Updater must not start a build: the new image would cause the next commit, forever. */
export function endlessWriteBack(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter(({ application }) => application.writeBack !== "argocd")
    .flatMap((place) => [...withoutAccess(place), ...loops(place, config)]);
}

function withoutAccess({ application: { access, writeBack }, at }: ListedApplication): SettingError[] {
  const isEnough = access === "token" || (access === "deployKey" && writeBack === "git");
  if (isEnough) return [];
  const needed =
    writeBack === "git"
      ? "a token or deploy key with write access"
      : "a token: a deploy key cannot open a pull request";
  return [
    {
      path: at("writeBack"),
      value: writeBack,
      rule: `the Image Updater needs ${needed}`,
      fix: "add access: token, or write argocd",
    },
  ];
}

/** Argo CD refuses a project that has the same window twice, and all of its applications with it. */
export function duplicateWindows(config: Readable): SettingError[] {
  return applicationsOf(config).flatMap(({ application: { syncWindows }, at }) => {
    const windows = syncWindows.map((window, index) => ({
      path: at("syncWindows", index),
      value: window.schedule,
      // Argo CD ignores manualSync when it compares them.
      key: JSON.stringify({ ...window, manualSync: false }),
    }));
    return duplicates(windows, "a window of an application may occur only once", "remove one of the two");
  });
}

/** The cluster repository holds the values of a chart from a Helm repository. */
export function chartsWithoutValues(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter(
      ({ application: { chart, helm } }) => chart !== undefined && (helm?.valueFiles ?? []).length === 0,
    )
    .map(({ at }) => ({
      path: at("helm", "valueFiles"),
      rule: "the values of a chart from a Helm repository are files of the cluster repository",
      fix: "name at least one, below `path`",
    }));
}

/** The Image Updater and this program would both own the list of sources, and undo each other's changes. */
export function sharedSources(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter((one) => {
      const { chart, writeBack } = one.application;
      return chart !== undefined && writeBack === "argocd" && followedCount(one) > 0;
    })
    .map(({ application, at }) => ({
      path: at("writeBack"),
      value: application.writeBack,
      rule: "the images of a chart from a Helm repository are written into its values files",
      fix: "write git or pullRequest, or images: []",
    }));
}

function loops({ application, project, at }: ListedApplication, { projects }: Readable): SettingError[] {
  const built = entries(projects)
    .filter(([, { owner }]) => owner.toLowerCase() === project.owner.toLowerCase())
    .flatMap(([, { repositories }]) => repositories)
    .filter(({ name }) => name.toLowerCase() === application.repository.toLowerCase());
  const started = built.filter(
    ({ paths }) => paths.length === 0 || paths.some((one) => overlap(one, application.path)),
  );
  return started.map(({ name }) => ({
    path: at("writeBack"),
    value: application.writeBack,
    rule: `${name} is built too: each commit of the Image Updater would start a build, whose image would cause the next commit`,
    fix: `write argocd, or give each entry of ${name} paths outside of ${application.path}`,
  }));
}

function overlap(one: string, other: string): boolean {
  const inside = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer.replace(/\/+$/, "")}/`);
  return inside(one, other) || inside(other, one);
}
