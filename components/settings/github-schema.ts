/** The shape of `github` in a stack file. */
import { z } from "zod";
import * as names from "../names.ts";
import { httpsUrl } from "../addresses.ts";
import { name, says, strict } from "../checks.ts";

function number(what: string, where: string) {
  const error = says(`a whole number: ${what}`, `see ${where}`);
  return z.int({ error }).min(1, { error });
}

/** Not the client ID, which the provider of the webhooks does not take. */
const id = number("the App ID", "the App's page, under About");
const installation = number(
  "the ID of an installation",
  "the address of the installation's page, which ends with it",
);

/** A GitHub App in the place of personal tokens. */
const app = strict({
  id: id.describe("The App ID."),
  installations: z
    .record(name(names.owner), installation)
    .refine((all) => Object.keys(all).length > 0, {
      error: says("at least one owner", "add an owner's installation, or remove `app`"),
    })
    .describe(
      "For each owner that has installed the App: the ID of the installation. The repositories of other owners are used with tokens.",
    ),
}).describe(
  "A GitHub App in the place of personal tokens: it makes the webhooks, and builds get tokens of one hour from it. Needs `secrets.githubAppKey`.",
);

export const github = strict({
  url: httpsUrl
    .prefault("https://github.com")
    .transform((url) => url.replace(/\/+$/, ""))
    .describe("GitHub, or a GitHub Enterprise Server."),
  statuses: z
    .boolean()
    .default(true)
    .describe("Set a commit status on GitHub for each build; needs `secrets.statusToken` or the App."),
  deployments: z
    .boolean()
    .default(true)
    .describe(
      "Keep a Deployment of each commit on GitHub, from the image until it is live; needs `secrets.statusToken` or the App, and `delivery.wait`.",
    ),
  app: app.optional(),
});

export type GitHubApp = z.output<typeof app>;
