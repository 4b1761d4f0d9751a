import { isIPv4, isIPv6 } from "node:net";

/** What a proxy says at the beginning of a connection (PROXY protocol, versions 1 and 2). */
export type ProxyHeader =
  | { readonly kind: "incomplete" }
  /** It begins, and goes on, as something else. */
  | { readonly kind: "absent" }
  | { readonly kind: "invalid" }
  /** `source` is missing when the proxy speaks for itself: a health check, or a protocol unknown to it. */
  | { readonly kind: "complete"; readonly octets: number; readonly source?: ProxySource };

export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

const SIGNATURE_1 = Buffer.from("PROXY ");
/** The longest line of version 1, by its specification. */
const MAX_OCTETS_1 = 107;
const SIGNATURE_2 = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const FIXED_OCTETS_2 = 16;
/** Addresses need 36; proxies append names and identifiers. */
const MAX_VARIABLE_OCTETS_2 = 4096;

/** Parses the header at the beginning of what has come so far. */
export function parseProxyHeader(octets: Uint8Array): ProxyHeader {
  if (startsAlike(octets, SIGNATURE_2)) return parseVersion2(Buffer.from(octets));
  if (startsAlike(octets, SIGNATURE_1)) return parseVersion1(Buffer.from(octets));
  return { kind: "absent" };
}

function startsAlike(octets: Uint8Array, signature: Buffer): boolean {
  const length = Math.min(octets.length, signature.length);
  return signature.compare(octets, 0, length, 0, length) === 0;
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 40000 25` and CRLF. */
function parseVersion1(octets: Buffer): ProxyHeader {
  const end = octets.indexOf("\r\n");
  if (end < 0 && octets.length < MAX_OCTETS_1) return { kind: "incomplete" };
  if (end < 0 || end + 2 > MAX_OCTETS_1) return { kind: "invalid" };
  const [, family, address = "", destination = "", port = "", ...rest] = octets
    .toString("latin1", 0, end)
    .split(" ");
  if (family === "UNKNOWN") return { kind: "complete", octets: end + 2 };
  const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isIPv6 : () => false;
  const ports = [port, ...rest];
  const isValid =
    isAddress(address) &&
    isAddress(destination) &&
    ports.length === 2 &&
    ports.every((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535);
  return isValid
    ? { kind: "complete", octets: end + 2, source: { address, port: Number(port) } }
    : { kind: "invalid" };
}

function parseVersion2(octets: Buffer): ProxyHeader {
  if (octets.length < FIXED_OCTETS_2) return { kind: "incomplete" };
  const [command, family, variable] = [octets.readUInt8(12), octets.readUInt8(13), octets.readUInt16BE(14)];
  if (command >> 4 !== 2 || variable > MAX_VARIABLE_OCTETS_2) return { kind: "invalid" };
  const end = FIXED_OCTETS_2 + variable;
  if (octets.length < end) return { kind: "incomplete" };
  if (command === 0x20) return { kind: "complete", octets: end }; // LOCAL
  if (command !== 0x21) return { kind: "invalid" };
  if (family === 0x11 && variable >= 12) {
    const address = [...octets.subarray(16, 20)].join(".");
    return { kind: "complete", octets: end, source: { address, port: octets.readUInt16BE(24) } };
  }
  if (family === 0x21 && variable >= 36) {
    const groups = Array.from({ length: 8 }, (_, n) => octets.readUInt16BE(16 + 2 * n).toString(16));
    return {
      kind: "complete",
      octets: end,
      source: { address: groups.join(":"), port: octets.readUInt16BE(48) },
    };
  }
  return { kind: "complete", octets: end }; // a family that says nothing about a host
}
