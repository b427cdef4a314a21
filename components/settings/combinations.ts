/** Rules against values that are valid alone but not together. */
import { entries } from "../entries.ts";
import { duplicates } from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import { unknownKeyFix } from "../checks.ts";
import type { Readable } from "./readable.ts";
import { applicationsOf, repositoriesOf } from "./readable.ts";
import type { Tags } from "./project-schema.ts";

export function unknownImages(config: Readable): SettingError[] {
  return applicationsOf(config).flatMap(({ application: { images = [] }, project, at }) => {
    const known = project.repositories.map(({ name, service }): string => service ?? name);
    return images.flatMap((image, position) =>
      known.includes(image)
        ? []
        : [
            {
              path: at("images", position),
              value: image,
              rule: "an application follows images of its project's repositories",
              fix: unknownKeyFix(image, known),
            },
          ],
    );
  });
}

/** A project or a repository may inherit either key. */
type OwnTags = { readonly [Key in keyof Tags]?: Tags[Key] | undefined };

export function wrongTags(config: Readable): SettingError[] {
  const places: [string, OwnTags | undefined][] = [
    ["tags", config.stack.tags],
    ...entries(config.projects).map(([key, { tags }]): [string, OwnTags | undefined] => [
      joinPath("projects", [key, "tags"]),
      tags,
    ]),
    ...repositoriesOf(config).map(({ repository: { tags }, at }): [string, OwnTags | undefined] => [
      at("tags"),
      tags,
    ]),
  ];
  return places.flatMap(([path, tags]) => (tags === undefined ? [] : wrongTagsAt(path, tags)));
}

function wrongTagsAt(path: string, { commit, moving: given }: OwnTags): SettingError[] {
  const moving: readonly string[] = given ?? [];
  const fixed =
    commit === undefined || commit.includes("{sha7}")
      ? []
      : [
          {
            path: `${path}.commit`,
            value: commit,
            rule: "the commit tag must contain {sha7}",
            fix: "add {sha7}",
          },
        ];
  const unmoved = moving.flatMap((tag, index) =>
    tag.includes("{sha7}")
      ? [
          {
            path: joinPath(path, ["moving", index]),
            value: tag,
            rule: "a moving tag is the same for every commit",
            fix: "remove {sha7}",
          },
        ]
      : [],
  );
  const occurrences = moving.map((tag, index) => ({
    path: joinPath(path, ["moving", index]),
    value: tag,
    key: tag,
  }));
  return [
    ...fixed,
    ...unmoved,
    ...duplicates(occurrences, "a tag may occur only once", "remove one of the two"),
  ];
}

export function impossibleAvailability({ stack }: Readable): SettingError[] {
  if (stack.cluster?.highAvailability !== true || stack.eventBus?.replicas !== 1) return [];
  return [
    {
      path: "eventBus.replicas",
      value: 1,
      rule: "cluster.highAvailability needs an EventBus that survives the loss of a node",
      fix: "write 3, or remove the key",
    },
  ];
}
