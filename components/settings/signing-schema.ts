/** The shape of `builds.signing` and of its secrets in a stack file. */
import { createPublicKey } from "node:crypto";
import { z } from "zod";
import { must, strict } from "../checks.ts";
import * as field from "../fields.ts";

const publicKey = z
  .string()
  .refine((text) => !text.includes("PRIVATE KEY"), {
    error: must(
      "the public half of a cosign key pair, not the private one",
      "write the contents of cosign.pub, and replace the key pair: its private half was in plain text",
    ),
    abort: true,
  })
  .refine(isPublicKey, {
    error: must(
      "a public key in PEM, as cosign writes it",
      "write the contents of cosign.pub after `|`, every line indented, from -----BEGIN PUBLIC KEY-----",
    ),
  })
  .transform((text) => `${text.replace(/\r\n?/g, "\n").trim()}\n`);

function isPublicKey(text: string): boolean {
  try {
    return text.includes("-----BEGIN PUBLIC KEY-----") && createPublicKey(text).type === "public";
  } catch {
    return false;
  }
}

export const signing = strict({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      "Sign each image, and with it an SBOM and the provenance of its build, before it is deployed; needs `secrets.signing`.",
    ),
  publicKeys: z
    .array(publicKey)
    .default([])
    .describe(
      "The public half of `secrets.signing.key` (cosign.pub), followed by those of earlier keys whose signatures are still accepted.",
    ),
  admission: z
    .enum(["off", "warn", "refuse"])
    .default("off")
    .describe(
      "Have Kyverno, which must be installed in the cluster, check pods in the namespaces of applications: refuse, or warn about, those whose image belongs to this stack and is not signed by its build.",
    ),
})
  .prefault({})
  .describe("Signatures of images, with an SBOM and provenance (SLSA).");

const notPrivate = must(
  "the private half of a cosign key pair, encrypted with its password",
  "set the contents of cosign.key, which `cosign generate-key-pair` writes",
);

export const signingSecrets = strict({
  key: field.text
    .refine((text) => !/-----BEGIN (?!ENCRYPTED )/.test(text), { error: notPrivate })
    .optional()
    .describe("Private key: the contents of cosign.key, which `cosign generate-key-pair` writes."),
  password: field.secretLine.optional().describe("The password that the key is encrypted with."),
})
  .optional()
  .describe("The cosign key pair that signs images, for `builds.signing`.");
