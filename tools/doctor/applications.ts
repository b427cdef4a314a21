/** Checks whether the manifests of the applications exist and use the images that the stack builds. */
import { messageOf } from "../../components/builds/programs/program.ts";
import { nearest } from "../../components/checks.ts";
import { joinPath } from "../../components/settings/errors.ts";
import type { ApplicationSettings, ProjectSettings } from "../../components/settings/resolve.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { unchecked } from "./finding.ts";
import type { Manifests } from "./manifests.ts";
import { readManifests } from "./manifests.ts";
import { branchProblem } from "./repositories.ts";

export const applications: Check = async (examined) => {
  const all = await Promise.all(subjects(examined).map((one) => examine(examined, one)));
  const built = examined.settings.projects.flatMap(({ repositories }) =>
    repositories.map(({ image }) => image),
  );
  return all.flatMap((one) => {
    const found = [...one.findings, ...unused(one, all, built), ...unbuilt(one, built)];
    return found.length === 0 ? [allFound(one)] : found;
  });
};

interface Subject {
  /** The path in the stack file. */
  readonly path: string;
  /** `owner/name` of the cluster repository. */
  readonly slug: string;
  readonly application: ApplicationSettings;
}

interface Read extends Subject {
  readonly findings: readonly Finding[];
  /** Undefined if they could not be read. */
  readonly manifests?: Manifests;
}

function subjects({ settings }: Examined): Subject[] {
  const of = ({ name, owner, applications: all }: ProjectSettings) =>
    all.map((application, index) => ({
      path: joinPath("projects", [name, "applications", index]),
      slug: `${owner}/${application.repository}`,
      application,
    }));
  return settings.projects.flatMap(of);
}

async function examine({ repositories: git }: Examined, subject: Subject): Promise<Read> {
  const { path, slug, application } = subject;
  const { repositoryUrl: url, revision, access } = application;
  const only = (...findings: Finding[]) => ({ ...subject, findings });
  if (access !== "public") return only(unchecked(path, `${slug} is private`));
  const keys = { branch: `${path}.revision`, hidden: "correct the name, or set `access`" };
  const problems = branchProblem(path, slug, revision, await git.remote(url), keys);
  if (problems.length > 0) return only(...problems);
  try {
    const manifests = await readManifests(await git.tree(url, revision, "texts"), application.path);
    return manifests === undefined
      ? only(noFolder(subject))
      : { ...subject, manifests, findings: manifestProblems(subject, manifests) };
  } catch (error) {
    return only(unchecked(path, `${slug} cannot be read (${messageOf(error)})`));
  }
}

function noFolder({ path, slug, application }: Subject): Finding {
  const message = `${slug} has no folder ${application.path} on the branch ${application.revision}`;
  return { level: "bad", path: `${path}.path`, message, fix: "correct the path" };
}

function manifestProblems({ path, slug }: Subject, { missing, unread }: Manifests): Finding[] {
  const fix = "correct the cluster repository";
  return [
    ...missing.map((one): Finding => ({
      level: "bad",
      path: `${path}.path`,
      message: `${slug}: ${one}`,
      fix,
    })),
    ...unread.map((one) => unchecked(path, `${slug}: ${one}`)),
  ];
}

function allFound({ path, slug, application, manifests }: Read): Finding {
  const count = manifests?.images.size ?? 0;
  const images = count === 1 ? "1 image" : `${count.toString()} images`;
  const followed = application.follows.filter(({ image }) => manifests?.images.has(image)).length;
  const message = `${slug} has ${application.path}, with ${images}, ${followed.toString()} of them followed`;
  return { level: "good", path, message };
}

/** Images that none of their followers use, reported for the first follower only. */
function unused(one: Read, all: readonly Read[], built: readonly string[]): Finding[] {
  return one.application.follows.flatMap(({ image, service }): Finding[] => {
    const followers = all.filter(({ application }) =>
      application.follows.some((followed) => followed.image === image),
    );
    const isUnknown = followers.some(({ manifests }) => manifests?.complete !== true);
    const isNamed = followers.some(({ manifests }) => manifests?.images.has(image));
    if (followers[0] !== one || isUnknown || isNamed) return [];
    const others = unbuiltImages(one, built);
    return [
      {
        level: "warn",
        path: one.path,
        message: `no manifest uses ${image}, which is built from ${service} and never deployed`,
        fix: hint(image, others, "use it in a manifest, or remove the service from `images`"),
      },
    ];
  });
}

function unbuilt(one: Read, built: readonly string[]): Finding[] {
  const images = one.application.follows.map(({ image }) => image);
  const free = images.filter((image) => one.manifests?.images.has(image) !== true);
  return unbuiltImages(one, built).map((image) => ({
    level: "warn",
    path: one.path,
    message: `a manifest uses ${image}, which no repository of the stack builds`,
    fix: hint(image, free, "add its repository, or correct the manifest"),
  }));
}

/** Images in the builds' registry namespaces that no build makes. Images elsewhere belong to others. */
function unbuiltImages({ manifests }: Read, built: readonly string[]): string[] {
  const place = (image: string) => image.slice(0, image.lastIndexOf("/") + 1);
  const places = new Set(built.map(place).filter((one) => one !== ""));
  return [...(manifests?.images ?? [])].filter((image) => !built.includes(image) && places.has(place(image)));
}

function hint(image: string, others: readonly string[], fix: string): string {
  const near = nearest(image, others);
  return near === undefined ? fix : `${fix}; did you mean ${near}?`;
}
