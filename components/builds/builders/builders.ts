/** All builders. A new builder is a file of its own, and a line here. */
import * as buildkit from "./buildkit.ts";
import * as kaniko from "./kaniko.ts";

export const builders = { kaniko: kaniko.kaniko, buildkit: buildkit.buildkit } as const;

export type BuilderName = keyof typeof builders;

/** The builders' namespaces, by their keys in `namespaces` of a stack file. */
export const builderNamespaces = { builds: kaniko.namespace, buildkit: buildkit.namespace } as const;
