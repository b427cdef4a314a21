/** What `pulumi preview` and `pulumi up` say of builds that work, and may not be what was meant. */
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

/** Builds that may run at once, and for which there is no room. */
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
      `builds.quota.${key} (${amountText(key, amount)}) has room for ${Math.floor(amount / largest).toString()} of the largest builds at once, and ` +
        `builds.atOnce lets ${atOnce.toString()} of them run, which take ${amountText(key, wanted)}: the others wait for room.`,
    ];
  });
}

function pinWarning({ service, pin }: RepositorySettings): string[] {
  return pin === undefined
    ? []
    : [`${service} is pinned at ${pin.slice(0, 7)}: what is built from newer commits is not deployed.`];
}

/** A Dockerfile's arguments are no place for secrets, though these come from the stack's. */
function argumentWarning(repositories: readonly RepositorySettings[]): string[] {
  const listed = repositories
    .filter(({ buildArgs }) => buildArgs.length > 0)
    .map(({ service, buildArgs }) => `${service} (${buildArgs.join(", ")})`);
  if (listed.length === 0) return [];
  return [
    `The values of build arguments stay in an image's history, for everyone who can pull it: ${listed.join("; ")}. ` +
      "What must stay secret goes into `secrets` of the repository instead.",
  ];
}

/** Whoever has made a private image by hand has not made the repository of its layers. */
function cacheWarning(projects: readonly ProjectSettings[], host: RegistryHost): string[] {
  if (host !== dockerHub) return [];
  const closed = projects.filter((project) => project.private).flatMap(({ repositories }) => repositories);
  const caches = closed.flatMap(({ cache }) =>
    cache !== undefined && imageParts(cache.repository).host === dockerHub ? [cache.repository] : [],
  );
  if (caches.length === 0) return [];
  return [
    "The first build makes the repositories that Docker Hub does not have yet, with the account's default privacy, which is public " +
      `unless somebody has changed it. These hold the layers of private repositories: ${[...new Set(caches)].join(", ")}. ` +
      "Make them private on Docker Hub beforehand, or turn the cache off (docs/registries.md).",
  ];
}
