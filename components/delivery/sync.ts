/** The sync settings of an application, in Argo CD's format. */
import { goDuration } from "../fields.ts";
import type { ResourceIgnoreDifferences, SyncWindow } from "../kinds/argocd.ts";
import type { ApplicationSettings } from "../settings/resolve.ts";

/** Leaves out empty fields. */
export function ignoredDifferences(
  one: ApplicationSettings["ignoreDifferences"][number],
): ResourceIgnoreDifferences {
  const { group, kind, name, namespace, jsonPointers, jqPathExpressions, managedFieldsManagers } = one;
  return {
    ...(group === "" ? {} : { group }),
    kind,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(jsonPointers.length === 0 ? {} : { jsonPointers }),
    ...(jqPathExpressions.length === 0 ? {} : { jqPathExpressions }),
    ...(managedFieldsManagers.length === 0 ? {} : { managedFieldsManagers }),
  };
}

/** For the AppProject; each window applies to one application. */
export function syncWindows({
  name,
  syncWindows: windows,
}: Pick<ApplicationSettings, "name" | "syncWindows">): SyncWindow[] {
  return windows.map(({ duration, ...window }) => ({
    ...window,
    duration: goDuration(duration),
    applications: [name],
  }));
}
