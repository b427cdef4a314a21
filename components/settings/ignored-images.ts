/** Rules between the differences that Argo CD ignores and the images that it rolls out. */
import type { SettingError } from "./errors.ts";
import type { ListedApplication, Readable } from "./readable.ts";
import { applicationsOf, followedCount } from "./readable.ts";

/** The kinds with pods, and their API groups. */
const groups = new Map([
  ["Pod", ""],
  ["Deployment", "apps"],
  ["StatefulSet", "apps"],
  ["DaemonSet", "apps"],
  ["ReplicaSet", "apps"],
  ["Job", "batch"],
  ["CronJob", "batch"],
  ["Rollout", "argoproj.io"],
]);

/** With another group, Argo CD finds no object of the kind, and ignores nothing. */
export function wrongGroups(config: Readable): SettingError[] {
  return applicationsOf(config).flatMap(({ application: { ignoreDifferences }, at }) =>
    ignoreDifferences.flatMap(({ kind, group: value }, index) => {
      const group = groups.get(kind);
      if (group === undefined || [group, "*"].includes(value)) return [];
      const path = at("ignoreDifferences", index, "group");
      return [
        { path, value, rule: `${kind} is a kind of the group '${group}'`, fix: `write group: "${group}"` },
      ];
    }),
  );
}

/** Argo CD syncs nothing if it sees no difference, so a new image would not be rolled out. */
export function ignoredImages(config: Readable): SettingError[] {
  return applicationsOf(config)
    .filter((one) => followedCount(one) > 0)
    .flatMap(ignoredIn);
}

function ignoredIn({ application: { ignoreDifferences }, at }: ListedApplication): SettingError[] {
  return ignoreDifferences.flatMap((one, index) => {
    const { kind, jsonPointers, jqPathExpressions, managedFieldsManagers } = one;
    const hasPods = kind === "*" || groups.has(kind);
    const within =
      (key: "jsonPointers" | "jqPathExpressions" | "managedFieldsManagers") =>
      (value: string, position: number) =>
        error(at("ignoreDifferences", index, key, position), value);
    return [
      ...jsonPointers.flatMap((value, position) =>
        hasPods && holdsImage(value) ? [within("jsonPointers")(value, position)] : [],
      ),
      ...jqPathExpressions.flatMap((value, position) =>
        hasPods && holdsImage(pointerOf(value)) ? [within("jqPathExpressions")(value, position)] : [],
      ),
      ...managedFieldsManagers.flatMap((value, position) =>
        value === argoCd ? [within("managedFieldsManagers")(value, position)] : [],
      ),
    ];
  });
}

/** Argo CD's own field manager. */
const argoCd = "argocd-controller";

function error(path: string, value: string): SettingError {
  return {
    path,
    value,
    rule: "this also ignores the image, so a new one would not be rolled out",
    fix: "ignore only the fields that others change, not the image, or write images: []",
  };
}

/** The paths of containers in these kinds. */
const containers = ["/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"].map(
  (path) => `${path}/containers`,
);

/** Whether a pointer leads to a container's image, or to something that holds it. */
function holdsImage(pointer: string): boolean {
  return containers.some(
    (path) =>
      path === pointer ||
      path.startsWith(`${pointer}/`) ||
      (pointer.startsWith(`${path}/`) && /^\/[^/]*(\/image)?$/.test(pointer.slice(path.length))),
  );
}

/** A jq path as a JSON pointer, without its filters. */
function pointerOf(expression: string): string {
  const steps = expression.split("|").map((step) => step.trim());
  const path = steps.filter((step) => step.startsWith(".")).join("");
  return path
    .replace(/\[[^\]"]*\]/g, "/0")
    .replace(/\["([^"]*)"\]/g, "/$1")
    .replace(/[.?"]+/g, "/")
    .replace(/\/+/g, "/")
    .replace(/\/$/, "");
}
