import { isAscii } from "node:buffer";
import { TextDecoder } from "node:util";
import { toOctetString } from "./octet-string.ts";

/**
 * Octets of text as Unicode. Where the charset is unknown or the octets do not fit it, they are read
 * as UTF-8, and where they are not that either, as windows-1252, in which everything is a character.
 * US-ASCII counts as unknown: whoever sends 8-bit octets under that name meant something else.
 */
export function decodeCharset(octets: Uint8Array, charset: string): string {
  if (extendsAscii(charset) && isAscii(octets)) return toOctetString(octets);
  return (
    decodeAs(octets, US_ASCII.test(charset) ? "utf-8" : charset) ??
    decodeAs(octets, "utf-8") ??
    new TextDecoder("windows-1252").decode(octets)
  );
}

/** Whether text in this charset can be decoded; what SEARCH CHARSET asks (RFC 9051 §6.4.4). */
export function isKnownCharset(charset: string): boolean {
  return createDecoder(charset) !== undefined;
}

/** Whether ASCII is ASCII in this charset, as in those of most mail: making a decoder takes longer than reading it. */
export function extendsAscii(charset: string): boolean {
  return EXTENDS_ASCII.test(charset);
}

const US_ASCII = /^(us-)?ascii$/i;

const EXTENDS_ASCII = /^((us-)?ascii|utf-8|iso-8859-1|iso-8859-15|windows-1252)$/i;

function decodeAs(octets: Uint8Array, charset: string): string | undefined {
  try {
    return createDecoder(charset)?.decode(octets);
  } catch {
    return undefined; // the octets are not of this charset, the only reason for a decoder to throw
  }
}

function createDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return undefined; // a charset that nobody knows, the only reason for the constructor to throw
  }
}
