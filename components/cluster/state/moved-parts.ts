/** Finds edits that move a part to another namespace. */
import { z } from "zod";
import type { Chart } from "../../charts/chart.ts";
import { charts } from "../../charts/charts.ts";
import { entries } from "../../entries.ts";
import type { DnsLabel } from "../../names.ts";
import type { SettingError } from "../../settings/errors.ts";
import type { PublicSettings } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import { namespacesOfParts } from "../namespaces-args.ts";
import type { StateResource } from "./state-resources.ts";
import { outputsLike } from "./state-resources.ts";

/** Where a part is, and where the settings have it. */
interface Placed {
  readonly what: string;
  readonly now: string;
  readonly wanted: DnsLabel;
}

const busOutputs = z.object({
  kind: z.literal("EventBus"),
  metadata: z.object({ namespace: z.string() }),
});

const releaseOutputs = z.object({ name: z.string(), namespace: z.string() });

/**
 * Pulumi would create the part anew in the other namespace. That loses its data, unless its namespace may be deleted.
 * Helm refuses it if CRDs stay: they belong to the release in the old namespace.
 */
export function movedParts(state: readonly StateResource[], settings: Settings): SettingError[] {
  const { cluster } = settings;
  // An edit that also loses the old namespace is found as such.
  const kept = namespacesOfParts(settings).map(({ name }) => name);
  const holders = [
    ...placedBus(state, settings),
    ...placedReleases(state, settings, ({ holdsData = false, hasCrds }) => holdsData && !hasCrds),
  ]
    .filter(({ now, wanted }) => now !== wanted && kept.some((one) => one === now))
    .filter(({ now }) => !cluster.deletableNamespaces.some((one) => one === now));
  return [
    ...holders.flatMap((one) => moved(one, "and this edit would delete it there with its data", settings)),
    ...movedReleases(state, settings).flatMap((one) =>
      moved(one, "and Helm cannot move it, since its CRDs stay and belong to the release there", settings),
    ),
  ];
}

/** The charts with CRDs whose namespace the edit changes. */
export function movedReleases(state: readonly StateResource[], settings: PublicSettings): Placed[] {
  return placedReleases(state, settings, ({ hasCrds }) => hasCrds).filter(
    ({ now, wanted }) => now !== wanted,
  );
}

function moved({ what, now, wanted }: Placed, because: string, { namespaces }: Settings): SettingError[] {
  return entries(namespaces)
    .filter(([, name]) => name === wanted)
    .map(([key]) => ({
      path: `namespaces.${key}`,
      value: wanted,
      rule: `${what} is in ${now}, ${because}`,
      fix: `write ${now}`,
    }));
}

function placedBus(state: readonly StateResource[], { namespaces }: PublicSettings): Placed[] {
  return outputsLike(state, busOutputs).map(({ metadata: { namespace } }) => ({
    what: "the event bus",
    now: namespace,
    wanted: namespaces.events,
  }));
}

function placedReleases(
  state: readonly StateResource[],
  settings: PublicSettings,
  isMeant: (chart: Chart<PublicSettings>) => boolean,
): Placed[] {
  const all = Object.values<Chart<PublicSettings>>(charts).filter(isMeant);
  return outputsLike(state, releaseOutputs).flatMap(({ name, namespace: now }) =>
    all
      .filter(({ chart }) => chart === name)
      .map((one) => ({ what: name, now, wanted: one.namespace(settings) })),
  );
}
