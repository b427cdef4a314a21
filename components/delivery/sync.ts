/** What an application changes about its synchronization, as Argo CD takes it. */
import { goDuration } from "../fields.ts";
import type { ResourceIgnoreDifferences, SyncWindow } from "../kinds/argocd.ts";
import type { ApplicationSettings } from "../settings/resolve.ts";

/** Without what says nothing. */
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

/** They stand in the AppProject, each for one application. */
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
