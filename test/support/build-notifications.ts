/** The build notifications of a stack that uses every channel. */
import type { BuildNotifications } from "../../components/builds/build.ts";
import { label } from "./builders.ts";

export function notifications(differences: Partial<BuildNotifications> = {}): BuildNotifications {
  return {
    events: ["failed", "recovered"],
    channels: ["slack", "discord", "webhook"],
    secret: label("shop-notifications"),
    api: "https://api.github.com",
    github: "https://github.com",
    mail: undefined,
    readToken: label("github-status"),
    workflowsUrl: "https://workflows.example",
    ...differences,
  };
}
