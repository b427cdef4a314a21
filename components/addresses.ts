/** Addresses in a stack file: URLs and hosts. */
import { z } from "zod";
import { must } from "./checks.ts";
import { host, longestHost } from "./hosts.ts";

/** The error for a URL whose host or port cannot exist. */
export const wrongHost = must(
  "a URL with a valid host and port",
  "correct the host: each part between dots has 1 to 63 letters, digits and '-', with a letter or digit at both ends; a port is at most 65535, and an IP address has four numbers up to 255",
);

/** A URL that GitHub or a browser opens. */
export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~/-]*)?$/, {
    error: must(
      "a URL of scheme, host and path only",
      "write it like https://alog.acceler.kr/github-webhook",
    ),
    abort: true,
  })
  .refine(hasHost, { error: wrongHost, abort: true });

/** Whether the host and port of an HTTP or HTTPS URL can exist. */
export function hasHost(url: string): boolean {
  return URL.canParse(url) && isHostName(new URL(url).hostname);
}

function isHostName(text: string): boolean {
  return text.length <= longestHost && new RegExp(`^${host}$`).test(text);
}

/** A URL that receives secrets or signed deliveries: HTTPS, except for localhost and IP addresses. */
export const httpsUrl = httpUrl.refine(
  (url) => !/^http:\/\/(?!(localhost|[0-9]+(\.[0-9]+){3})([:/]|$))/.test(url),
  {
    error: must("an HTTPS address", "write https://, with a certificate that the caller trusts"),
  },
);

/** The URL of a webhook. Its path goes into an Ingress unchanged, where Kubernetes refuses `//`. */
export const webhookUrl = httpsUrl.refine((url) => !/[^:]\/\//.test(url), {
  error: must("an address without // in its path", "write a single /"),
});

/** A host name that an Ingress and a browser accept. */
export const hostName = z.string().refine(isHostName, {
  error: must("a DNS name in lower case", "write it like argocd.acceler.kr"),
});
