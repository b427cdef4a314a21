/** Checks whether each repository to build exists, with its branch, Dockerfile, and the paths that start builds. */
import { dockerfileOf } from "../../components/builds/builders/options.ts";
import { messageOf } from "../../components/builds/programs/program.ts";
import { posix } from "node:path";
import { nearest } from "../../components/checks.ts";
import { joinPath } from "../../components/settings/errors.ts";
import type { ProjectSettings, RepositorySettings } from "../../components/settings/resolve.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { unchecked } from "./finding.ts";
import type { Remote, Tree } from "./git.ts";

export const repositories: Check = async ({ settings, repositories: git }) => {
  const findings = settings.projects.flatMap((project) =>
    project.repositories.map((repository, index) => {
      const path = joinPath("projects", [project.name, "repositories", index]);
      return checkRepository({ path, project, repository, git });
    }),
  );
  return (await Promise.all(findings)).flat();
};

interface Subject {
  readonly path: string;
  readonly project: ProjectSettings;
  readonly repository: RepositorySettings;
  readonly git: Examined["repositories"];
}

async function checkRepository({ path, project, repository, git }: Subject): Promise<Finding[]> {
  const { slug, cloneUrl, service } = repository;
  if (project.private) return [unchecked(path, `${slug} is private`)];
  const problem = branchProblem(path, slug, project.branch, await git.remote(cloneUrl), {
    branch: `projects.${project.name}.branch`,
    hidden: `correct the name, or set projects.${project.name}.private`,
  });
  if (problem.length > 0) return problem;
  try {
    const problems = fileProblems(path, repository, await git.tree(cloneUrl, project.branch, "names"));
    const what = `${service} has the branch ${project.branch} and ${dockerfileOf(repository).path}`;
    return problems.length === 0 ? [{ level: "good", path, message: what }] : problems;
  } catch (error) {
    return [unchecked(path, `${slug} cannot be fetched (${messageOf(error)})`)];
  }
}

/** The keys of the stack file that a fix names. */
interface Keys {
  readonly branch: string;
  readonly hidden: string;
}

/** What is wrong with a repository or its branch. */
export function branchProblem(
  path: string,
  slug: string,
  branch: string,
  remote: Remote,
  keys: Keys,
): Finding[] {
  if (remote.state === "silent") return [unchecked(path, `${slug} does not answer (${remote.because})`)];
  if (remote.state === "hidden") {
    const message = `the repository ${slug} does not exist or is not public`;
    return [{ level: "bad", path, message, fix: keys.hidden }];
  }
  const { branches, movedTo } = remote;
  const moved: Finding[] =
    movedTo === undefined
      ? []
      : [
          {
            level: "bad",
            path,
            message: `${slug} has moved to ${movedTo}, so its pushes name another repository`,
            fix: "set its new name and owner",
          },
        ];
  return branches.includes(branch) ? moved : [...moved, noBranch(path, slug, branch, branches, keys)];
}

function noBranch(
  path: string,
  slug: string,
  branch: string,
  branches: readonly string[],
  keys: Keys,
): Finding {
  const shown = branches.length > 5 ? [...branches.slice(0, 5), "…"] : branches;
  const others = shown.length === 0 ? "it is empty" : `it has ${shown.join(", ")}`;
  const near = nearest(branch, branches) ?? (branches.length === 1 ? branches[0] : undefined);
  return {
    level: "bad",
    path,
    message: `${slug} has no branch ${branch}; ${others}`,
    fix: near === undefined ? `push it, or set ${keys.branch}` : `push it, or set ${keys.branch} to ${near}`,
  };
}

function fileProblems(path: string, repository: RepositorySettings, { paths: files }: Tree): Finding[] {
  const { slug, context, paths } = repository;
  const { path: dockerfile } = dockerfileOf(repository);
  const holds = (folder: string) =>
    files.some((file) => file === posix.normalize(folder) || file.startsWith(posix.join(folder, "/")));
  const problems: Finding[] = [];
  if (context !== undefined && posix.normalize(context) !== "." && !holds(context)) {
    problems.push({
      level: "bad",
      path: `${path}.context`,
      message: `${slug} has no folder ${context}`,
      fix: "correct the path, or remove the key",
    });
  }
  if (!files.includes(dockerfile)) problems.push(noDockerfile(path, slug, dockerfile, files));
  const unused = paths.filter((one) => !holds(one));
  return [
    ...problems,
    ...unused.map((one): Finding => ({
      level: "warn",
      path: `${path}.paths`,
      message: `${slug} has nothing at ${one}, so no push changes it`,
      fix: "correct the path, or remove it",
    })),
  ];
}

function noDockerfile(path: string, slug: string, dockerfile: string, files: readonly string[]): Finding {
  const found = files
    .filter((file) => /(^|\/)(Dockerfile(\.[^/]*)?|[^/]*\.Dockerfile)$/i.test(file))
    .slice(0, 5);
  return {
    level: "bad",
    path: `${path}.dockerfile`,
    message: `${slug} has no ${dockerfile}${found.length === 0 ? "" : `; it has ${found.join(", ")}`}`,
    fix: found.length === 0 ? "add one" : "name an existing one",
  };
}
