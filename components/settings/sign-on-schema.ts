/** The shape of `signOn` in a stack file. */
import { z } from "zod";
import { httpUrl } from "../addresses.ts";
import { must, strict } from "../checks.ts";

/** Argo CD keeps groups and its own roles in one list, so a group with such a name would be a role. */
const ownRole = /^(role|proj):/;

const group = z
  .string({ error: must("a group's name, in quotes if it is a number", 'write it like "1234"') })
  .max(200, { error: must("a group's name of at most 200 characters", "choose a shorter one") })
  .regex(/^[\p{L}\p{N}_@/][\p{L}\p{N} ._:/@+=&()-]*(?<! )$/u, {
    error: must(
      "a group's name: letters, digits, spaces and . _ : / @ + = & ( ) -",
      "write it as in the issuer's tokens, like platform or acme:platform",
    ),
  })
  .refine((name) => !ownRole.test(name), {
    error: must(
      "not a name that Argo CD takes for one of its own roles",
      "give the group another name at the issuer",
    ),
  });

function roles(dashboard: string, admins: string, viewers: string) {
  return strict({
    admins: z.array(group).default([]).describe(`Groups whose members ${admins}`),
    viewers: z.array(group).default([]).describe(`Groups whose members ${viewers}`),
  })
    .refine((all) => all.admins.length + all.viewers.length > 0, {
      error: must(
        "at least one group, since otherwise nobody can sign on",
        "add admins or viewers, or remove the key",
      ),
    })
    .optional()
    .describe(`Groups that may sign on to ${dashboard}. Without it, ${dashboard} has no single sign-on.`);
}

export const signOn = strict({
  issuer: httpUrl
    .refine((url) => url.startsWith("https://"), {
      error: must("an HTTPS address", "write https://, with a certificate that Argo trusts"),
    })
    .describe("Address of the OpenID Connect provider, exactly as its tokens name it in `iss`."),
  clientId: z
    .string({
      error: must("a text, which YAML reads as another type without quotes", "write it in quotes"),
    })
    .regex(/^[\x21-\x7e]{1,255}$/, {
      error: must("a client ID without spaces", "copy it from the provider"),
    })
    .describe("ID of the client that the provider has for the dashboards; its secret is `secrets.signOn`."),
  groupsClaim: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, {
      error: must("the name of a claim", "write it as in the ID token, like groups"),
    })
    .default("groups")
    .describe("Claim of the ID token that lists the groups."),
  scopes: z
    .array(
      z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, {
        error: must("an OAuth 2 scope, without spaces and quotes", "write each as an entry of its own"),
      }),
    )
    .default(["profile", "email", "groups"])
    .describe(
      "Scopes that are requested besides openid. A provider that has no `groups` may need other ones.",
    ),
  argocd: roles(
    "Argo CD",
    "may do everything in Argo CD.",
    "may read everything in Argo CD, including logs of pods, but change nothing.",
  ),
  workflows: roles(
    "Argo Workflows",
    "may read, stop, suspend, retry and delete builds.",
    "may read builds and their logs.",
  ),
})
  .optional()
  .describe(
    "Single sign-on to the dashboards by OpenID Connect. It turns off Argo CD's own `admin`, and Argo Workflows then accepts no Kubernetes tokens.",
  );
