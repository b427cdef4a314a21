/** Derives the registries that builds use from the settings. */
import { dockerHub, imageParts } from "../derived-names.ts";
import { entries } from "../entries.ts";
import type { OtherRegistry } from "../settings/registry-schema.ts";
import type { Settings } from "../settings/settings.ts";
import type { Registries } from "./builders/registries.ts";
import { mirrorHost } from "./builders/registries.ts";

/** Every registry that a build may use. The first is that of its images. */
export function registriesOf({ registry, registries, builds }: Settings): Registries {
  const { host: own, insecure } = registry;
  const mirrors = Object.values(registries).flatMap(({ mirror }) => (mirror === undefined ? [] : [mirror]));
  // `{image}` stands for an image in the stack's own registry.
  const cache = imageParts(builds.cache.repository.replace("{image}", `${own}/image`)).host;
  const others = new Set([dockerHub, ...Object.keys(registries), ...mirrors.map(mirrorHost), cache]);
  others.delete(own);
  const listed = new Map<string, OtherRegistry>(entries(registries));
  return [
    { host: own, insecure, mirror: listed.get(own)?.mirror },
    ...[...others].map((host) => {
      const one = listed.get(host);
      return { host, insecure: one?.insecure ?? false, mirror: one?.mirror };
    }),
  ];
}
