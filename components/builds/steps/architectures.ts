/**
 * The builds of one image for several architectures: a pod for each, on a node of it, whose image has a tag of its own. Only the index
 * of all of them has the commit's tag, and no builder may push that.
 */
import { architectureTag } from "../../derived-names.ts";
import type { Architecture } from "../../settings/build-schema.ts";
import { architectureLabel, architectures } from "../../settings/build-schema.ts";
import type { Build } from "../build.ts";

/** The task that completes a build's image: of several architectures, that of their index. */
export function imageTask({ repository }: Build): "build" | "index" {
  return repository.architectures.length === 0 ? "build" : "index";
}

/** The task of one of several architectures. */
export function partTask<One extends Architecture>(architecture: One): `build-${One}` {
  return `build-${architecture}`;
}

/** All that a build may have. */
export const partTasks = architectures.map((one) => partTask(one));

/** The tasks that run builders. */
export function buildTasks({ repository }: Build): string[] {
  return repository.architectures.length === 0 ? ["build"] : repository.architectures.map(partTask);
}

/** The environment of a program that looks at each image of an index; nothing where there is one image. */
export function architecturesEnvironment({ repository }: Build): Readonly<Record<string, string>> {
  return repository.architectures.length === 0 ? {} : { ARCHITECTURES: repository.architectures.join(" ") };
}

/** That of a pod, as its task gives it. */
export const givenArchitecture = "{{inputs.parameters.architecture}}";

/** A build as the pod of one of several architectures knows it. */
export function partOf(build: Build): Build {
  const { repository } = build;
  const { tags, nodeSelector } = repository;
  return {
    ...build,
    repository: {
      ...repository,
      tags: { ...tags, commit: architectureTag(tags.commit, givenArchitecture) },
      nodeSelector: { ...nodeSelector, [architectureLabel]: givenArchitecture },
    },
  };
}
