/**
 * Reports whether a header field is an `Authentication-Results` in our name (RFC 8601 §5): in a message
 * that only arrives, it is forged, and whoever reads it would take it for ours.
 */
export function isForgedResults(field: string, ownName: string): boolean {
  return resultsName(field) === ownName.toLowerCase();
}

/** The authserv-id of an `Authentication-Results` field in lower case (RFC 8601 §2.2), if it is one. */
function resultsName(field: string): string | undefined {
  const [name] = /^authentication-results[ \t]*:/i.exec(field) ?? [];
  if (name === undefined) return undefined;
  const value = field.slice(skipCommentsAndSpace(field, name.length));
  // A version may follow, in the old syntax after a slash (RFC 5451 §2.2).
  const [, quoted, token] = /^(?:"((?:[^"\\]|\\.)*)"|([^\s;("/]*))/.exec(value) ?? [];
  return (quoted?.replace(/\\(.)/g, "$1") ?? token)?.toLowerCase();
}

/** RFC 5322 §3.2.2: comments may contain comments. */
function skipCommentsAndSpace(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (character === "\\" && depth > 0) at++;
    else if (depth === 0 && !/\s/.test(character)) break;
  }
  return at;
}
