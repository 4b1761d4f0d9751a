import { type FlagSet, isSameFlag, SYSTEM_FLAGS, type SystemFlag } from "../../core/imap/imap.ts";
import { FLAG_MARK, type Flag, KEYWORD_MARKS, type Marks } from "../../storage/maildir/maildir.ts";

/** IMAP's flags in Maildir's words. Maildir's `passed` has no flag in IMAP and is left as it is. */
const MAILDIR_FLAG: Readonly<Record<SystemFlag, Flag>> = {
  "\\Answered": "replied",
  "\\Flagged": "flagged",
  "\\Deleted": "trashed",
  "\\Seen": "seen",
  "\\Draft": "draft",
};

/** The keywords of a mailbox by their bit. */
export type KeywordTable = readonly (string | undefined)[];

/** Everything a client may change. */
export const CHANGEABLE_MARKS: Marks =
  SYSTEM_FLAGS.reduce((marks, flag) => marks | markOf(flag), 0) | KEYWORD_MARKS;

export function markOf(flag: SystemFlag): Marks {
  return FLAG_MARK[MAILDIR_FLAG[flag]];
}

export function marksOfSystemFlags(flags: FlagSet["system"]): Marks {
  return flags.reduce((marks, flag) => marks | markOf(flag), 0);
}

/** Maildir's words for the flags. */
export function maildirFlags(flags: FlagSet["system"]): Flag[] {
  return flags.map((flag) => MAILDIR_FLAG[flag]);
}

/** The bit of a flag or keyword in any case; 0 when no message of the mailbox can have it. */
export function markNamed(flag: string, keywords: KeywordTable): Marks {
  const system = SYSTEM_FLAGS.find((known) => isSameFlag(known, flag));
  if (system !== undefined) return markOf(system);
  const bit = keywords.findIndex((keyword) => keyword !== undefined && isSameFlag(keyword, flag));
  return bit < 0 ? 0 : 1 << bit;
}

/** The flags and keywords that the bits stand for, as FLAGS lists them. */
export function flagNames(marks: Marks, keywords: KeywordTable): string[] {
  const system = SYSTEM_FLAGS.filter((flag) => (marks & markOf(flag)) !== 0);
  const named = keywords.filter((keyword, bit) => keyword !== undefined && (marks & (1 << bit)) !== 0);
  return [...system, ...named.filter((keyword) => keyword !== undefined)];
}
