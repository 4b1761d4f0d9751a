const MAX_FIELD_LENGTH = 4_096;

/**
 * The first addr-spec of a From field (RFC 5322 §3.6.2), in lower case; empty when there is none. A display
 * name that looks like an address does not count: the one in angle brackets does.
 */
export function fromAddress(field: string | undefined): string {
  if (field === undefined) return "";
  const bare = withoutQuotesAndComments(field.slice(0, MAX_FIELD_LENGTH));
  const address = /<([^<>]*)>/.exec(bare)?.[1] ?? bare.split(",")[0] ?? "";
  const trimmed = address.replace(/\s+/g, "").toLowerCase();
  return /^[^\s@<>]+@[^\s@<>]+$/.test(trimmed) ? trimmed : "";
}

/** Quoted strings and comments may contain anything, angle brackets included (RFC 5322 §3.2.2, §3.2.4). */
export function withoutQuotesAndComments(field: string): string {
  let result = "";
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < field.length; index++) {
    const character = field.charAt(index);
    if (character === "\\") index++;
    else if (isQuoted) isQuoted = character !== '"';
    else if (character === '"' && depth === 0) isQuoted = true;
    else if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (depth === 0) result += character;
  }
  return result;
}
