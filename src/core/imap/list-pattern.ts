import type { OctetString } from "../mime/mime.ts";

/** Between the levels of a mailbox name. */
export const HIERARCHY_DELIMITER = ".";

/**
 * Whether a mailbox name fits a LIST pattern: `*` stands for anything, `%` for anything within one level
 * (RFC 9051 §6.3.9). INBOX fits in any case. Takes pattern times name steps at most, whatever the
 * pattern, since it follows all ways to match at once.
 */
export function matchesPattern(name: OctetString, pattern: OctetString): boolean {
  const isInbox = name === "INBOX" || name.startsWith(`INBOX${HIERARCHY_DELIMITER}`);
  const wanted = isInbox ? pattern.replace(/^inbox(?=$|[.*%])/i, "INBOX") : pattern;
  // reached[i]: the name up to here fits the first i characters of the pattern.
  let reached = passWildcards(Uint8Array.of(1, ...new Uint8Array(wanted.length)), wanted);
  for (const character of name) {
    const next = new Uint8Array(wanted.length + 1);
    for (let at = 0; at < wanted.length; at++) {
      if (reached[at] === 0) continue;
      const expected = wanted[at];
      if (expected === "*" || (expected === "%" && character !== HIERARCHY_DELIMITER)) next[at] = 1;
      else if (expected === character) next[at + 1] = 1;
    }
    reached = passWildcards(next, wanted);
  }
  return reached[wanted.length] === 1;
}

/** A wildcard may also stand for nothing. */
function passWildcards(reached: Uint8Array, pattern: OctetString): Uint8Array {
  for (let at = 0; at < pattern.length; at++) {
    if (reached[at] === 1 && (pattern[at] === "*" || pattern[at] === "%")) reached[at + 1] = 1;
  }
  return reached;
}
