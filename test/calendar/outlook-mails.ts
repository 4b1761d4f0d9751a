import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  binary,
  hex,
  messageHead,
  messageProperties,
  named,
  stream,
  tag,
  time,
  type WrittenProperty,
  wide,
} from "../core/tnef/tnef-writer.ts";
import {
  berlin,
  type EventLines,
  type Mail,
  type MailOptions,
  mailOf,
  multipart,
  part,
} from "./case-mails.ts";

const FIXTURES = resolve(import.meta.dirname, "../../fixtures/tnef");

export function fixture(name: string): Uint8Array {
  return readFileSync(resolve(FIXTURES, `${name}.dat`));
}

/** The UID of the meeting that `request-in-zone` and `cancelled-occurrence` are about. */
export const MEETING_UID =
  "040000008200E00074C5B7101A82E008000000000080036751A9DC010000000000000000100000000102030405060708090A0B0C0D0E0F10";

/** The same meeting as the organizer's Exchange writes it into iCalendar: an hour on 5 March at 10:00. */
export function meetingEvent(sequence: number, stamp: string, changes: EventLines = {}): EventLines {
  return {
    UID: `:${MEETING_UID}`,
    DTSTAMP: `:${stamp}`,
    SEQUENCE: `:${sequence}`,
    DTSTART: berlin("03-05", "10:00"),
    DTEND: berlin("03-05", "11:00"),
    SUMMARY: ":Budget",
    ORGANIZER: ":mailto:ann@example.org",
    ATTENDEE: ":mailto:u@example.net",
    ...changes,
  };
}

/** A mail that holds a winmail.dat beside a text without meaning. */
export function winmail(octets: Uint8Array, options: MailOptions = {}): Mail {
  return mailOf(multipart("mixed", SEE_BELOW, winmailPart(octets)), options);
}

export const SEE_BELOW = part("text/plain; charset=utf-8", "See below.\r\n");

export function winmailPart(octets: Uint8Array): ReturnType<typeof part> {
  return part("application/ms-tnef; name=winmail.dat", octets, { base64: true });
}

export interface MeetingOptions {
  /** `IPM.Schedule.Meeting.Request` unless it is said. */
  readonly messageClass?: string;
  /** GlobalObjectId in hex. */
  readonly id?: string;
  /** Seconds. */
  readonly start?: number;
  /** When the organizer changed it last; 8:00 UTC on 1 March unless it is said. */
  readonly changedAt?: number;
}

/** An hour on 10 March at 10:00 in Berlin, by Ann; and what else it says. */
export function meeting(
  {
    messageClass = "IPM.Schedule.Meeting.Request",
    id = MEETING_UID,
    start = MARCH_10_10,
    changedAt = MARCH_1_8,
  }: MeetingOptions,
  ...properties: readonly WrittenProperty[]
): Uint8Array {
  return stream(
    messageHead(messageClass),
    messageProperties(
      binary(named("meeting", 0x0003), hex(id)),
      time(named("meeting", 0x001a), changedAt),
      time(named("appointment", 0x820d), start),
      time(named("appointment", 0x820e), start + 3600),
      wide(tag(0x0037), "Budget"),
      wide(tag(0x5d02), "ann@example.org"),
      ...properties,
    ),
  );
}

const MARCH_1_8 = Date.UTC(2026, 2, 1, 8) / 1000;
const MARCH_10_10 = Date.UTC(2026, 2, 10, 9) / 1000;
