/** Finds edits that move a part with data to a namespace that exists already, as when two namespaces are swapped. */
import { z } from "zod";
import type { Chart } from "../../charts/chart.ts";
import { charts } from "../../charts/charts.ts";
import { entries } from "../../entries.ts";
import type { DnsLabel } from "../../names.ts";
import type { SettingError } from "../../settings/errors.ts";
import type { PublicSettings } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import { namespaceNames } from "../namespaces-args.ts";
import type { StateResource } from "./state-resources.ts";
import { outputsLike } from "./state-resources.ts";

/** A part that holds data: where it is, and where the settings have it. */
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

/** Pulumi would create the part anew in the other namespace. An edit that also loses the old one is found as such. */
export function movedParts(state: readonly StateResource[], settings: Settings): SettingError[] {
  const { namespaces, cluster } = settings;
  const kept = namespaceNames(settings);
  return [...placedBus(state, settings), ...placedReleases(state, settings)]
    .filter(({ now, wanted }) => now !== wanted && kept.includes(now))
    .filter(({ now }) => !cluster.deletableNamespaces.some((one) => one === now))
    .flatMap(({ what, now, wanted }) =>
      entries(namespaces)
        .filter(([, name]) => name === wanted)
        .map(([key]) => ({
          path: `namespaces.${key}`,
          value: wanted,
          rule: `${what} is in ${now}, and this edit would delete it there with its data`,
          fix: `write ${now}`,
        })),
    );
}

function placedBus(state: readonly StateResource[], { namespaces }: PublicSettings): Placed[] {
  return outputsLike(state, busOutputs).map(({ metadata: { namespace } }) => ({
    what: "the event bus",
    now: namespace,
    wanted: namespaces.events,
  }));
}

function placedReleases(state: readonly StateResource[], settings: PublicSettings): Placed[] {
  const holders = Object.values<Chart<PublicSettings>>(charts).filter(({ holdsData }) => holdsData === true);
  return outputsLike(state, releaseOutputs).flatMap(({ name, namespace: now }) =>
    holders
      .filter(({ chart }) => chart === name)
      .map((one) => ({ what: name, now, wanted: one.namespace(settings) })),
  );
}
