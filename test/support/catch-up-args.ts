/** What a stack of one repository looks for. */
import type { CatchUp } from "../../components/builds/catch-up.ts";
import { label } from "./builders.ts";

export function catchUp(differences: Partial<CatchUp> = {}): CatchUp {
  return {
    namespace: label("ci"),
    every: 10,
    offset: 3,
    builds: [],
    privateProjects: [],
    api: "https://api.github.com",
    hasToken: true,
    registry: "docker.io",
    insecure: false,
    pullSecret: label("regcred"),
    network: {},
    gitTags: "",
    keep: 345600,
    ...differences,
  };
}
