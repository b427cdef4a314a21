/** What is built of each repository, how its image is tagged, what deploys it, and who may start it. */
import { h } from "preact";
import { dockerfileOf } from "../../components/builds/builders/options.ts";
import { tagOf } from "../../components/derived-names.ts";
import type { ProjectSettings } from "../../components/settings/resolve.ts";
import type { Settings } from "../../components/settings/settings.ts";
import type { Column, Html } from "./elements.ts";
import { code, counted, list, section, table } from "./elements.ts";
import type { Account } from "./grants.ts";
import { starters } from "./grants.ts";
import type { Way } from "./ways.ts";
import { wayAddress } from "./way-section.ts";

/** A project with more repositories is folded, so that the next section stays near. */
const unfolded = 30;

export function repositories(ways: readonly Way[], accounts: readonly Account[], settings: Settings): Html {
  const projects = [...Map.groupBy(ways, ({ project }) => project)];
  return section(
    "repositories",
    "Repositories",
    h("p", null, "Everyone who may push to a branch on GitHub can start its build."),
    ...[...new Set(ways.map(({ namespace }) => namespace))].map((one) => inCluster(one, accounts)),
    ...projects.map(([project, own]) => projectTable(project, own, columnsOf(settings))),
  );
}

function inCluster(namespace: string, accounts: readonly Account[]): Html {
  const names = starters(accounts, namespace).flatMap((name) => [", ", code(name)]);
  return h(
    "p",
    null,
    "In the cluster, builds in ",
    code(namespace),
    " may be started by its administrators",
    ...names,
    ".",
  );
}

function projectTable(
  { name, owner, branch, webhook }: ProjectSettings,
  ways: readonly Way[],
  columns: readonly Column<Way>[],
): Html {
  const what = `${name}: ${counted(ways.length, "build")} of ${owner} at ${branch}`;
  return h(
    "details",
    { open: ways.length <= unfolded },
    h("summary", null, h("h3", null, name), ` ${counted(ways.length, "build")} of ${owner}`),
    h("p", null, "Pushes arrive at ", code(webhook.url)),
    table(what, columns, ways),
  );
}

function columnsOf(settings: Settings): Column<Way>[] {
  return [
    { title: "Repository", cell: repositoryCell },
    { title: "Builds", cell: builds },
    { title: "Image and tags", cell: image },
    { title: "Deployed by", cell: deployedBy },
    { title: "Started by", cell: (way) => list(startedBy(way, settings)) },
  ];
}

/** The service, with its repository if the names differ. */
function repositoryCell(way: Way): Html {
  const { name, service } = way.repository;
  return [h("a", { href: wayAddress(way) }, service), ...(name === service ? [] : [" of ", code(name)])];
}

function builds({ project, repository }: Way): Html {
  const { target, builder } = repository;
  const { path, folder } = dockerfileOf(repository);
  return list([
    [code(project.branch), ", ", builder],
    [code(path), ...(folder === undefined ? [] : [" in ", code(folder)])],
    ...(target === undefined ? [] : [["stage ", code(target)]]),
  ]);
}

function image({ project, repository }: Way): Html {
  const { tags } = repository;
  const all = [tags.commit, ...tags.moving].map((tag) => code(tagOf(tag, project.branch, "{sha7}")));
  return list([code(repository.image), all.flatMap((tag) => [tag, " "])]);
}

function deployedBy({ project, repository }: Way): Html {
  const following = project.applications.filter(({ follows }) => follows.includes(repository));
  if (following.length === 0) return "nothing";
  const held = repository.pin === undefined ? [] : [["pinned to ", code(repository.pin)]];
  return list([...following.map(({ name, namespace }) => [code(name), " in ", code(namespace)]), ...held]);
}

function startedBy({ project, repository }: Way, { builds: { gitTags, catchUp } }: Settings): Html[] {
  const paths = repository.paths.flatMap((path, index) => [
    index === 0 ? " that changes " : ", ",
    code(path),
  ]);
  return [
    ["a push to ", code(project.branch), ...paths],
    ...(repository.otherBranches
      ? project.otherBranches.map((one) => ["a push to ", code(one), ...paths])
      : []),
    ...(gitTags === undefined ? [] : [["a tag ", code(gitTags)]]),
    ...(repository.pullRequests ? [["a pull request into ", code(project.branch)]] : []),
    ...(catchUp.enabled ? ["the check for lost pushes"] : []),
  ];
}
