import { access, constants, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder, syncFolder } from "../atomic-file/atomic-file.ts";
import { folderOf, INBOX, type MailboxName, mailboxOfEntry } from "./mailbox-name.ts";

const SUBFOLDERS = ["cur", "new", "tmp"] as const;

/** What has lain in `tmp` for so long was given up by whoever wrote it (Maildir's own rule). */
const TMP_LIFETIME_MS = 36 * 60 * 60 * 1000;

/**
 * Makes what is missing of a mailbox's folder, durably. Fails with a sentence that names the folder when
 * it cannot be made or written to.
 */
export async function makeMailboxFolder(root: string, mailbox: MailboxName): Promise<void> {
  const folder = folderOf(root, mailbox);
  for (const subfolder of SUBFOLDERS) {
    const path = join(folder, subfolder);
    try {
      await makePrivateFolder(path);
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new Error(`Cannot keep mail in "${path}": ${adviceOn(cause)}`, { cause });
    }
  }
  if (mailbox !== INBOX) await markAsMailbox(folder);
}

/** What the operator can do; the cause itself is told with it. */
function adviceOn(cause: unknown): string {
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "EACCES":
    case "EPERM":
      return `give the folder to user id ${process.geteuid?.()}, or choose another`;
    case "EROFS":
      return "its file system is read-only; mount it writable, or choose another folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of this path is a file; choose a folder";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Maildir++ tells a mailbox by this empty file from a Maildir of its own. */
async function markAsMailbox(folder: string): Promise<void> {
  const mark = join(folder, "maildirfolder");
  if ((await stat(mark).catch(() => undefined)) !== undefined) return;
  await (await open(mark, "a", 0o600)).close();
  await syncFolder(folder);
}

/** Every mailbox that has a folder, INBOX first, then by name. */
export async function listMailboxes(root: string): Promise<MailboxName[]> {
  const mailboxes: MailboxName[] = [];
  for (const entry of await readdir(root)) {
    const mailbox = mailboxOfEntry(entry);
    if (mailbox !== undefined && (await isFolder(join(root, entry, "cur")))) mailboxes.push(mailbox);
  }
  return [INBOX, ...mailboxes.sort()];
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
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
