import type { OctetString } from "../mime/mime.ts";

/**
 * A string as IMAP writes it to any client: quoted where that is allowed, else a literal (RFC 9051 §4.3).
 * 8-bit octets go in a literal, which a client that has not enabled UTF-8 may be sent too. NUL may
 * not be sent at all and becomes a space. Longer strings are literals, too: clients have line limits.
 */
export function formatString(text: OctetString): OctetString {
  if (text.length <= MAX_QUOTED_OCTETS) {
    if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`; // as nearly all are
    if (/^[ -~]*$/.test(text)) return `"${text.replace(/["\\]/g, "\\$&")}"`;
  }
  return `{${text.length}}\r\n${text.replaceAll("\0", " ")}`;
}

/** RFC 7162 §4 lets a client send lines of 8192 octets; what we send stays well below that. */
const MAX_QUOTED_OCTETS = 1024;

/** `NIL` for what is not there (RFC 9051 §4.5). */
export function formatNString(text: OctetString | undefined): OctetString {
  return text === undefined ? "NIL" : formatString(text);
}

/** A parenthesised list of formatted things (RFC 9051 §4.4). */
export function formatList(items: readonly OctetString[]): OctetString {
  return `(${items.join(" ")})`;
}
