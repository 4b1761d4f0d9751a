/** RFC 5545 §3.1: a line has at most 75 octets, its line end not counted. */
const MAX_LINE_OCTETS = 75;

/**
 * Folds one content line and ends it with CRLF. No fold stands inside a character: readers that decode
 * line by line would lose it, although the standard allows it.
 */
export function foldLine(line: string): string {
  if (line.length <= MAX_LINE_OCTETS / 3) return `${line}\r\n`;
  let folded = "";
  let start = 0;
  let octets = 0;
  for (let index = 0; index < line.length; ) {
    const code = line.codePointAt(index) ?? 0;
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets + width > MAX_LINE_OCTETS) {
      folded += `${line.slice(start, index)}\r\n `;
      start = index;
      octets = 1; // the blank that starts a continuation line
    }
    octets += width;
    index += width === 4 ? 2 : 1;
  }
  return `${folded}${line.slice(start)}\r\n`;
}

/**
 * Escapes TEXT (RFC 5545 §3.3.11). No text can start a new property: line ends become `\n`, other
 * control characters are dropped, and lone surrogates become U+FFFD.
 */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, "")
    .replace(/[\\;,]/g, "\\$&")
    .replaceAll("\n", "\\n");
}

/** A parameter value, quoted where needed. RFC 6868 is avoided: `"` becomes `'`, a line break a blank. */
export function formatParameter(value: string): string {
  const clean = value
    .toWellFormed()
    .replaceAll('"', "'")
    .replace(/[\0-\x1f\x7f]+/g, " ")
    .trim();
  return /[:;,]/.test(clean) ? `"${clean}"` : clean;
}
