/** What a GlobalObjectId says ([MS-OXOCAL] 2.2.1.27): Outlook's identity of a meeting. */
export interface GlobalObjectId {
  /** The UID an iCalendar copy of the same meeting carries ([MS-OXCICAL] 2.1.3.1.1.20.26). */
  readonly uid: string;
  /** The occurrence it is about, as days from 1970-01-01; undefined for the whole meeting. */
  readonly occurrenceDay?: number;
}

const CLASS_ID = "040000008200E00074C5B7101A82E008";
/** `vCal-Uid`, 1: what follows is the UID of another program, wrapped by Exchange. */
const FOREIGN_UID = "7643616C2D55696401000000";
const DATE = { from: 16, to: 20 } as const;
const LENGTH_AT = 36;
const HEADER_OCTETS = 40;

/** Reads a GlobalObjectId. Undefined for octets of another class, or shorter than they say. */
export function parseGlobalObjectId(octets: Uint8Array): GlobalObjectId | undefined {
  const hex = toHex(octets);
  if (!hex.startsWith(CLASS_ID) || octets.length < HEADER_OCTETS) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const end = HEADER_OCTETS + view.getUint32(LENGTH_AT, true);
  if (end > octets.length) return undefined;
  const uid = foreignUid(octets.subarray(HEADER_OCTETS, end)) ?? withoutDate(hex);
  const occurrenceDay = dayOfOccurrence(view);
  return occurrenceDay === undefined ? { uid } : { uid, occurrenceDay };
}

/**
 * The UID of the series for a GlobalObjectId that somebody wrote in hex: without the date of an occurrence,
 * which some senders leave in, and unwrapped where Exchange wrapped the UID of another program. Undefined
 * for any other UID.
 */
export function seriesUidOf(uid: string): string | undefined {
  const hex = uid.toUpperCase();
  if (!hex.startsWith(CLASS_ID) || !/^[0-9A-F]+$/.test(hex)) return undefined;
  const id = hex.length % 2 === 0 ? parseGlobalObjectId(Buffer.from(hex, "hex")) : undefined;
  return id?.uid ?? withoutDate(hex);
}

function withoutDate(hex: string): string {
  return `${hex.slice(0, DATE.from * 2)}00000000${hex.slice(DATE.to * 2)}`;
}

/** What Exchange wrapped, up to its NUL; undefined when there is nothing that could be a UID. */
function foreignUid(data: Uint8Array): string | undefined {
  if (!toHex(data).startsWith(FOREIGN_UID)) return undefined;
  const wrapped = data.subarray(FOREIGN_UID.length / 2);
  const end = wrapped.indexOf(0);
  const uid = decode(end < 0 ? wrapped : wrapped.subarray(0, end)).trim();
  return uid === "" || /\p{Cc}/u.test(uid) ? undefined : uid;
}

/** UTF-8 where the octets are UTF-8, else windows-1252. */
function decode(octets: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    return new TextDecoder("windows-1252").decode(octets); // the one way to ask TextDecoder is to let it throw
  }
}

/** Year (big-endian, unlike all else), month and day. */
function dayOfOccurrence(view: DataView): number | undefined {
  const year = view.getUint16(DATE.from);
  const month = view.getUint8(DATE.from + 2);
  const day = view.getUint8(DATE.from + 3);
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex").toUpperCase();
}
