import { OctetCursor } from "./octet-cursor.ts";
import type { Report } from "./problem.ts";

/** The names of the attributes we read: the low 16 bits of their ids, which are unique ([MS-OXTNEF] 2.1.3.2). */
export const ATTRIBUTE = {
  owner: 0x0000,
  originalMessageClass: 0x0600,
  attachRendData: 0x9002,
  messageProperties: 0x9003,
  recipientTable: 0x9004,
  attachment: 0x9005,
  oemCodePage: 0x9007,
  attachTransportFileName: 0x9001,
  dateStart: 0x0006,
  dateEnd: 0x0007,
  subject: 0x8004,
  dateSent: 0x8005,
  messageClass: 0x8008,
  body: 0x800c,
  attachData: 0x800f,
  attachTitle: 0x8010,
} as const;

export interface Attribute {
  /** One of `ATTRIBUTE`, or a number we have no use for. */
  readonly name: number;
  /** A part of the stream, not a copy. */
  readonly data: Uint8Array;
}

const SIGNATURE = 0x223e9f78;
const LEVEL_MESSAGE = 1;
const LEVEL_ATTACHMENT = 2;

/** Whether the octets start with the TNEF signature, 78 9F 3E 22 ([MS-OXTNEF] 2.1.3.1). */
export function isTnef(octets: Uint8Array): boolean {
  return new OctetCursor(octets).uint32() === SIGNATURE;
}

/**
 * The attributes of a stream in order, until its end or the first octets that cannot be one
 * ([MS-OXTNEF] 2.1.3). An attribute longer than the rest of the stream is not given out at all.
 */
export function* readAttributes(octets: Uint8Array, report: Report): Generator<Attribute> {
  const cursor = new OctetCursor(octets);
  cursor.skip(6); // signature and key; the key is of no use to a reader
  while (cursor.remaining > 0) {
    const start = octets.subarray(cursor.offset);
    const level = cursor.uint8();
    const name = cursor.uint32() & 0xffff;
    const data = cursor.take(cursor.uint32());
    if (level !== LEVEL_MESSAGE && level !== LEVEL_ATTACHMENT) {
      report("bad-level", start, `Cannot read an attribute: its level is ${level}`);
      return;
    }
    if (cursor.overrun) {
      report("truncated", start, `Cannot read attribute ${hex(name)}: the stream ends inside it`);
      return;
    }
    const checksum = cursor.uint16();
    if (cursor.overrun) report("truncated", start, `Attribute ${hex(name)} ends without its checksum`);
    else if (checksumOf(data) !== checksum) {
      report("bad-checksum", start, `Attribute ${hex(name)} does not have its checksum`);
    }
    yield { name, data };
  }
}

/**
 * The sum of the octets modulo 65536 ([MS-OXTNEF] 2.1.3). By index: an iterator takes ten times as long,
 * and large attachments are summed whole.
 */
function checksumOf(data: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum = (sum + (data[index] ?? 0)) | 0;
  return sum & 0xffff; // an overflow of 32 bits leaves the low 16 right
}

function hex(name: number): string {
  return `0x${name.toString(16).padStart(4, "0")}`;
}
