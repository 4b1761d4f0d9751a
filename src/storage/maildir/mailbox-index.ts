import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { writeFileAtomically } from "../atomic-file/atomic-file.ts";
import { ExpungeLog, type ExpungeLogEntries } from "./expunge-log.ts";
import type { FileStamp } from "./file-stamp.ts";
import { type MailboxIdentity, MailboxState } from "./mailbox-state.ts";
import type { ModSeq, Uid } from "./mailbox-view.ts";
import { type Columns, MessageTable } from "./message-table.ts";

/** What the disk looked like when the index was right. */
export interface FolderStamps {
  readonly cur: FileStamp;
  readonly new: FileStamp;
  readonly uidList: FileStamp;
}

/** A mailbox as it was when the index was written. */
export interface MailboxIndex {
  readonly state: MailboxState;
  readonly stamps: FolderStamps;
  /** Lines of the UID list, with those of expunged messages. */
  readonly uidListLines: number;
}

/** All but the columns, as JSON. */
interface Head {
  readonly identity: MailboxIdentity;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly expunged: ExpungeLogEntries;
  readonly fileNames: [Uid, string][];
  readonly fields: [Uid, string][];
  readonly stamps: FolderStamps;
  readonly uidListLines: number;
  readonly count: number;
}

/**
 * Names the format; another number for every change of it. Written, as the columns are, in the machine's own
 * order, so that an index from another kind of machine is no index.
 */
const FORMAT = 0x5365_6301;

/** The format, the checksum of all that follows it, the length of the head. */
const PREFIX_OCTETS = 12;

/** Where a column of eight-octet numbers may begin. */
const ALIGNMENT = 8;

function pathIn(folder: string): string {
  return join(folder, "secretary.index");
}

/** Whether there is an index, good or bad. */
export function hasMailboxIndex(folder: string): boolean {
  return existsSync(pathIn(folder));
}

/** The mailbox as the index has it; undefined when there is none or it is damaged. */
export async function readMailboxIndex(folder: string): Promise<MailboxIndex | undefined> {
  const octets = await readInOne(pathIn(folder)).catch(() => undefined);
  return octets && parseMailboxIndex(octets);
}

/** A file that nobody changes: in pieces, as `readFile` reads it, it takes three times as long. */
async function readInOne(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const octets = new Uint8Array(size);
    const { bytesRead } = await file.read(octets, 0, size, 0);
    return octets.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Replaces the index. */
export async function writeMailboxIndex(folder: string, index: MailboxIndex): Promise<void> {
  await writeFileAtomically(pathIn(folder), formatMailboxIndex(index));
}

/** The index as a file's octets. */
export function formatMailboxIndex({ state, stamps, uidListLines }: MailboxIndex): Uint8Array {
  const { identity, uidNext, highestModSeq, expunged, fileNames, fields, table } = state;
  const head: Head = {
    identity,
    uidNext,
    highestModSeq,
    expunged: expunged.entries,
    fileNames: [...fileNames],
    fields: [...fields],
    stamps,
    uidListLines,
    count: table.count,
  };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const columns = inFileOrder(table.columns).map(octetsOf);
  const start = aligned(PREFIX_OCTETS + json.length);
  const octets = new Uint8Array(columns.reduce((length, column) => length + column.length, start));
  octets.set(json, PREFIX_OCTETS);
  let at = start;
  for (const column of columns) {
    octets.set(column, at);
    at += column.length;
  }
  const prefix = new Uint32Array(octets.buffer, 0, 3);
  prefix[0] = FORMAT;
  prefix[2] = json.length; // before the checksum, which covers it
  prefix[1] = crc32(octets.subarray(8));
  return octets;
}

/** Reads an index; undefined when a single octet of it is not as it was written. */
export function parseMailboxIndex(file: Uint8Array): MailboxIndex | undefined {
  if (file.length < PREFIX_OCTETS) return undefined;
  const octets = file.byteOffset % ALIGNMENT === 0 ? file : file.slice();
  const [format, checksum, headOctets = 0] = new Uint32Array(octets.buffer, octets.byteOffset, 3);
  if (format !== FORMAT || checksum !== crc32(octets.subarray(8))) return undefined;
  const json = octets.subarray(PREFIX_OCTETS, PREFIX_OCTETS + headOctets);
  const head: Head = JSON.parse(new TextDecoder().decode(json));
  const columns = columnsIn(octets.subarray(aligned(PREFIX_OCTETS + headOctets)), head.count);
  const state = new MailboxState({
    ...head,
    table: new MessageTable(columns),
    expunged: ExpungeLog.from(head.expunged),
    fileNames: new Map(head.fileNames),
    fields: new Map(head.fields),
  });
  return { state, stamps: head.stamps, uidListLines: head.uidListLines };
}

/** Those of wide numbers first, so that each begins where it may. */
function inFileOrder(columns: Columns) {
  const { modSeqs, crlfOctets, internalDates, uids, marks, nameEnds, inNew, names } = columns;
  return [modSeqs, crlfOctets, internalDates, uids, marks, nameEnds, inNew, names] as const;
}

function columnsIn({ buffer, byteOffset, length }: Uint8Array, count: number): Columns {
  let at = byteOffset;
  const next = (octetsEach: number) => {
    const start = at;
    at += octetsEach * count;
    return start;
  };
  return {
    modSeqs: new Float64Array(buffer, next(8), count),
    crlfOctets: new Float64Array(buffer, next(8), count),
    internalDates: new Float64Array(buffer, next(8), count),
    uids: new Uint32Array(buffer, next(4), count),
    marks: new Int32Array(buffer, next(4), count),
    nameEnds: new Uint32Array(buffer, next(4), count),
    inNew: new Uint8Array(buffer, next(1), count),
    names: new Uint8Array(buffer, at, byteOffset + length - at),
  };
}

function octetsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function aligned(octets: number): number {
  return Math.ceil(octets / ALIGNMENT) * ALIGNMENT;
}
