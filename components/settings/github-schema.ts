/** The shape of `github` in a stack file. */
import { z } from "zod";
import * as names from "../names.ts";
import { httpsUrl, webhookUrl } from "../addresses.ts";
import { name, must, strict } from "../checks.ts";
import * as field from "../fields.ts";

function number(what: string, where: string) {
  const error = must(`a whole number: ${what}`, `see ${where}`);
  return z.int({ error }).min(1, { error });
}

/** Not the client ID, which the GitHub provider does not accept. */
const id = number("the App ID", "the App's page, under About");
const installation = number(
  "the ID of an installation",
  "the address of the installation's page, which ends with it",
);

/** GitHub sends requests for re-runs only to the App's own webhook, and an App has only one. */
const checks = strict({
  url: webhookUrl.describe(
    "The webhook URL on the App's page, to which GitHub sends requests to run a build again. No project may have the same.",
  ),
  port: field.podPort
    .optional()
    .describe(
      "Port of the EventSource's pods for these deliveries. Without it, derived from the name `github-app`.",
    ),
  nodePort: field.nodePort
    .optional()
    .describe("Serve the webhook on this port of every node instead of through the Ingress."),
}).describe(
  "Report builds as check runs of the App, with _Re-run_, instead of commit statuses, for the owners that have installed it. Rules that require a status of the same name must name the App as its source.",
);

/** A GitHub App instead of personal tokens. */
const app = strict({
  id: id.describe("The App ID."),
  installations: z
    .record(name(names.owner), installation)
    .refine((all) => Object.keys(all).length > 0, {
      error: must("at least one owner", "add an owner's installation, or remove `app`"),
    })
    .describe(
      "For each owner that has installed the App: the ID of the installation. The repositories of other owners need tokens.",
    ),
  checks: checks.optional(),
}).describe(
  "A GitHub App instead of personal tokens: it creates the webhooks, and the tokens of builds, which are valid for one hour. Needs `secrets.githubAppKey`.",
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
      "Report each commit as a Deployment on GitHub, from the image until it is live; needs `secrets.statusToken` or the App, and `delivery.wait`.",
    ),
  app: app.optional(),
});

export type GitHubApp = z.output<typeof app>;
