import { createHash } from "node:crypto";
import { seriesUidOf } from "../icalendar/icalendar.ts";

/** No more than libical and CalDAV servers take; and nothing that could break a line. */
const MAX_UID_OCTETS = 1_024;

/**
 * What payloads of one event have in common: the UID, trimmed and compared octet for octet. Outlook's ids
 * are compared as the UID of their series.
 */
export function uidKeyOf(uid: string): string {
  const trimmed = uid.trim();
  const seriesUid = seriesUidOf(trimmed);
  return seriesUid !== undefined && isUsableUid(seriesUid) ? seriesUid : trimmed;
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
