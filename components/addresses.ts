/** Addresses that a stack file holds: URLs and hosts. */
import { z } from "zod";
import { says } from "./checks.ts";
import { host, longestHost } from "./hosts.ts";

/** Of an address whose host there cannot be. */
export const wrongHost = says(
  "a URL with a valid host and port",
  "correct the host: between dots it has 1 to 63 letters, digits and '-', with a letter or digit at both ends; a port is at most 65535, and an IP address has four numbers up to 255",
);

/** An address that GitHub or a browser opens. */
export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~/-]*)?$/, {
    error: says(
      "a URL of scheme, host and path only",
      "write it like https://alog.acceler.kr/github-webhook",
    ),
    abort: true,
  })
  .refine(hasHost, { error: wrongHost, abort: true });

/** Whether there can be its host and its port. It is a URL of HTTP or HTTPS. */
export function hasHost(url: string): boolean {
  return URL.canParse(url) && isHostName(new URL(url).hostname);
}

function isHostName(text: string): boolean {
  return text.length <= longestHost && new RegExp(`^${host}$`).test(text);
}

/** An address to which secrets or signed deliveries go: HTTPS, but for a machine that is named by its number. */
export const httpsUrl = httpUrl.refine(
  (url) => !/^http:\/\/(?!(localhost|[0-9]+(\.[0-9]+){3})([:/]|$))/.test(url),
  {
    error: says("an address by HTTPS", "write https://, with a certificate that the caller trusts"),
  },
);

/** The path is an Ingress's, which Kubernetes takes as it is. */
export const webhookUrl = httpsUrl.refine((url) => !/[^:]\/\//.test(url), {
  error: says("an address whose path has no //", "write a single /"),
});

/** A host name, as an Ingress and a browser take it. */
export const hostName = z.string().refine(isHostName, {
  error: says("a host name in lower case, as DNS takes it", "write it like argocd.acceler.kr"),
});
