import { createHash } from "node:crypto";

/** No more than libical and CalDAV servers take; and nothing that could break a line. */
const MAX_UID_OCTETS = 1_024;

/** An Outlook Global Object Id in hex ([MS-OXOCAL] 2.2.1.27): 16 fixed octets, the instance date, the rest. */
const GLOBAL_OBJECT_ID = /^040000008200E00074C5B7101A82E008[0-9A-F]+$/i;
const INSTANCE_DATE = { start: 32, end: 40 };
const DATA_START = 80;
/** `vCal-Uid`, 1: what follows is the UID of another program, wrapped by Exchange. */
const WRAPPED_UID = "7643616C2D55696401000000";

/**
 * What payloads of one event have in common: the UID, trimmed and compared octet for octet. Outlook's ids
 * are compared without the instance date, which some senders leave in, and unwrapped where Exchange
 * wrapped the UID of another program.
 */
export function uidKeyOf(uid: string): string {
  const trimmed = uid.trim();
  if (!GLOBAL_OBJECT_ID.test(trimmed)) return trimmed;
  const hex = trimmed.toUpperCase();
  return wrappedUid(hex) ?? `${hex.slice(0, INSTANCE_DATE.start)}00000000${hex.slice(INSTANCE_DATE.end)}`;
}

function wrappedUid(hex: string): string | undefined {
  if (!hex.startsWith(WRAPPED_UID, DATA_START)) return undefined;
  const octets = Buffer.from(hex.slice(DATA_START + WRAPPED_UID.length), "hex");
  const end = octets.indexOf(0);
  const uid = new TextDecoder().decode(end < 0 ? octets : octets.subarray(0, end)).trim();
  return isUsableUid(uid) ? uid : undefined;
}

/** Whether a UID can be kept: not empty, at most 1,024 octets, no control characters. */
export function isUsableUid(uid: string): boolean {
  return uid !== "" && Buffer.byteLength(uid) <= MAX_UID_OCTETS && !/[\0-\x1f\x7f]/.test(uid);
}

/**
 * A UID for an event whose sender gave none (RFC 5545 §3.8.4.7 demands one), made of what identifies it to a
 * person, so that the same mail twice stays one event.
 *
 * @param start UTC in basic form, or a basic date; likewise `end`.
 */
export function synthesizeUid(
  { start, end, summary, organizer }: { start: string; end: string; summary: string; organizer: string },
  domain: string,
): string {
  const digest = createHash("sha256").update(`${start}|${end}|${summary}|${organizer}`).digest("hex");
  return `nouid-${digest.slice(0, 32)}@${domain}`;
}
