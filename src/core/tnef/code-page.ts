/** Windows code page numbers and their names in the Encoding Standard; the rest follows from the number. */
const LABELS: Readonly<Record<number, string>> = {
  874: "windows-874",
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  1200: "utf-16le",
  1201: "utf-16be",
  10000: "macintosh",
  10007: "x-mac-cyrillic",
  20866: "koi8-r",
  20932: "euc-jp",
  21866: "koi8-u",
  38598: "iso-8859-8-i",
  50220: "iso-2022-jp",
  50221: "iso-2022-jp",
  50222: "iso-2022-jp",
  51932: "euc-jp",
  51936: "gbk",
  51949: "euc-kr",
  54936: "gb18030",
  65001: "utf-8",
};

/** Western European: what a sender means that names no code page, or one that nobody knows. */
export const DEFAULT_CODE_PAGE = 1252;

// A subject of 20 MB is no subject, and a body of that size helps nobody in a calendar.
const MAX_TEXT_OCTETS = 1024 * 1024;

/** Text in a Windows code page. What is not valid in it becomes U+FFFD; the text ends at 1 MiB. */
export function decodeCodePage(octets: Uint8Array, codePage: number): string {
  return new TextDecoder(labelOf(codePage)).decode(octets.subarray(0, MAX_TEXT_OCTETS));
}

/** UTF-16 as MAPI writes it, little-endian. */
export function decodeUtf16(octets: Uint8Array): string {
  return decodeCodePage(octets, 1200);
}

/** UTF-8 where the octets are UTF-8, else windows-1252. */
export function decodeUtf8OrWestern(octets: Uint8Array): string {
  const text = octets.subarray(0, MAX_TEXT_OCTETS);
  try {
    // As a stream, because the cut at 1 MiB may go through a character.
    return new TextDecoder("utf-8", { fatal: true }).decode(text, { stream: true });
  } catch {
    return decodeCodePage(text, DEFAULT_CODE_PAGE); // the one way to ask TextDecoder is to let it throw
  }
}

function labelOf(codePage: number): string {
  const label = LABELS[codePage];
  if (label !== undefined) return label;
  if (codePage >= 1250 && codePage <= 1258) return `windows-${codePage}`;
  // ISO 8859-n is 28590 + n; there is no part 12, and part 1 is read as windows-1252 everywhere.
  if (codePage >= 28592 && codePage <= 28606 && codePage !== 28602) return `iso-8859-${codePage - 28590}`;
  return `windows-${DEFAULT_CODE_PAGE}`;
}

/**
 * Text as it may stand in an iCalendar TEXT: it ends at its NUL, lines end in a bare line feed, and no
 * other control character and no half of a surrogate pair is left (RFC 5545 §3.3.11).
 */
export function cleanText(text: string): string {
  const [untilNul = ""] = text.split("\0", 1);
  return untilNul
    .replace(/\r\n?/g, "\n")
    .replace(/[\x01-\x08\x0b-\x1f\x7f-\x9f]/g, "")
    .toWellFormed()
    .trim();
}

/** Text for a place that has only one line, such as a parameter or an address. */
export function cleanLine(text: string): string {
  return cleanText(text)
    .replace(/[\n\t]+/g, " ")
    .trim();
}
