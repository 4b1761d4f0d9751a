/**
 * Octets that are read more than once: in memory while they are few, in a file without a name when
 * they are many, so that nothing stays behind whatever happens. It makes nothing durable.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";

export interface HeldOctets {
  /** From the beginning; any number of times, one after the other. */
  read(): AsyncIterable<Uint8Array>;
  /** Gives memory and disk back. Nothing can be read after it. */
  release(): Promise<void>;
}

/** Two hundred messages at once then take 50 MB; most are smaller. */
const MAX_IN_MEMORY = 256 * 1024;
const CHUNK_OCTETS = 64 * 1024;

/** Reads all of `octets`. Rejects when they fail or the disk does, and has then released everything. */
export async function holdOctets(octets: AsyncIterable<Uint8Array>, folder: string): Promise<HeldOctets> {
  const memory = new GrowingBuffer();
  let file: FileHandle | undefined;
  try {
    for await (const chunk of octets) {
      memory.append(chunk);
      if (file === undefined && memory.octets.length <= MAX_IN_MEMORY) continue;
      file ??= await openNameless(folder);
      await file.writeFile(memory.octets); // appends at the handle's position
      memory.clear();
    }
  } catch (cause) {
    await file?.close();
    throw cause;
  }
  const opened = file;
  if (!opened) return { read: () => fromMemory(memory), release: async () => memory.clear() };
  return {
    read: () => fromFile(opened),
    release: () => opened.close(),
  };
}

/** Not a list of what came: a sender of single octets would have us hold an object for each. */
class GrowingBuffer {
  #room = Buffer.alloc(0);
  #length = 0;

  get octets(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#room.length));
      room.set(this.octets);
      this.#room = room;
    }
    this.#room.set(chunk, this.#length);
    this.#length = length;
  }

  clear(): void {
    this.#room = Buffer.alloc(0);
    this.#length = 0;
  }
}

async function* fromMemory(memory: GrowingBuffer): AsyncGenerator<Uint8Array> {
  if (memory.octets.length > 0) yield memory.octets;
}

/** A stream of the handle would close it when its reader gives up early, and nobody could read again. */
async function* fromFile(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.allocUnsafe(CHUNK_OCTETS), position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The file goes when its handle does, after a crash too. */
async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.held.${randomBytes(8).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    return file;
  } catch (cause) {
    await file.close();
    throw cause;
  }
}
