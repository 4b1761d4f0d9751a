import { closeSync, fstatSync, open, read } from "node:fs";
import { promisify } from "node:util";
import { CrlfCounter, endLinesWithCrlf, withCrlf } from "./crlf.ts";
import type { OpenMessage } from "./mailbox-view.ts";
import { sizesIn } from "./message-name.ts";

/** Read at a time: large enough for speed, small enough for hundreds of sessions. */
const CHUNK_OCTETS = 64 * 1024;

// Plain descriptors, and the two calls that never wait for a disk made at once: with a FileHandle and four
// promises, describing a mailbox that another program filled took twice as long.
const openFile: (path: string, flags: string) => Promise<number> = promisify(open);
const readFile = promisify(read);

/** An open message, of which more is known. */
export interface MessageReader extends OpenMessage {
  /** When the file was last written to, in milliseconds since 1970: IMAP's internal date. */
  readonly internalDate: number;
}

/** A small message, in memory. */
export class SmallMessage implements MessageReader {
  readonly internalDate: number;
  readonly #octets: Uint8Array;

  constructor(octets: Uint8Array, internalDate: number) {
    this.#octets = octets;
    this.internalDate = internalDate;
  }

  get octets(): number {
    return this.#octets.length;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (end > this.octets) throw new Error(`Cannot read a message: it ends at ${this.octets}, not at ${end}`);
    if (start < end) yield this.#octets.subarray(start, end);
  }

  async close(): Promise<void> {}
}

/** A message's file, open, read with its lines ended by CRLF. */
class LargeMessage implements MessageReader {
  readonly octets: number;
  readonly internalDate: number;
  readonly #file: number;
  readonly #fileOctets: number;

  constructor(file: number, facts: { octets: number; internalDate: number; fileOctets: number }) {
    this.#file = file;
    this.octets = facts.octets;
    this.internalDate = facts.internalDate;
    this.#fileOctets = facts.fileOctets;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    const hasBareLineFeeds = this.octets !== this.#fileOctets;
    // Where a line feed stands alone, octets are not where IMAP counts them: we count along from the start.
    if (!hasBareLineFeeds) yield* readRange(this.#file, start, end);
    else yield* cut(withCrlf(readRange(this.#file, 0, this.#fileOctets)), start, end);
  }

  async close(): Promise<void> {
    closeSync(this.#file);
  }
}

/**
 * Opens a message's file. `crlfOctets` is believed when it is known and the file is as large as its base
 * name says; else all of it is read to count its lines. A small file is read and closed.
 */
export async function openMessageFile(
  path: string,
  { baseName, crlfOctets }: { baseName: string; crlfOctets: number },
): Promise<MessageReader> {
  const file = await openFile(path, "r");
  let isKept = false;
  try {
    const { size: fileOctets, mtimeMs: internalDate } = fstatSync(file);
    if (fileOctets <= CHUNK_OCTETS) {
      return new SmallMessage(endLinesWithCrlf(await readSmall(file, fileOctets), 0), internalDate);
    }
    const named = sizesIn(baseName).octets ?? fileOctets;
    const isBelieved = named === fileOctets && crlfOctets >= fileOctets;
    const octets = isBelieved ? crlfOctets : await countOctets(readRange(file, 0, fileOctets));
    isKept = true;
    return new LargeMessage(file, { octets, internalDate, fileOctets });
  } finally {
    if (!isKept) closeSync(file);
  }
}

async function readSmall(file: number, octets: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange(file, 0, octets)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function countOctets(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const counter = new CrlfCounter();
  for await (const chunk of chunks) counter.push(chunk);
  return counter.size.crlfOctets;
}

/** Reads from `start` up to and without `end`; fails when the file ends before that. */
async function* readRange(file: number, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const chunk = new Uint8Array(Math.min(CHUNK_OCTETS, end - at));
    const { bytesRead } = await readFile(file, chunk, 0, chunk.length, at);
    if (bytesRead === 0) throw new Error(`Cannot read a message: its file ends at ${at} instead of ${end}`);
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** The octets from `start` up to and without `end` of a stream; fails when it ends before that. */
async function* cut(
  octets: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of octets) {
    const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (wanted.length > 0) yield wanted;
    if (at >= end) return;
  }
  throw new Error(`Cannot read a message: it ends at ${at} instead of ${end}`);
}
