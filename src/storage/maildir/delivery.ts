import { join } from "node:path";
import { CrlfCounter } from "./crlf.ts";
import type { Disk, Writing } from "./disk.ts";
import type { MessageSize } from "./message-name.ts";
import { withSizes } from "./message-name.ts";

/** What was delivered. */
export interface Delivered {
  /** The same in every destination. */
  readonly baseName: string;
  readonly octets: number;
}

/** Where a delivery takes place. */
export interface DeliverySite {
  readonly disk: Disk;
  /** For the file while it grows; on the same file system as every destination. */
  readonly tmpFolder: string;
  /** A name that nothing else has. */
  readonly uniqueName: string;
}

/**
 * Writes a message once and makes it appear, whole, in each of the folders. Resolves when its file and its
 * name in every folder are on disk. When anything fails, it is removed again wherever it had appeared and
 * the failure is thrown, with what the disk said as its `cause`.
 *
 * A crash leaves at worst a file in `tmp`, or the message in some of the folders: its sender was told
 * nothing and will send it again.
 */
export async function deliverInto(
  folders: readonly string[],
  octets: AsyncIterable<Uint8Array>,
  { disk, tmpFolder, uniqueName }: DeliverySite,
): Promise<Delivered> {
  const last = folders.at(-1);
  if (last === undefined) throw new Error("Cannot deliver a message to no folder at all");
  const tmpPath = join(tmpFolder, uniqueName);
  const made: string[] = [tmpPath];
  try {
    const size = await writeMessage(disk, tmpPath, { octets });
    const baseName = withSizes(uniqueName, size);
    for (const folder of folders.slice(0, -1)) {
      const path = join(folder, baseName);
      await disk.link(tmpPath, path);
      made.push(path);
    }
    await disk.rename(tmpPath, join(last, baseName));
    made[0] = join(last, baseName);
    await Promise.all(folders.map((folder) => disk.syncFolder(folder)));
    return { baseName, octets: size.octets };
  } catch (error) {
    for (const path of made) await disk.unlink(path).catch(() => {});
    throw new Error("Cannot deliver the message", { cause: error });
  }
}

/** What is written into a message's file. */
export interface NewMessage {
  readonly octets: AsyncIterable<Uint8Array>;
  /** IMAP's internal date, which is the file's modification time. */
  readonly internalDate?: Date | undefined;
}

/**
 * Writes a message into a new file, which is there before its first octet comes, and sees it onto the disk.
 * What fits into one piece, as most messages do, is written and synced by one thread that wakes once.
 */
export async function writeMessage(disk: Disk, path: string, message: NewMessage): Promise<MessageSize> {
  const counter = new CrlfCounter();
  // Where the time has to be set afterwards, there is one more thing to sync.
  let writing: Writing = message.internalDate ? "buffered" : "synced";
  let file = await disk.create(path, writing);
  try {
    for await (const { octets, isLast } of inLargePieces(message.octets)) {
      if (writing === "synced" && (!isLast || octets.length === 0)) {
        writing = "buffered";
        const reopened = await disk.reopen(path);
        file.close();
        file = reopened;
      }
      await file.write(octets);
      counter.push(octets);
    }
    if (message.internalDate) await file.utimes(message.internalDate, message.internalDate);
    if (writing === "buffered") await file.sync();
  } finally {
    file.close();
  }
  return counter.size;
}

/** What is written at a time: each write wakes a thread and waits for it. */
const PIECE_OCTETS = 64 * 1024;
/** However small they are: a sender of single octets would have us hold an object for each. */
const MAX_CHUNKS = 256;

interface Piece {
  /** None in the last piece of a message that has none left for it. */
  readonly octets: Uint8Array;
  readonly isLast: boolean;
}

/** The same octets in fewer, larger pieces, at least one. */
async function* inLargePieces(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of octets) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < PIECE_OCTETS && chunks.length < MAX_CHUNKS) continue;
    yield { octets: Buffer.concat(chunks, length), isLast: false };
    chunks = [];
    length = 0;
  }
  yield { octets: Buffer.concat(chunks, length), isLast: true };
}
