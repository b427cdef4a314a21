/** Address ranges: those outside a cluster and its networks, and those that no pod needs. */
import ipaddr from "ipaddr.js";

/**
 * Addresses of the metadata services of clouds, which hand out credentials: AWS, Google Cloud, Azure and most others;
 * AWS over IPv6; Azure's host; Alibaba Cloud.
 */
export const metadataAddresses = ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200"];

/** NodeLocal DNSCache (Kubernetes `cluster/addons/dns/nodelocaldns`). */
export const nodeLocalDns = "169.254.20.10/32";

/** All addresses except private, loopback and link-local ones (RFC 6890), and those of metadata services. */
export const publicRanges = [
  {
    cidr: "0.0.0.0/0",
    except: [
      "10.0.0.0/8",
      "100.64.0.0/10",
      "127.0.0.0/8",
      "168.63.129.16/32",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
    ],
  },
  { cidr: "::/0", except: ["::1/128", "fc00::/7", "fe80::/10"] },
] as const;

/** The bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2). */
const mappedBits = 96;

/**
 * The range, written with its first address; undefined if the text is not a range. A range of IPv4-mapped IPv6
 * addresses becomes a range of IPv4, because such addresses arrive as IPv4.
 */
export function canonicalRange(text: string): string | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    const [, prefix] = ipaddr.IPv4.parseCIDR(text);
    return `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${prefix.toString()}`;
  }
  if (text.includes("%") || !ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.IPv6.parseCIDR(text);
  if (address.isIPv4MappedAddress() && prefix >= mappedBits)
    return canonicalRange(`${address.toIPv4Address().toString()}/${(prefix - mappedBits).toString()}`);
  return `${ipaddr.IPv6.networkAddressFromCIDR(text).toString()}/${prefix.toString()}`;
}

export function rangeHas(range: string, address: string): boolean {
  const one = ipaddr.parse(address);
  const [first, prefix] = ipaddr.parseCIDR(range);
  return one.kind() === first.kind() && one.match(first, prefix);
}
