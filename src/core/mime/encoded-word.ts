import { decodeCharset } from "./charset.ts";
import { decodeUtf8, fromOctetString, type OctetString } from "./octet-string.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

/** `=?charset*language?encoding?text?=` (RFC 2047 §2, RFC 2231 §5). */
const ENCODED_WORD = /=\?([^?\s*]{1,75})(?:\*[^?\s]{0,75})?\?([bq])\?([^?\r\n]*)\?=/gi;

/**
 * A header value as a person reads it: encoded words decoded (RFC 2047), white space between two of
 * them gone (§6.2), everything else UTF-8 (RFC 6532) or, failing that, windows-1252. What is no encoded word stays.
 */
export function decodeHeaderText(value: OctetString): string {
  if (!value.includes("=?")) return decodePlain(value);
  let text = "";
  let pending: { charset: string; octets: OctetString } | undefined;
  let at = 0;
  const flush = () => {
    if (pending !== undefined) text += decodeCharset(fromOctetString(pending.octets), pending.charset);
    pending = undefined;
  };
  for (const match of value.matchAll(ENCODED_WORD)) {
    const [word, charset = "", encoding = "", content = ""] = match;
    const between = value.slice(at, match.index);
    const isAdjacent = pending !== undefined && /^[ \t\r\n]*$/.test(between);
    if (!isAdjacent || pending?.charset !== charset.toLowerCase()) flush();
    if (!isAdjacent) text += decodePlain(between);
    // Joined before the charset is decoded: many senders cut a character in two (against RFC 2047 §5).
    const octets = (pending?.octets ?? "") + decodeWord(encoding, content);
    pending = { charset: charset.toLowerCase(), octets };
    at = match.index + word.length;
  }
  flush();
  return text + decodePlain(value.slice(at));
}

function decodeWord(encoding: string, content: OctetString): OctetString {
  const isBase64 = encoding.toLowerCase() === "b";
  // The "Q" encoding is quoted-printable with an underscore for the space (RFC 2047 §4.2).
  const encoded = isBase64 ? content : content.replaceAll("_", "=20");
  return decodeTransfer(encoded, isBase64 ? "base64" : "quoted-printable") ?? content;
}

function decodePlain(value: OctetString): string {
  return decodeUtf8(value) ?? decodeCharset(fromOctetString(value), "utf-8");
}
