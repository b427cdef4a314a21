/** The namespaces in which builds run. */
import type { DnsLabel } from "../../names.ts";
import type { BuilderName, builderNamespaces } from "./builders.ts";
import { builders } from "./builders.ts";

/** The settings that these functions read. */
export interface BuildPlaces {
  readonly namespaces: Readonly<Record<keyof typeof builderNamespaces, DnsLabel>>;
  readonly projects: readonly {
    readonly repositories: readonly { readonly builder: BuilderName }[];
  }[];
}

/** A builder that needs more privileges has a namespace of its own, so that the others stay confined. */
export function namespaceOf(builder: BuilderName, { namespaces }: Pick<BuildPlaces, "namespaces">): DnsLabel {
  return namespaces[builders[builder].namespace];
}

export function namespacesOfBuilds(settings: BuildPlaces): DnsLabel[] {
  const used = namespacesOf(
    settings.projects.flatMap(({ repositories }) => repositories),
    settings,
  );
  return [...new Set([settings.namespaces.builds, ...used])];
}

/** The namespaces in which these repositories are built, each once. */
export function namespacesOf(
  repositories: readonly { readonly builder: BuilderName }[],
  settings: Pick<BuildPlaces, "namespaces">,
): DnsLabel[] {
  return [...new Set(repositories.map(({ builder }) => namespaceOf(builder, settings)))];
}
