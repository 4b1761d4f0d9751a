import type { Delivered } from "./delivery.ts";
import { type OnHint, type Watching, watchFolder } from "./folder-watch.ts";
import { MailboxCatalog, removeTrashed } from "./mailbox-catalog.ts";
import {
  checkMailboxFolder,
  hasMailboxFolder,
  listMailboxes,
  makeMailboxFolder,
  removeLeftovers,
} from "./mailbox-folder.ts";
import { folderOf, INBOX, type MailboxName } from "./mailbox-name.ts";
import { MailboxRegistry } from "./mailbox-registry.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { type Destination, type Markings, MessageFiles, type StoredMessage } from "./message-files.ts";
import { readSubscriptions, writeSubscriptions } from "./subscriptions-file.ts";
import { type Surroundings, worldOf } from "./surroundings.ts";

/** The mailboxes of one user in one folder. */
export interface Maildir {
  /**
   * Writes a message once and makes it appear in every destination under one name. Resolves when all of it
   * is on disk. On a failure it is removed again everywhere; the error's `cause` is what the disk, or
   * `octets`, failed with.
   */
  deliver(octets: AsyncIterable<Uint8Array>, destinations: readonly Destination[]): Promise<Delivered>;
  /**
   * Takes a file out of a plain folder into a mailbox: one rename, so that there is one copy at any time.
   * It keeps its name, so that who files it knows before the rename what to look for after a crash.
   * Resolves when that is on disk. Throws `TooManyKeywords`.
   */
  file(path: string, mailbox: MailboxName, markings?: Markings): Promise<StoredMessage>;
  /** Every message of a mailbox, in no order. */
  list(mailbox: MailboxName): Promise<StoredMessage[]>;
  /**
   * Replaces the flags, the keywords or both. Resolves with the message as it is then, when that is on
   * disk; with undefined when the message is gone. Throws `TooManyKeywords`.
   */
  mark(message: StoredMessage, markings: Markings): Promise<StoredMessage | undefined>;
  /** Moves a message with its marks; otherwise like `mark`. It gets a new base name. */
  move(message: StoredMessage, mailbox: MailboxName): Promise<StoredMessage | undefined>;
  /** Resolves when the message is gone, be it by somebody else's hand. */
  remove(message: StoredMessage): Promise<void>;
  /** The message's octets as they are on disk. Fails when the message is gone. */
  read(message: StoredMessage): AsyncIterable<Uint8Array>;
  /**
   * Makes a mailbox again, empty, of which somebody removed the folder or a part of it; says whether that was
   * so. Fails when the whole Maildir is away: it may be on a disk that comes back.
   */
  restore(mailbox: MailboxName): Promise<boolean>;
  /** Calls back when the messages of a mailbox may have changed, whoever changed them. Only a hint. */
  watch(mailbox: MailboxName, onHint: OnHint): Watching;
  /** The same mailboxes with UIDs, an index and views that share every change, for IMAP. */
  readonly mailboxes: Mailboxes;
  /** Writes what the indexes do not have yet and lets go of everything. */
  close(): Promise<void>;
}

/** The mailboxes that are there from the start besides INBOX: the special-use ones (RFC 6154), the secretary's. */
const OTHER_MAILBOXES: readonly MailboxName[] = [
  "Sent",
  "Drafts",
  "Trash",
  "Junk",
  "Archive",
  "Secretary",
  "Secretary.Held",
];

/**
 * Opens the Maildir in the folder `root`. Makes the folders that are missing, durably, and removes what
 * crashed deliveries left in `tmp`. Fails with a sentence that names the folder when mail cannot be kept.
 */
export async function openMaildir(root: string, surroundings: Surroundings): Promise<Maildir> {
  const world = worldOf(surroundings);
  await makeMailboxFolder(root, INBOX);
  await subscribeToNew(root);
  await Promise.all(OTHER_MAILBOXES.map((mailbox) => makeMailboxFolder(root, mailbox)));
  for (const mailbox of await listMailboxes(root)) await removeLeftovers(root, mailbox, world.now());
  await removeTrashed(root);
  const registry = new MailboxRegistry(root, world);
  const files = new MessageFiles(root, world, registry);
  return {
    deliver: (octets, destinations) => files.deliver(octets, destinations),
    file: (path, mailbox, markings = {}) => files.file(path, mailbox, markings),
    list: (mailbox) => files.list(mailbox),
    mark: (message, markings) => files.mark(message, markings),
    move: (message, mailbox) => files.move(message, mailbox),
    remove: (message) => files.remove(message),
    read: (message) => files.read(message),
    restore: (mailbox) => restoreMailbox(root, mailbox),
    watch: (mailbox, onHint) => watchFolder(folderOf(root, mailbox), onHint),
    mailboxes: new MailboxCatalog(root, world, registry),
    close: () => registry.close(),
  };
}

async function restoreMailbox(root: string, mailbox: MailboxName): Promise<boolean> {
  if (hasMailboxFolder(root, mailbox)) return false;
  if (!hasMailboxFolder(root, INBOX)) throw new Error(`Cannot find the Maildir "${root}"`);
  await makeMailboxFolder(root, mailbox);
  return true;
}

/** Fails as `openMaildir` would, as far as can be known without making anything. */
export async function checkMaildir(root: string): Promise<void> {
  for (const mailbox of [INBOX, ...OTHER_MAILBOXES]) await checkMailboxFolder(root, mailbox);
}

/**
 * Subscribes the user to the mailboxes that are about to be made: Thunderbird and Outlook show no others
 * unless they are told to. Who unsubscribes later is not subscribed again.
 */
async function subscribeToNew(root: string): Promise<void> {
  const existing = await listMailboxes(root);
  const made = OTHER_MAILBOXES.filter((mailbox) => !existing.includes(mailbox));
  if (made.length === 0) return;
  await writeSubscriptions(root, [...new Set([INBOX, ...(await readSubscriptions(root)), ...made])]);
}
