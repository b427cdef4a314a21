/** The keys of a repository in a stack file that its builder reads. */
import { z } from "zod";
import * as field from "../../fields.ts";
import { name } from "../../checks.ts";
import * as names from "../../names.ts";

export const buildOptions = {
  dockerfile: field.rootedPath
    .prefault("Dockerfile")
    .describe("Dockerfile, relative to `context`; with a leading /, from the repository's root."),
  context: field.repositoryPath
    .optional()
    .describe("Folder that is the build context; without it, the repository's root."),
  target: name(names.stageName)
    .optional()
    .describe("Stage of the Dockerfile to build; without it, the last."),
  buildArgs: z
    .array(name(names.variableName))
    .default([])
    .describe(
      "Build arguments whose values are secrets, by name. The value comes from `secrets.projects.<project>`, and stays in the image's history for everyone who can pull it. Those of `secrets` do not.",
    ),
  args: z
    .record(name(names.variableName), field.argument)
    .default({})
    .describe(
      "Build arguments with their values. {commit}, {sha7} (its first seven characters), {branch} and {tag} (the Git tag that is built; empty otherwise) are replaced, and nothing else.",
    ),
  secrets: z
    .array(name(names.variableName))
    .default([])
    .describe(
      "Secrets that the Dockerfile mounts, `RUN --mount=type=secret,id=NAME`. The value comes from `secrets.projects.<project>`, and does not get into the image.",
    ),
} as const;

/** The settings of a repository that a builder reads. */
export interface BuiltRepository extends Readonly<z.output<z.ZodObject<typeof buildOptions>>> {
  /** The layer cache: its image repository, and the seconds for which a layer is valid. */
  readonly cache: { readonly repository: string; readonly lifetime: number } | undefined;
  readonly resources: { readonly disk: string | undefined };
  /** Additional flags of the builder's command line. */
  readonly builderFlags: readonly string[];
}

/** The Dockerfile's path in its repository, and the folder to which `named` is relative, if not the root. */
export function dockerfileOf({ context, dockerfile }: Pick<BuiltRepository, "context" | "dockerfile">) {
  const named = dockerfile.replace(/^\//, "");
  return context === undefined || named !== dockerfile
    ? { path: named, named, folder: undefined }
    : { path: `${context}/${named}`, named, folder: context };
}
