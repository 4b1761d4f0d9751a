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
  // positions[i]: the name up to here fits the first i characters of the pattern.
  let positions = passWildcards(new Set([0]), wanted);
  for (const character of name) {
    const next = new Set<number>();
    for (const at of positions) {
      const expected = wanted[at];
      if (expected === "*" || (expected === "%" && character !== HIERARCHY_DELIMITER)) next.add(at);
      else if (expected === character) next.add(at + 1);
    }
    positions = passWildcards(next, wanted);
  }
  return positions.has(wanted.length);
}

/** A wildcard may also stand for nothing. */
function passWildcards(positions: Set<number>, pattern: OctetString): Set<number> {
  for (const at of positions) {
    if (pattern[at] === "*" || pattern[at] === "%") positions.add(at + 1);
  }
  return positions;
}
