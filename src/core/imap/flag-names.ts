import type { Cursor } from "./cursor.ts";

/** The flags every message may have (RFC 9051 §2.3.2), as they are spelled. `\Recent` only the server sets. */
export const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;

export type SystemFlag = (typeof SYSTEM_FLAGS)[number];

/** Flags of a STORE or APPEND: system flags, and keywords as written. */
export interface FlagSet {
  readonly system: readonly SystemFlag[];
  readonly keywords: readonly string[];
}

/** More than a mailbox can tell apart, and long enough for any program's keywords. */
const MAX_FLAGS = 200;
const MAX_KEYWORD_OCTETS = 100;

/** `flag-list`, or the flags without parentheses that STORE allows. */
export function parseFlags(cursor: Cursor): FlagSet {
  const flags: string[] = [];
  if (cursor.peek("(")) flags.push(...cursor.list(() => parseFlag(cursor)));
  else
    do flags.push(parseFlag(cursor));
    while (cursor.take(" "));
  if (flags.length > MAX_FLAGS) cursor.fail("Too many flags");
  const system = SYSTEM_FLAGS.filter((known) => flags.some((flag) => isSameFlag(flag, known)));
  return { system, keywords: unique(flags.filter((flag) => !flag.startsWith("\\"))) };
}

/** Names of flags compare without regard to case (RFC 9051 §2.3.2). */
export function isSameFlag(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function parseFlag(cursor: Cursor): string {
  if (!cursor.take("\\")) {
    const keyword = cursor.atom("a flag");
    if (keyword.length > MAX_KEYWORD_OCTETS) cursor.fail("Keyword too long");
    return keyword;
  }
  const flag = `\\${cursor.atom("a flag")}`;
  // \Recent cannot be changed; several clients send it back with the flags they were told.
  const isKnown = [...SYSTEM_FLAGS, "\\Recent"].some((known) => isSameFlag(flag, known));
  if (!isKnown) cursor.fail("Unknown system flag");
  return flag;
}

/** The first spelling of each. */
function unique(keywords: readonly string[]): string[] {
  return keywords.filter((keyword, at) => keywords.findIndex((other) => isSameFlag(other, keyword)) === at);
}
