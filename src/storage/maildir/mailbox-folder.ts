import { statSync } from "node:fs";
import { open, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { checkPrivateFolder, openPrivateFolder, syncFolder } from "../atomic-file/atomic-file.ts";
import { folderOf, INBOX, type MailboxName, mailboxOfEntry } from "./mailbox-name.ts";
import { isMissing } from "./missing.ts";

const SUBFOLDERS = ["cur", "new", "tmp"] as const;

/** What has lain in `tmp` for so long was given up by whoever wrote it (Maildir's own rule). */
const TMP_LIFETIME_MS = 36 * 60 * 60 * 1000;

/**
 * Makes what is missing of a mailbox's folder, durably. Fails with a sentence that names the folder when
 * it cannot be made or written to.
 */
export async function makeMailboxFolder(root: string, mailbox: MailboxName): Promise<void> {
  for (const path of foldersOf(root, mailbox)) await openPrivateFolder(path, "mail");
  if (mailbox !== INBOX) await markAsMailbox(folderOf(root, mailbox));
}

/** Takes back what `makeMailboxFolder` made, if nothing has come there since. */
export async function unmakeMailboxFolder(root: string, mailbox: MailboxName): Promise<void> {
  const folder = folderOf(root, mailbox);
  for (const path of foldersOf(root, mailbox)) await rmdir(path).catch(passWhenMissing);
  await unlink(join(folder, MARK)).catch(passWhenMissing);
  await rmdir(folder);
}

function passWhenMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

/** Fails as `makeMailboxFolder` would, as far as can be known without making anything. */
export async function checkMailboxFolder(root: string, mailbox: MailboxName): Promise<void> {
  for (const path of foldersOf(root, mailbox)) await checkPrivateFolder(path, "mail");
}

/** Whether all folders of a mailbox are there. */
export function hasMailboxFolder(root: string, mailbox: MailboxName): boolean {
  return foldersOf(root, mailbox).every(isFolder);
}

function foldersOf(root: string, mailbox: MailboxName): string[] {
  return SUBFOLDERS.map((subfolder) => join(folderOf(root, mailbox), subfolder));
}

/** Maildir++ tells a mailbox by this empty file from a Maildir of its own. */
const MARK = "maildirfolder";

async function markAsMailbox(folder: string): Promise<void> {
  const mark = join(folder, MARK);
  if ((await stat(mark).catch(() => undefined)) !== undefined) return;
  await (await open(mark, "a", 0o600)).close();
  await syncFolder(folder);
}

/** Every mailbox that has a folder, INBOX first, then by name. */
export async function listMailboxes(root: string): Promise<MailboxName[]> {
  const mailboxes: MailboxName[] = [];
  for (const entry of await readdir(root)) {
    const mailbox = mailboxOfEntry(entry);
    // At once, because the kernel has it in its cache: to wait for a thread for each took ten times as long.
    if (mailbox !== undefined && isFolder(join(root, entry, "cur"))) mailboxes.push(mailbox);
  }
  return [INBOX, ...mailboxes.sort()];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // nor can anybody open it
  }
}

/**
 * Removes what crashed deliveries left behind in `tmp`, after the time that every Maildir grants. Not earlier what
 * seems to be ours: names and process ids of two containers may be the same, and the other may still be writing.
 */
export async function removeLeftovers(root: string, mailbox: MailboxName, now: Date): Promise<void> {
  const tmp = join(folderOf(root, mailbox), "tmp");
  for (const entry of await readdir(tmp).catch(() => [])) {
    const path = join(tmp, entry);
    // The change time, because a copy of an old file has an old modification time while it is being made.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && now.getTime() - found.ctimeMs > TMP_LIFETIME_MS) await unlink(path);
  }
}
