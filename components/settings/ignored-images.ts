/** The rules between what Argo CD is to ignore and what it is to roll out. */
import type { SettingError } from "./errors.ts";
import type { ListedApplication, Readable } from "./readable.ts";
import { applicationsOf, followedCount } from "./readable.ts";

/** The kinds with pods, and their groups. */
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

/** Argo CD finds nothing of a kind in another group, and ignores nothing. */
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

/** Where Argo CD sees no difference it syncs nothing, so that no new image would be rolled out. */
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
    rule: "it ignores the image too, and so no new one would be rolled out",
    fix: "name the fields beside the image that others change, or write images: []",
  };
}

/** Where kinds have their containers. */
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

/** Where a path of jq leads, without what it selects there. */
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
