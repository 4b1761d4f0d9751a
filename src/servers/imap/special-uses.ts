import type { MailboxName } from "../../storage/maildir/maildir.ts";

/** What a mailbox is for, by its name (RFC 6154 §2); all of these are there from the start. */
const BY_NAME: ReadonlyMap<MailboxName, string> = new Map([
  ["Archive", "\\Archive"],
  ["Drafts", "\\Drafts"],
  ["Junk", "\\Junk"],
  ["Sent", "\\Sent"],
  ["Trash", "\\Trash"],
]);

const USES = [...BY_NAME.values()];

/** The use of that name in any case; undefined for one that no mailbox here is fit for, such as `\All`. */
export function parseSpecialUse(written: string): string | undefined {
  return USES.find((use) => use.toLowerCase() === written.toLowerCase());
}

/** `\Sent` and its kin: those that the mailbox was created for or, without any, those of its name. */
export function specialUsesOf(
  mailbox: MailboxName,
  given: ReadonlyMap<MailboxName, readonly string[]>,
): readonly string[] {
  const byName = BY_NAME.get(mailbox);
  return given.get(mailbox) ?? (byName === undefined ? [] : [byName]);
}
