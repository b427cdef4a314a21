/** Whom builds tell, in a stack that tells by every channel. */
import type { ToldPeople } from "../../components/builds/build.ts";
import { label } from "./builders.ts";

export function told(differences: Partial<ToldPeople> = {}): ToldPeople {
  return {
    events: ["failed", "recovered"],
    channels: ["slack", "discord", "webhook"],
    secret: label("shop-notifications"),
    api: "https://api.github.com",
    github: "https://github.com",
    mail: undefined,
    readToken: label("github-status"),
    page: "https://workflows.example",
    ...differences,
  };
}
