/** Rules for the layer cache, in which a build can set any tag. */
import { imageParts } from "../derived-names.ts";
import type { SettingError } from "./errors.ts";
import { imageOf } from "./images.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { resolveCache } from "./resolve.ts";

/** If a service's layers were stored under an image, its Dockerfile could set the tags that deployments follow. */
export function cachesAtImages(config: Readable): SettingError[] {
  const { registry, builds } = config.stack;
  if (registry === undefined || builds === undefined) return [];
  const all = repositoriesOf(config).map((one) => ({ ...one, image: imageOf(one, registry) }));
  const images = new Map(all.map((one) => [fullName(one.image), one.at()]));
  const errors = all.flatMap(({ repository, image, at }) => {
    const cache = repository.cache ? resolveCache(image, builds.cache) : undefined;
    const other = cache === undefined ? undefined : images.get(fullName(cache.repository));
    if (other === undefined) return [];
    return [other === at() ? own(builds.cache.repository) : foreign(other, cache?.repository, at())];
  });
  // A setting of the whole stack is reported once.
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
    rule: `the layers of ${of} are stored under this image, so that repository's Dockerfile could set its tags`,
    fix: "give it another `image`, or set builds.cache.repository to another name, such as {image}-layers",
  };
}

/** The name with its registry, since Docker Hub's host may be omitted. */
function fullName(repository: string): string {
  const { host, path } = imageParts(repository);
  return `${host}/${path}`;
}
