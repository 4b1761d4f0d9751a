import { type EncodedName, HIERARCHY_DELIMITER } from "../../core/imap/imap.ts";
import type { Mailboxes } from "../../storage/maildir/maildir.ts";
import { specialUsesOf } from "./special-uses.ts";

/** The names that a client may be shown, and what they are. */
export interface MailboxTree {
  /** Mailboxes, levels above them that are none themselves, and what is only subscribed to; INBOX first, then by name. */
  readonly names: readonly EncodedName[];
  readonly existing: ReadonlySet<EncodedName>;
  readonly subscribed: ReadonlySet<EncodedName>;
  /** Names that have mailboxes below them. */
  readonly parents: ReadonlySet<EncodedName>;
  /** What existing mailboxes are for (RFC 6154). */
  readonly specialUses: ReadonlyMap<EncodedName, readonly string[]>;
}

export async function readMailboxTree(mailboxes: Mailboxes): Promise<MailboxTree> {
  const [existing, subscribed, given] = await Promise.all([
    mailboxes.list(),
    mailboxes.subscriptions(),
    mailboxes.specialUses(),
  ]);
  const parents = new Set(existing.flatMap(levelsAbove));
  const others = new Set([...existing, ...subscribed, ...parents, ...subscribed.flatMap(levelsAbove)]);
  others.delete("INBOX");
  return {
    names: ["INBOX", ...[...others].sort()],
    existing: new Set(existing),
    subscribed: new Set(subscribed),
    parents,
    specialUses: new Map(existing.map((name) => [name, specialUsesOf(name, given)])),
  };
}

/** `a` and `a.b` for `a.b.c`. */
export function levelsAbove(name: EncodedName): EncodedName[] {
  const levels = name.split(HIERARCHY_DELIMITER);
  return levels.slice(1).map((_, at) => levels.slice(0, at + 1).join(HIERARCHY_DELIMITER));
}
