/** Rules of the layer cache, in which a build may set any tag. */
import { imageParts } from "../derived-names.ts";
import type { SettingError } from "./errors.ts";
import { imageOf } from "./images.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { resolveCache } from "./resolve.ts";

/** Where the layers of one service are at the image of another, or of its own, its Dockerfile could set the tags that deployments follow. */
export function cachesAtImages(config: Readable): SettingError[] {
  const { registry, builds } = config.stack;
  if (registry === undefined || builds === undefined) return [];
  const all = repositoriesOf(config).map((one) => ({ ...one, image: imageOf(one, registry) }));
  const places = new Map(all.map((one) => [place(one.image), one.at()]));
  const errors = all.flatMap(({ repository, image, at }) => {
    const cache = repository.cache ? resolveCache(image, builds.cache) : undefined;
    const other = cache === undefined ? undefined : places.get(place(cache.repository));
    if (other === undefined) return [];
    return [other === at() ? own(builds.cache.repository) : foreign(other, cache?.repository, at())];
  });
  // What the stack says for all is reported once.
  return errors.filter(({ path }, index) => errors.findIndex((one) => one.path === path) === index);
}

function own(value: string): SettingError {
  return {
    path: "builds.cache.repository",
    value,
    rule: "layers are not stored under the image of a service, because every Dockerfile could then set its tags",
    fix: "write another name, such as {image}-cache",
  };
}

function foreign(path: string, value: string | undefined, of: string): SettingError {
  return {
    path,
    value,
    rule: `this image is where the layers of ${of} are kept, whose Dockerfile could set its tags`,
    fix: "give it another `image`, or set builds.cache.repository to another name, such as {image}-layers",
  };
}

/** Docker Hub's host may stand in a name or not. */
function place(repository: string): string {
  const { host, path } = imageParts(repository);
  return `${host}/${path}`;
}
