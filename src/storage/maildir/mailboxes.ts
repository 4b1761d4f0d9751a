import type { MailboxName } from "./mailbox-name.ts";
import type { MailboxChange, MailboxView, ModSeq, Uid } from "./mailbox-view.ts";
import type { Markings } from "./message-files.ts";

/** A mailbox in numbers (RFC 9051 §6.3.11). */
export interface MailboxStatus {
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly recent: number;
  readonly uidNext: Uid;
  readonly uidValidity: number;
  readonly highestModSeq: ModSeq;
  readonly mailboxId: string;
}

/** A message on disk that no mailbox shows yet. */
export interface StagedMessage {
  /** As it was written. */
  readonly octets: number;
  /** Removes it; nothing happens when an `append` was tried. */
  discard(): Promise<void>;
}

/** A staged message and how it shall be marked in the mailbox. */
export interface Appended extends Markings {
  readonly message: StagedMessage;
}

/** The mailboxes as an IMAP server needs them. */
export interface Mailboxes {
  /** INBOX first, then by name. A parent of a mailbox need not exist itself. */
  list(): Promise<MailboxName[]>;
  /** What mailboxes were created for. */
  specialUses(): Promise<ReadonlyMap<MailboxName, readonly string[]>>;
  /** With words for what it is for, which it keeps under other names and loses when it is deleted. */
  create(mailbox: MailboxName, specialUses?: readonly string[]): Promise<"created" | "exists" | "bad-name">;
  /** Deletes a mailbox with its messages; those below it in the hierarchy stay. INBOX is a bad name. */
  delete(mailbox: MailboxName): Promise<"deleted" | "missing" | "bad-name">;
  /**
   * Renames a mailbox and those below it. INBOX stays: its messages move into the new mailbox
   * (RFC 9051 §6.3.6).
   */
  rename(from: MailboxName, to: MailboxName): Promise<"renamed" | "missing" | "exists" | "bad-name">;

  /** What the user subscribed to, whether it exists or not. */
  subscriptions(): Promise<MailboxName[]>;
  subscribe(mailbox: MailboxName): Promise<void>;
  unsubscribe(mailbox: MailboxName): Promise<void>;

  /** Undefined when there is no such mailbox. */
  status(mailbox: MailboxName): Promise<MailboxStatus | undefined>;
  /**
   * Opens a mailbox, as it is on disk now. Undefined when there is no such mailbox. `onChange` is called
   * between turns of the event loop or within a call of the view; it must not throw.
   */
  open(mailbox: MailboxName, onChange: (change: MailboxChange) => void): Promise<MailboxView | undefined>;

  /** Writes a message to disk, durably, without showing it. Without an internal date it is from now. */
  stage(octets: AsyncIterable<Uint8Array>, internalDate?: Date): Promise<StagedMessage>;
  /**
   * Makes staged messages appear; all or none. Resolves when they are durable, with their UIDs in the
   * same order; with undefined when there is no such mailbox. Throws `TooManyKeywords`.
   */
  append(
    mailbox: MailboxName,
    messages: readonly Appended[],
  ): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] } | undefined>;
}
