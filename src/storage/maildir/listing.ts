import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type MessageName, parseMessageName } from "./message-name.ts";

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
  const fileName = basename(path);
  const name = parseMessageName(fileName);
  return name && { ...name, fileName, subfolder: basename(dirname(path)) === "new" ? "new" : "cur" };
}

/** A rename while a folder is read can hide a file from the reader; so often we look again. */
const MAX_READINGS = 5;

/**
 * The messages of a mailbox's folder, each once. One that moves from `new` to `cur` meanwhile, or changes
 * its flags, is among them.
 */
export async function listFolder(folder: string): Promise<MessageFile[]> {
  const found = new Map<string, MessageFile>();
  // In this order, because messages move from `new` to `cur` and never back.
  for (const subfolder of ["new", "cur"] as const) {
    for (const fileName of await readSettled(join(folder, subfolder))) {
      const name = parseMessageName(fileName);
      if (name !== undefined) found.set(name.baseName, { ...name, subfolder, fileName });
    }
  }
  return [...found.values()];
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
