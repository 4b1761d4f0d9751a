import { join } from "node:path";

/**
 * A mailbox as IMAP4rev1 writes it on the wire: modified UTF-7 (RFC 3501 §5.1.3), levels parted by a full
 * stop, `INBOX` in capitals. Maildir++ and Dovecot use the very same octets for the folder, so that nothing
 * is translated here.
 */
export type MailboxName = string;

export const INBOX: MailboxName = "INBOX";

/** Between the levels of a name, in IMAP and on disk (Maildir++). */
export const HIERARCHY_SEPARATOR = ".";

/** A folder's name has at most this many octets, one of which is the leading full stop. */
const MAX_NAME_OCTETS = 254;

/** Whether a folder can have this name: printable ASCII, no empty level, no way out of the Maildir. */
export function isMailboxName(name: string): boolean {
  return (
    name.length <= MAX_NAME_OCTETS &&
    /^[\x20-\x7e]+$/.test(name) &&
    !name.includes("/") &&
    name.split(HIERARCHY_SEPARATOR).every((level) => level !== "") &&
    (name === INBOX || name.toUpperCase() !== INBOX)
  );
}

/** The folder that holds `cur`, `new` and `tmp` of a mailbox. Throws on a name that is none. */
export function folderOf(root: string, mailbox: MailboxName): string {
  if (!isMailboxName(mailbox)) throw new Error(`Cannot use "${mailbox}" as a mailbox's name`);
  return mailbox === INBOX ? root : join(root, `.${mailbox}`);
}

/** The mailbox an entry of the Maildir's root stands for, if it stands for one. */
export function mailboxOfEntry(entry: string): MailboxName | undefined {
  const name = entry.slice(1);
  return entry.startsWith(".") && name !== INBOX && isMailboxName(name) ? name : undefined;
}
