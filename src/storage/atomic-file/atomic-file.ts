/**
 * Files that are there in full or not at all, and folder entries that survive a power cut:
 * `rename` is atomic (POSIX rename), and an entry is durable once its folder was fsynced.
 * It does not lock, watch or queue: the last of two writers of one file wins.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "./folder-sync.ts";

export {
  checkPrivateFolder,
  makePrivateFolder,
  makePrivateFolderSync,
  openPrivateFolder,
} from "./private-folder.ts";
export { isMissing, whyUnreadable } from "./read-fault.ts";
export { syncFolder };

/** Everything we store is somebody's mail, calendar or key: for the owner only. */
const FILE_MODE = 0o600;

/**
 * Replaces the file at `path`. When the promise resolves, the new content has survived; when it
 * rejects, the old content (or nothing) is there, and no other file was left behind. Readers see
 * the old file or the new one, never a part. The folder must exist.
 */
export function writeFileAtomically(path: string, octets: Uint8Array): Promise<void> {
  return writePiecesAtomically(path, [octets]);
}

/** The same with content in pieces; each is asked for while the one before it is being written. */
export async function writePiecesAtomically(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const folder = dirname(path);
  // The name only has to be free. A counter would not do: in a container every start has pid 1,
  // and what a killed process left behind would be in the way for ever.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(8).toString("hex")}.tmp`);
  try {
    await writeDurably(temporary, pieces);
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined); // it may never have been made
    throw new Error(`Cannot write "${path}"`, { cause });
  }
  await syncFolder(folder);
}

async function writeDurably(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", FILE_MODE);
  try {
    let writing = Promise.resolve();
    for (const piece of pieces) {
      await writing;
      writing = writeWhole(file, piece);
    }
    await writing;
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, octets: Uint8Array): Promise<void> {
  for (let start = 0; start < octets.length; ) {
    const { bytesWritten } = await file.write(octets, start);
    start += bytesWritten;
  }
}
