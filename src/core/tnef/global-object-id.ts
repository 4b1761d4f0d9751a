import { cleanLine, decodeUtf8OrWestern } from "./code-page.ts";
import { OctetCursor } from "./octet-cursor.ts";

/** What a GlobalObjectId says ([MS-OXOCAL] 2.2.1.27). */
export interface MeetingIdentity {
  /** The UID an iCalendar copy of the same meeting carries ([MS-OXCICAL] 2.1.3.1.1.20.26). */
  readonly uid: string;
  /** The occurrence it is about, as days from 1970-01-01; undefined for the whole meeting. */
  readonly occurrenceDay?: number;
}

const CLASS_ID = "040000008200e00074c5b7101a82e008";
const FOREIGN_UID = "7643616c2d55696401000000"; // "vCal-Uid", 1
const HEADER_OCTETS = 40;
const DATE = { from: 16, to: 20 } as const;
// Twice the longest UID that is accepted anywhere downstream, since most of them are written in hex.
const MAX_OCTETS = 2048;

/** Reads a GlobalObjectId. Undefined when it is empty or absurdly long. */
export function parseGlobalObjectId(octets: Uint8Array): MeetingIdentity | undefined {
  if (octets.length > MAX_OCTETS) return undefined;
  const hex = toHex(octets);
  if (!hex.startsWith(CLASS_ID) || octets.length < HEADER_OCTETS) return unknownIdentity(octets);
  const cursor = new OctetCursor(octets);
  cursor.skip(36);
  const data = cursor.take(cursor.uint32());
  if (cursor.overrun) return unknownIdentity(octets);
  const foreign = toHex(data).startsWith(FOREIGN_UID)
    ? cleanLine(decodeUtf8OrWestern(data.subarray(FOREIGN_UID.length / 2)))
    : "";
  // Exchange writes the id of the series into iCalendar, with the date of the occurrence zeroed.
  const uid = foreign || `${hex.slice(0, DATE.from * 2)}00000000${hex.slice(DATE.to * 2)}`.toUpperCase();
  const occurrenceDay = dayOfOccurrence(octets);
  return occurrenceDay === undefined ? { uid } : { uid, occurrenceDay };
}

/** Year (big-endian, unlike all else), month and day. */
function dayOfOccurrence(octets: Uint8Array): number | undefined {
  const [high = 0, low = 0, month = 0, day = 0] = octets.subarray(DATE.from, DATE.to);
  const year = high * 256 + low;
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

function unknownIdentity(octets: Uint8Array): MeetingIdentity | undefined {
  if (octets.length === 0) return undefined;
  // QUIRK: OBM writes the text of its UID where the binary id belongs. No GlobalObjectId is printable.
  // Fixture: corpus tnef/calendar/accptInv.eml
  if (octets.every((octet) => octet > 0x20 && octet < 0x7f)) return { uid: decodeUtf8OrWestern(octets) };
  return { uid: toHex(octets).toUpperCase() };
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex");
}
