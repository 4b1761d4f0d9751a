import type { MailboxName } from "../../storage/maildir/maildir.ts";

/** What a mailbox is for, by its name (RFC 6154 §2); all of these are there from the start. */
const SPECIAL_USES: ReadonlyMap<MailboxName, string> = new Map([
  ["Archive", "\\Archive"],
  ["Drafts", "\\Drafts"],
  ["Junk", "\\Junk"],
  ["Sent", "\\Sent"],
  ["Trash", "\\Trash"],
]);

/** `\Sent` and its kin; undefined for a mailbox without a special use. */
export function specialUseOf(mailbox: MailboxName): string | undefined {
  return SPECIAL_USES.get(mailbox);
}
