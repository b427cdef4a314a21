/** Rules between the keys of applications, and between them and the repositories that are built. */
import { entries } from "../entries.ts";
import { duplicates } from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import type { ListedApplication, Readable } from "./readable.ts";
import { applicationsOf, followedCount } from "./readable.ts";

/** An application that follows several images would write all of them into one value. */
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
        rule: "an application that follows several images has a value for each",
        fix: "write {service} where their names differ",
      }));
  });
}

/**
 * Two of the same objects would each take them for its own, and change them back for ever. A chart names its objects by its release,
 * which is called as the application.
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
    "remove one of the two, or give it another path, namespace or revision; of a chart, name the values (helm)",
  );
}

/** One repository has one Secret, which Argo CD finds by its address. */
export function unlikeAccess(config: Readable): SettingError[] {
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
    rule: `cluster repositories of one name are one repository, read in one way; the first is ${first}`,
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
      rule: "Argo CD knows the SSH key of github.com, and not that of a GitHub Enterprise Server",
      fix: "write token",
    }));
}

/** A commit of the Image Updater must start no build: its image would make the next commit, for ever. */
export function endlessWriteBack(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter(({ application }) => application.writeBack !== "argocd")
    .flatMap((place) => [...withoutAccess(place), ...loops(place, config)]);
}

function withoutAccess({ application: { access, writeBack }, at }: ListedApplication): SettingError[] {
  const isEnough = access === "token" || (access === "deployKey" && writeBack === "git");
  if (isEnough) return [];
  const needed =
    writeBack === "git" ? "a token or deploy key that may write" : "a token: no key opens a pull request";
  return [
    {
      path: at("writeBack"),
      value: writeBack,
      rule: `the Image Updater needs ${needed}`,
      fix: "add access: token, or write argocd",
    },
  ];
}

/** Argo CD refuses a project that has one window twice, and with it all of its applications. */
export function duplicateWindows(config: Readable): SettingError[] {
  return applicationsOf(config).flatMap(({ application: { syncWindows }, at }) => {
    const windows = syncWindows.map((window, index) => ({
      path: at("syncWindows", index),
      value: window.schedule,
      // How Argo CD distinguishes them.
      key: JSON.stringify({ ...window, manualSync: false }),
    }));
    return duplicates(windows, "an application has a window once", "remove one of the two");
  });
}

/** What a chart from a Helm repository has in the cluster repository is its values. */
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

/** The Image Updater and this program would both own the list of sources, and each undo what the other writes. */
export function sharedSources(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter((one) => {
      const { chart, writeBack } = one.application;
      return chart !== undefined && writeBack === "argocd" && followedCount(one) > 0;
    })
    .map(({ application, at }) => ({
      path: at("writeBack"),
      value: application.writeBack,
      rule: "the images of a chart from a Helm repository are written into its files of values",
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
    rule: `${name} is built too: each commit of the Image Updater would start a build, and its image the next commit`,
    fix: `write argocd, or give each entry of ${name} paths outside of ${application.path}`,
  }));
}

function overlap(one: string, other: string): boolean {
  const inside = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer.replace(/\/+$/, "")}/`);
  return inside(one, other) || inside(other, one);
}
