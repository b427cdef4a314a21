/** Whether the manifests of the applications and the builds of the stack speak of the same images. */
import { nearest } from "../../components/fields.ts";
import { joinPath } from "../../components/settings/errors.ts";
import type { ApplicationSettings, ProjectSettings } from "../../components/settings/resolve.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import type { Manifests } from "./manifests.ts";
import { readManifests } from "./manifests.ts";
import { branchFault, messageOf, unchecked } from "./repositories.ts";

export const applications: Check = async (examined) => {
  const all = examined.settings.projects.flatMap((project) =>
    project.applications.map((application, index) =>
      checkApplication(
        examined,
        project,
        application,
        joinPath("projects", [project.name, "applications", index]),
      ),
    ),
  );
  return (await Promise.all(all)).flat();
};

async function checkApplication(
  examined: Examined,
  { owner }: ProjectSettings,
  application: ApplicationSettings,
  path: string,
): Promise<Finding[]> {
  const { repository, repositoryUrl: url, revision, access, follows } = application;
  const slug = `${owner}/${repository}`;
  if (access !== "public") return [unchecked(path, `${slug} is private`)];
  const git = examined.repositories;
  const fault = branchFault(path, slug, revision, await git.remote(url), {
    branch: `${path}.revision`,
    hidden: "correct the name, or set `access`",
  });
  if (fault.some(({ level }) => level !== "warn")) return fault;
  try {
    const manifests = await readManifests(await git.tree(url, revision, "texts"), application.path);
    if (manifests === undefined) {
      const message = `${slug} has no folder ${application.path} on the branch ${revision}`;
      return [{ level: "bad", path: `${path}.path`, message, fix: "correct the path" }];
    }
    const built = examined.settings.projects.flatMap(({ repositories }) =>
      repositories.map(({ image }) => image),
    );
    const found = [...problems(path, slug, manifests), ...differences(path, follows, manifests, built)];
    return found.length > 0 ? found : [allIsThere(path, slug, application, manifests)];
  } catch (error) {
    return [unchecked(path, `${slug} cannot be read (${messageOf(error)})`)];
  }
}

function allIsThere(
  path: string,
  slug: string,
  { path: folder, follows }: ApplicationSettings,
  { images }: Manifests,
): Finding {
  const followed = follows.length === images.size ? "all of them" : `${follows.length.toString()} of them`;
  const message = `${slug} has ${folder}, with ${images.size.toString()} images, ${followed} followed`;
  return { level: "good", path, message };
}

function problems(path: string, slug: string, { missing, unread }: Manifests): Finding[] {
  return [
    ...missing.map((one): Finding => ({
      level: "bad",
      path: `${path}.path`,
      message: `${slug}: ${one}`,
      fix: "mend the cluster repository",
    })),
    ...unread.map((one) => unchecked(path, `${slug}: ${one}`)),
  ];
}

/** @param built the images of all builds of the stack */
function differences(
  path: string,
  follows: ApplicationSettings["follows"],
  { images, complete }: Manifests,
  built: readonly string[],
): Finding[] {
  const named = [...images];
  const unnamed = follows.filter(({ image }) => !images.has(image));
  // The builds' own places: what lies elsewhere is somebody else's.
  const places = new Set(built.map((image) => image.slice(0, image.lastIndexOf("/") + 1)));
  const strange = named.filter(
    (image) =>
      !built.includes(image) && places.has(image.slice(0, image.lastIndexOf("/") + 1)) && image.includes("/"),
  );
  return [
    ...(complete ? unnamed : []).map(({ image, service }): Finding => ({
      level: "warn",
      path,
      message: `no manifest names ${image}, which is built from ${service} and never deployed here`,
      fix: hint(image, strange, "name it in a manifest, or leave the service out of `images`"),
    })),
    ...strange.map((image): Finding => ({
      level: "warn",
      path,
      message: `a manifest names ${image}, which no repository of the stack builds`,
      fix: hint(
        image,
        unnamed.map((one) => one.image),
        "add its repository, or correct the manifest",
      ),
    })),
  ];
}

function hint(image: string, others: readonly string[], fix: string): string {
  const near = nearest(image, others);
  return near === undefined ? fix : `${fix}; did you mean ${near}?`;
}
