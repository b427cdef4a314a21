/** Checked names and a repository for the tests of manifests. */
import assert from "node:assert/strict";
import type { RepositorySettings } from "../../components/settings/resolve.ts";
import * as names from "../../components/names.ts";
import type { NameRule } from "../../components/names.ts";

export function named<Name extends string>(rule: NameRule<Name>, text: string): Name {
  const name = names.parseName(rule, text);
  assert.ok(name !== undefined, text);
  return name;
}

export const label = names.dnsLabelOf;
export const repositoryName = (text: string) => named(names.repositoryName, text);
export const branch = (text: string) => named(names.branch, text);
export const owner = (text: string) => named(names.owner, text);

/** A repository with defaults, except for a test's differences. */
export function repository(differences: Partial<RepositorySettings> = {}): RepositorySettings {
  return {
    name: repositoryName("web"),
    service: repositoryName("web"),
    object: label("web"),
    slug: "acme/web",
    cloneUrl: "https://github.com/acme/web.git",
    image: "team/web",
    tags: {
      commit: named(names.tagTemplate, "{branch}-{sha7}"),
      moving: [named(names.tagTemplate, "{branch}"), named(names.tagTemplate, "latest")],
    },
    dockerfile: "Dockerfile",
    context: undefined,
    target: undefined,
    buildArgs: [],
    args: {},
    secrets: [],
    submodules: false,
    lfs: undefined,
    cache: { repository: "team/web-cache", lifetime: 1209600 },
    builder: "kaniko",
    builderFlags: [],
    resources: { cpu: "1", memory: "2Gi", disk: undefined },
    architectures: [],
    nodeSelector: {},
    tolerations: [],
    timeLimit: 3600,
    signing: false,
    pullRequests: false,
    otherBranches: false,
    partial: false,
    paths: [],
    pin: undefined,
    ...differences,
  };
}
