import type { CalendarTime, Instant, RecurrenceRule, ZoneDefinitions } from "../icalendar/icalendar.ts";
import { instantKey } from "./instance-key.ts";

/** Whoever is named in ORGANIZER or ATTENDEE. `address` is an addr-spec in lower case, without `mailto:`. */
export interface Person {
  readonly address: string;
  readonly name: string | undefined;
  /** Other addresses the same property gives: EMAIL and SENT-BY. */
  readonly aliases: readonly string[];
}

/** What the user sees of one VEVENT: checked, cut to the limits, times resolved, nothing of the sender's clockwork. */
export interface EventContent {
  readonly start: CalendarTime;
  /** Exclusive; of the same kind as `start`. Missing: an event without length. */
  readonly end: CalendarTime | undefined;
  /** RRULE after all repairs (RFC 5545 §3.3.10). */
  readonly rule: RecurrenceRule | undefined;
  readonly dates: readonly CalendarTime[];
  /** Those of `dates` that take another time than the event: RDATE;VALUE=PERIOD (RFC 5545 §3.8.5.2). */
  readonly periods: readonly { readonly start: CalendarTime; readonly end: CalendarTime }[];
  readonly exclusions: readonly CalendarTime[];
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly location: string | undefined;
  readonly url: string | undefined;
  /** `latitude;longitude` */
  readonly geo: string | undefined;
  readonly categories: readonly string[];
  /** 1–9 */
  readonly priority: number | undefined;
  readonly status: "CONFIRMED" | "TENTATIVE" | undefined;
  readonly transparency: "OPAQUE" | "TRANSPARENT" | undefined;
  readonly busyStatus: string | undefined;
  readonly attachments: readonly { readonly uri: string; readonly mediaType: string | undefined }[];
  readonly created: Instant | undefined;
}

/** RECURRENCE-ID (RFC 5545 §3.8.4.4). */
export interface RecurrenceId {
  readonly time: CalendarTime;
  readonly thisAndFuture: boolean;
}

/** One accepted VEVENT. Without `recurrenceId` it is about the master. */
export interface CalendarRecord {
  readonly kind: "set" | "cancel" | "add";
  readonly recurrenceId: RecurrenceId | undefined;
  /** SEQUENCE, 0–2147483647. */
  readonly sequence: number;
  /** Whether the sender gave a SEQUENCE at all. */
  readonly sequenceKnown: boolean;
  /** When the sender made this version: DTSTAMP or what stands in for it. */
  readonly stamp: Instant;
  /** LAST-MODIFIED, or an unbelievable DTSTAMP: breaks ties. */
  readonly lastModified: Instant | undefined;
  /** Whether STATUS:CANCELLED stands in the component: a METHOD:CANCEL without it may be about others. */
  readonly statusCancelled: boolean;
  readonly organizer: Person | undefined;
  readonly attendees: readonly Person[];
  /** Names of those who are invited too and have no address here: nobody can tell whether one is the user. */
  readonly attendeeNames: readonly string[];
  /** Missing only in a CANCEL that has no DTSTART (RFC 5546 §3.2.5). */
  readonly content: EventContent | undefined;
  /** SHA-256 over what makes two versions the same event to a reader; stamps, SEQUENCE and ATTENDEE left out. */
  readonly digest: string;
}

/** All VEVENTs of one UID in one VCALENDAR of one carrier: what is accepted or refused together. */
export interface Payload {
  /** What groups payloads: the UID, trimmed; Outlook's ids without their instance date. */
  readonly uidKey: string;
  /** The UID as this sender spells it. */
  readonly uid: string;
  readonly records: readonly CalendarRecord[];
  /** Which kind of carrier it came in, 1 the most trusted (`carrierRank`). */
  readonly rank: number;
  /** `Date:` of the innermost message around the carrier. */
  readonly messageDate: Instant;
  /** Rules of the zones that the records use and no database knows. */
  readonly zones: ZoneDefinitions;
}

/** Whether it is about the event as a whole, not about one date of it. */
export function isAboutMaster({ recurrenceId, kind }: CalendarRecord): boolean {
  return recurrenceId === undefined && kind !== "add";
}

/** The version of a payload: its master's, else the latest of its records. */
export function stampOf(payload: Payload): Instant {
  const master = payload.records.find(isAboutMaster);
  return master?.stamp ?? Math.max(...payload.records.map((record) => record.stamp));
}

/** Which instance of its UID a record is about, as far as it can be told without the master. */
export function keyOfRecord({ kind, recurrenceId, content }: CalendarRecord, zones: ZoneDefinitions): string {
  const time = recurrenceId?.time ?? (kind === "add" ? content?.start : undefined);
  if (time === undefined) return "master";
  return `${instantKey(time, zones)}${recurrenceId?.thisAndFuture === true ? "+" : ""}`;
}
