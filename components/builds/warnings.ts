/** Warnings of `pulumi preview` and `pulumi up` about builds that work, but may not be intended. */
import { dockerHub, imageParts } from "../derived-names.ts";
import { amountText, amountsOf, needsOfBuild } from "./builders/needs.ts";
import type { RegistryHost } from "../names.ts";
import type { ProjectSettings, RepositorySettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";

export function warnings({ projects, registry, builds }: Settings): string[] {
  const repositories = projects.flatMap((project) => project.repositories);
  return [
    ...argumentWarning(repositories),
    ...cacheWarning(projects, registry.host),
    ...repositories.flatMap(pinWarning),
    ...quotaWarnings(repositories, builds),
  ];
}

/** The quota has no room for all builds that may run at once. */
function quotaWarnings(
  repositories: readonly RepositorySettings[],
  { quota, atOnce, scan }: Settings["builds"],
): string[] {
  if (quota === undefined) return [];
  const needs = repositories.map(({ resources, signing }) =>
    needsOfBuild(resources, scan.mode !== "off" || signing),
  );
  return amountsOf(quota).flatMap(([key, amount]) => {
    const largest = Math.max(0, ...needs.map((one) => one[key]));
    const wanted = atOnce * largest;
    if (wanted <= amount) return [];
    return [
      `builds.quota.${key} (${amountText(key, amount)}) has room for ${Math.floor(amount / largest).toString()} of the largest builds at once, but ` +
        `builds.atOnce allows ${atOnce.toString()}, which need ${amountText(key, wanted)}: the others wait for room.`,
    ];
  });
}

function pinWarning({ service, pin }: RepositorySettings): string[] {
  return pin === undefined
    ? []
    : [`${service} is pinned at ${pin.slice(0, 7)}: builds of newer commits are not deployed.`];
}

/** Build arguments are no place for secrets, although their values come from the stack's secrets. */
function argumentWarning(repositories: readonly RepositorySettings[]): string[] {
  const listed = repositories
    .filter(({ buildArgs }) => buildArgs.length > 0)
    .map(({ service, buildArgs }) => `${service} (${buildArgs.join(", ")})`);
  if (listed.length === 0) return [];
  return [
    `The values of build arguments stay in an image's history, for everyone who can pull it: ${listed.join("; ")}. ` +
      "Put values that must stay secret into `secrets` of the repository instead.",
  ];
}

/** A private image repository that was created by hand does not include the repository of its cached layers. */
function cacheWarning(projects: readonly ProjectSettings[], host: RegistryHost): string[] {
  if (host !== dockerHub) return [];
  const closed = projects.filter((project) => project.private).flatMap(({ repositories }) => repositories);
  const caches = closed.flatMap(({ cache }) =>
    cache !== undefined && imageParts(cache.repository).host === dockerHub ? [cache.repository] : [],
  );
  if (caches.length === 0) return [];
  return [
    "The first build creates the repositories that Docker Hub does not have yet, with the account's default privacy, which is public " +
      `unless you changed it. These will contain layers of private repositories: ${[...new Set(caches)].join(", ")}. ` +
      "Create them as private on Docker Hub beforehand, or turn the cache off (docs/registries.md).",
  ];
}
