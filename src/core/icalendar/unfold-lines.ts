const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

export interface UnfoldedLines {
  /** Lines without their folds, each ended by LF. */
  readonly octets: Uint8Array;
  /** How many physical lines there were. */
  readonly lineCount: number;
}

/**
 * Removes line ends followed by a blank (RFC 5545 §3.1); bare LF and bare CR end lines too. Done in octets,
 * since a fold may stand inside a character.
 */
export function unfoldLines(octets: Uint8Array): UnfoldedLines {
  const result = new Uint8Array(octets.length);
  let [length, lineCount] = [0, 0];
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index] ?? 0;
    if (octet !== CR && octet !== LF) {
      result[length++] = octet;
      continue;
    }
    index = endOfLineEnd(octets, index);
    lineCount++;
    const isFold = octets[index + 1] === SPACE || octets[index + 1] === TAB;
    if (isFold) index++;
    else result[length++] = LF;
  }
  return { octets: result.subarray(0, length), lineCount };
}

/** QUIRK: gateways that turn LF into CRLF more than once leave several CR before it. */
function endOfLineEnd(octets: Uint8Array, start: number): number {
  if (octets[start] === LF) return start;
  let index = start;
  while (octets[index + 1] === CR) index++;
  if (octets[index + 1] === LF) return index + 1;
  return index; // blank lines, which mean nothing
}
