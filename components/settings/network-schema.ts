/** The shape of `network` in a stack file. */
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { must, strict } from "../checks.ts";
import { chartAddress } from "../fields.ts";
import { hostAndPort } from "../hosts.ts";
import { canonicalRange } from "../kinds/ranges.ts";

const begin = "-----BEGIN CERTIFICATE-----";
const block = /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\s]+?\n-----END CERTIFICATE-----/g;

/** The certificates of a text, each as OpenSSL writes it, without any text between them. */
function certificatesIn(text: string): string[] {
  return text.replace(/\r\n?/g, "\n").match(block) ?? [];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Certificates in PEM format. Most programs would silently ignore a truncated or damaged one. */
const certificates = z
  .string()
  .refine((text) => !text.includes("PRIVATE KEY"), {
    error: must(
      "a certificate, not a key",
      "remove the private key, which is not needed here, and replace it: it was in plain text",
    ),
    abort: true,
  })
  .refine(
    (text) => certificatesIn(text).length > 0 && certificatesIn(text).length === text.split(begin).length - 1,
    {
      error: must(
        "certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
        "write the authority's file after `ca: |`, every line indented; convert a DER file with `openssl x509 -inform der -in FILE`",
      ),
      abort: true,
    },
  )
  .refine((text) => certificatesIn(text).every(isCertificate), {
    error: must(
      "valid certificates in PEM",
      "copy the file again; `openssl x509 -noout -text -in FILE` must be able to read it",
    ),
  })
  .transform((text) => `${certificatesIn(text).join("\n")}\n`);

const proxyUrl = z
  .string()
  .refine((url) => !url.includes("@"), {
    error: must(
      "an address without a user and a password, which would be in plain text here and in every pod",
      "remove them, and let the proxy accept the cluster's addresses without a login",
    ),
    abort: true,
  })
  .regex(new RegExp(String.raw`^https?:\/\/${hostAndPort}\/?$`, "i"), {
    error: must("a proxy's address, of scheme, host and port", "write it like http://proxy.example.com:3128"),
  });

const directError = {
  error: must(
    "a host, a domain with a leading dot, an IP address or a range in CIDR notation",
    "write it like .example.com or 10.0.0.0/8, each as an entry of its own",
  ),
};

/** Every program silently ignores an invalid range. */
const directHost = z
  .string()
  .regex(/^(\*\.|\.)?[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?(\/[0-9]{1,3})?$/, {
    ...directError,
    abort: true,
  })
  .refine((text) => !text.includes("/") || canonicalRange(text) !== undefined, directError);

export const network = strict({
  ca: certificates
    .optional()
    .describe(
      "Certificates (PEM) of your own certificate authorities, which builds, the Image Updater and Argo CD trust in addition to the public ones: for a registry, a git server, or a proxy that intercepts TLS.",
    ),
  proxy: strict({
    http: proxyUrl.optional().describe("Proxy for addresses with http://."),
    https: proxyUrl.optional().describe("Proxy for addresses with https://; often the same."),
    noProxy: z
      .array(directHost)
      .default([])
      .describe(
        "Hosts, domains and addresses that are reached without it, as those of the cluster always are.",
      ),
  })
    .optional()
    .describe("Proxy through which builds, the Image Updater and Argo CD reach what is outside the cluster."),
  charts: chartAddress
    .optional()
    .describe(
      "Helm chart repository, or a path in a registry, that has all charts of the stack: `pulumi` downloads them from there instead of from their own repositories.",
    ),
});
