import { BlockList, isIPv4, isIPv6 } from "node:net";

/** An address and the networks it lies in, narrow to wide, as keys to count by. */
export type Networks = readonly [address: string, site: string, region: string];

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6: many clients may share such an address. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("169.254.0.0", 16);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Where an address belongs: to this machine, to a network that others cannot reach, or to the internet. */
export function scopeOf(address: string): "loopback" | "private" | "public" {
  const normal = normalizeAddress(address);
  const family = isIPv4(normal) ? "ipv4" : "ipv6";
  if (LOOPBACK.check(normal, family)) return "loopback";
  return PRIVATE.check(normal, family) ? "private" : "public";
}

/**
 * One form per address: IPv4 as it is when it comes mapped into IPv6, as on a listener for both
 * (RFC 4291 §2.5.5.2); IPv6 in its canonical text (RFC 5952 §4), without a zone.
 */
export function normalizeAddress(address: string): string {
  const bare = address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

/** Whether a text is an address or a network in CIDR form (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isNetwork(text: string): boolean {
  const [, address = "", prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (!isIPv4(address) && !isIPv6(address)) return false;
  return prefix === undefined || Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/**
 * The three widths at which limits count: the address, the network one customer gets (/24, /64),
 * and the one a small provider has (/16, /48). Who owns a /64 has more addresses than anyone can
 * remember, so a limit by address alone would limit nobody.
 */
export function networksOf(address: string): Networks {
  const normal = normalizeAddress(address);
  if (isIPv4(normal)) {
    const octets = normal.split(".");
    return [normal, `${octets.slice(0, 3).join(".")}.0/24`, `${octets.slice(0, 2).join(".")}.0.0/16`];
  }
  const groups = expandGroups(normal);
  return [normal, `${groups.slice(0, 4).join(":")}::/64`, `${groups.slice(0, 3).join(":")}::/48`];
}

/** The eight groups of a canonical IPv6 address; `::` stands for as many zeros as are missing. */
function expandGroups(address: string): string[] {
  const [head = "", tail = ""] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const missing = Math.max(0, 8 - before.length - after.length);
  return [...before, ...new Array<string>(missing).fill("0"), ...after];
}
