/** Hosts and ports as regular expression sources: names that DNS allows, and ports that can exist. */

/** A label of a host name: at most 63 characters, with a letter or digit at both ends (RFC 1123). */
const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/** A host name or an IPv4 address. Its length of at most 253 characters is checked separately. */
export const host = String.raw`${label}(\.${label})*`;

/** From 1 to 65535. */
export const port = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})";

/** A host with an optional port. */
export const hostAndPort = `${host}(:${port})?`;

export const longestHost = 253;

/** Whether the host is an IPv4 address instead of a name. */
export function isAddress(text: string): boolean {
  return /^[0-9]+(\.[0-9]+){3}$/.test(text);
}
