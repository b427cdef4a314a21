/**
 * Builds of one image for several architectures: a pod for each, on a node of that architecture, whose image has a tag
 * of its own. Only the index of all images has the commit's tag, which no builder may push.
 */
import { architectureTag } from "../../derived-names.ts";
import type { Architecture } from "../../settings/build-schema.ts";
import { architectureLabel, architectures } from "../../settings/build-schema.ts";
import type { Build } from "../build.ts";

/** The task that completes a build's image: for several architectures, the task of their index. */
export function imageTask({ repository }: Build): "build" | "index" {
  return repository.architectures.length === 0 ? "build" : "index";
}

/** The task of one of several architectures. */
export function partTask<One extends Architecture>(architecture: One): `build-${One}` {
  return `build-${architecture}`;
}

/** The tasks of all architectures that a build may have. */
export const partTasks = architectures.map((one) => partTask(one));

/** The tasks that run builders. */
export function buildTasks({ repository }: Build): string[] {
  return repository.architectures.length === 0 ? ["build"] : repository.architectures.map(partTask);
}

/** The environment of a program that reads each image of an index; empty if there is one image. */
export function architecturesEnvironment({ repository }: Build): Readonly<Record<string, string>> {
  return repository.architectures.length === 0 ? {} : { ARCHITECTURES: repository.architectures.join(" ") };
}

/** The architecture of a pod, from its task. */
export const givenArchitecture = "{{inputs.parameters.architecture}}";

/** The part of a build that runs in the pod of one of several architectures. */
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
