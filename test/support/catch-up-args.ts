/** What a stack of one repository looks for. */
import type { CatchUp } from "../../components/builds/catch-up.ts";
import { statusSecret } from "../../components/derived-names.ts";
import { label, owner, repositoryName } from "./builders.ts";

/** Of a token, what it reads. */
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
    gitTags: "",
    keep: 345600,
    ...differences,
  };
}
