/** The shape of `secrets` in a stack file. */
import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { must, strict } from "../checks.ts";
import * as field from "../fields.ts";
import { notificationSecrets } from "./notification-schema.ts";
import { signingSecrets } from "./signing-schema.ts";

const publicKey = must(
  "a private key or a token; this is the public half, which belongs to GitHub",
  "set the private half, which begins with -----BEGIN",
);

function isNotPublicKey(text: string): boolean {
  return !/^(ssh|ecdsa)-/.test(text);
}

const appKey = must(
  "the private key of the GitHub App: the whole content of the .pem file that GitHub generated",
  "set the file's content, as in `pulumi config set --secret --path secrets.githubAppKey <app.pem`",
);

/** Refuses common mistakes: another kind of key, its file's name, its fingerprint, or the App's client secret. */
function mayBeAppKey(text: string): boolean {
  return text.includes("-----BEGIN") ? isRsaKey(text) : !/\.pem$|^SHA256:|^[0-9a-f]{40}$/.test(text);
}

function isRsaKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

/** Tokens of one owner's repositories: a fine-grained token belongs to one owner. */
const ownerTokens = strict({
  githubToken: field.secretLine.optional().describe("Used instead of `secrets.githubToken`."),
  statusToken: field.secretLine.optional().describe("Used instead of `secrets.statusToken`."),
});

/** The secret values. Only this key holds any. */
export const secrets = strict({
  githubToken: field.secretLine
    .optional()
    .describe("Token that creates webhooks: fine-grained, 'Webhooks: read and write'."),
  githubAppKey: field.text
    .refine(mayBeAppKey, { error: appKey })
    .optional()
    .describe("Private key of `github.app`: the content of the .pem file."),
  owners: z
    .record(z.string(), ownerTokens)
    .default({})
    .describe("Tokens of single owners whose repositories the stack's tokens cannot access."),
  // May have several lines: Google's registries accept a JSON key.
  registryPassword: field.text.optional().describe("Password or token of `registry.username`."),
  registries: z
    .record(z.string(), field.text)
    .default({})
    .describe("Password or token of each `username` in `registries`, by the registry's host."),
  signOn: field.secretLine.optional().describe("Secret of the client `signOn.clientId`."),
  statusToken: field.secretLine
    .optional()
    .describe(
      "Token for commit statuses and Deployments on GitHub: fine-grained, 'Commit statuses: read and write', and for `github.deployments` 'Deployments: read and write'.",
    ),
  cloneTokens: z
    .record(z.string(), field.secretLine)
    .default({})
    .describe("For each project that is `private`: a token that reads its repositories."),
  clusterRepositories: z
    .record(z.string(), field.text.refine(isNotPublicKey, { error: publicKey }))
    .default({})
    .describe(
      "For each cluster repository whose `access` is not public: the token ('Contents: read', and write for `writeBack: git`), or the private deploy key.",
    ),
  notifications: z
    .record(z.string(), notificationSecrets)
    .default({})
    .describe("For each project that has `notifications`: the address of each webhook in `to`."),
  mail: field.secretLine.optional().describe("Password of `mail.username`."),
  logs: strict({
    accessKey: field.secretLine.optional().describe("Access key."),
    secretKey: field.secretLine.optional().describe("Secret key."),
  })
    .optional()
    .describe("Keys of the object store in `builds.logs`."),
  signing: signingSecrets,
  projects: z
    .record(z.string(), z.record(z.string(), z.string().min(1)))
    .default({})
    .describe("Values of each project's keys."),
}).describe("Secret values, each set by `pulumi config set --secret --path`.");

export type Secrets = z.output<typeof secrets>;
