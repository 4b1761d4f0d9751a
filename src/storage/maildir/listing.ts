import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { folderOf, type MailboxName } from "./mailbox-name.ts";
import { type MessageName, parseMessageName } from "./message-name.ts";
import { isMissing } from "./missing.ts";

/** A message's file as it stands in a mailbox's folder. */
export interface MessageFile extends MessageName {
  readonly subfolder: "new" | "cur";
  readonly fileName: string;
}

/** The file of a message that bears these letters. Files in `new` bear none. */
export function fileInCur(baseName: string, letters: string): MessageFile {
  return { baseName, letters, subfolder: "cur", fileName: `${baseName}:2,${letters}` };
}

/** The file of a message that no mail program has seen. */
export function fileInNew(baseName: string): MessageFile {
  return { baseName, letters: "", subfolder: "new", fileName: baseName };
}

/** The file at a path, if its name can be a message's. */
export function fileAt(path: string): MessageFile | undefined {
  return messageFile(basename(dirname(path)) === "new" ? "new" : "cur", basename(path));
}

/** The file of that name, if it can be a message's. */
export function messageFile(subfolder: "new" | "cur", fileName: string): MessageFile | undefined {
  const name = parseMessageName(fileName);
  return name && { baseName: name.baseName, letters: name.letters, subfolder, fileName };
}

/** A rename while a folder is read can hide a file from the reader; so often we look again. */
const MAX_READINGS = 5;

/** The names in the two folders of a mailbox that hold messages. */
export interface FolderEntries {
  readonly new: readonly string[];
  readonly cur: readonly string[];
}

/** Reads both folders. What moves from `new` to `cur` meanwhile, or changes its flags, is in at least one. */
export async function readMailboxFolder(folder: string): Promise<FolderEntries> {
  // In this order, because messages move from `new` to `cur` and never back.
  const inNew = await readSettled(join(folder, "new"));
  return { new: inNew, cur: await readSettled(join(folder, "cur")) };
}

/** The messages of a mailbox's folder, each once. */
export async function listFolder(folder: string): Promise<MessageFile[]> {
  const entries = await readMailboxFolder(folder);
  const found = new Map<string, MessageFile>();
  for (const subfolder of ["new", "cur"] as const) {
    for (const fileName of entries[subfolder]) {
      const file = messageFile(subfolder, fileName);
      if (file !== undefined) found.set(file.baseName, file);
    }
  }
  return [...found.values()];
}

/** The base names of the messages in a mailbox, for whom only looks; none where there is no such mailbox. */
export async function peekMailbox(root: string, mailbox: MailboxName): Promise<string[]> {
  try {
    return (await listFolder(folderOf(root, mailbox))).map(({ baseName }) => baseName);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Reads a folder until it did not change during the reading. Each entry may be in the result under an old
 * name only if the folder never comes to rest.
 */
async function readSettled(folder: string): Promise<string[]> {
  for (let reading = 1; ; reading += 1) {
    const before = await stat(folder, { bigint: true });
    const entries = await readdir(folder);
    const after = await stat(folder, { bigint: true });
    if (before.mtimeNs === after.mtimeNs || reading === MAX_READINGS) return entries;
  }
}
