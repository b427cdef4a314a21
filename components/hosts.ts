/** Hosts and ports as sources of regular expressions: what DNS takes, and no port that there cannot be. */

/** A part of a host's name: at most 63 characters, with a letter or digit at both ends (RFC 1123). */
const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/** A host's name, or an IPv4 address; its length of at most 253 characters is checked beside it. */
export const host = String.raw`${label}(\.${label})*`;

/** From 1 to 65535. */
export const port = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})";

/** A host, and a port where there is one. */
export const hostAndPort = `${host}(:${port})?`;

export const longestHost = 253;

/** Whether it is an address in place of a name. */
export function isAddress(text: string): boolean {
  return /^[0-9]+(\.[0-9]+){3}$/.test(text);
}
