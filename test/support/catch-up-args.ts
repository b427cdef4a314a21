/** The arguments of the catch-up in a stack with one repository. */
import type { CatchUp } from "../../components/builds/catch-up.ts";
import { statusSecret } from "../../components/derived-names.ts";
import { label, owner, repositoryName } from "./builders.ts";

/** A token, with the repository that it may read. */
export function reading<Token extends object>(token: Token) {
  return { ...token, repositories: [repositoryName("web")] };
}

export function catchUp(differences: Partial<CatchUp> = {}): CatchUp {
  return {
    namespace: label("ci"),
    every: 10,
    offset: 3,
    builds: [],
    clones: [],
    reports: [reading({ owner: owner("acme"), token: statusSecret, permission: "statuses:write" })],
    api: "https://api.github.com",
    registry: "docker.io",
    insecure: false,
    pullSecret: label("regcred"),
    network: {},
    delivery: undefined,
    gitTags: "",
    keep: 345600,
    ...differences,
  };
}
