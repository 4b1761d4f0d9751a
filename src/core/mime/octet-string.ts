import { Buffer } from "node:buffer";

/**
 * Octets written as a string of the code units 0 to 255. Mail headers and IMAP lines are octets in no
 * certain charset but are parsed like text: this form keeps every octet as it was and lets the
 * parsers compare, slice and join. It is never shown to a person; `encoded-word.ts` makes text of it.
 */
export type OctetString = string;

/** The octets, each as one code unit. */
export function toOctetString(octets: Uint8Array): OctetString {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
}

/** The octets back. Code units above 255 do not occur in an octet string; they would lose their high bits. */
export function fromOctetString(text: OctetString): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Text as the octets of its UTF-8 form. */
export function encodeUtf8(text: string): OctetString {
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** The text that these octets are in UTF-8, or undefined when they are not UTF-8. */
export function decodeUtf8(octets: OctetString): string | undefined {
  if (!/[\x80-\xff]/.test(octets)) return octets;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromOctetString(octets));
  } catch {
    return undefined; // the only thing a fatal decoder throws
  }
}
