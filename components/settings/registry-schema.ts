/** The shape of `registry` and `registries` in a stack file. */
import { z } from "zod";
import { dockerHub } from "../derived-names.ts";
import * as field from "../fields.ts";
import { name, strict } from "../checks.ts";
import * as names from "../names.ts";

export const registry = strict({
  host: name(names.registryHost).prefault(dockerHub).describe("Registry, with its port."),
  namespace: name(names.imageNamespace).optional().describe("Image namespace, e.g. the Docker Hub user."),
  login: z
    .enum(["password", "external"])
    .default("password")
    .describe(
      "password: the Secret `pullSecret` is created from `username` and `secrets.registryPassword`. external: something else in the cluster creates and renews that Secret in every namespace that needs it.",
    ),
  username: field.text.optional().describe("User name to push and pull; without it, no login."),
  email: field.text.optional().describe("E-mail in the login; most registries ignore it."),
  pullSecret: name(names.dnsSubdomain)
    .prefault("regcred")
    .describe("Secret with the login, for builds, the Image Updater and pods of applications."),
  insecure: z.boolean().default(false).describe("The registry speaks plain HTTP."),
});

/** A registry that images are only pulled from. */
const otherRegistry = strict({
  username: field.text
    .optional()
    .describe("User name to pull; the password or token is `secrets.registries.<host>`."),
  applications: z
    .boolean()
    .default(false)
    .describe("Whether pods of applications pull with this login too. Otherwise only builds do."),
  mirror: field.mirror
    .optional()
    .describe(
      "Mirror or pull-through cache that builds ask first for base images of this registry: a host, with its port and path.",
    ),
  insecure: z.boolean().default(false).describe("This registry speaks plain HTTP."),
});

export const registries = z.record(name(names.registryHost), otherRegistry);

export type OtherRegistry = z.output<typeof otherRegistry>;
