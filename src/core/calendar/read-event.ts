import { createHash } from "node:crypto";
import {
  type CalendarTime,
  type Component,
  findProperty,
  findValue,
  findZone,
  formatTime,
  type Instant,
  type Property,
  parseTime,
} from "../icalendar/icalendar.ts";
import { isUsableUid, synthesizeUid } from "./calendar-uid.ts";
import { type EventDates, readEventDates } from "./event-dates.ts";
import {
  cleanText,
  readAttachments,
  readBusyStatus,
  readCategories,
  readDescription,
  readGeo,
  readLocation,
  readPriority,
  readSummary,
  readUrl,
  readWord,
} from "./event-text.ts";
import { type Extent, readExtent } from "./event-times.ts";
import { instantKey } from "./instance-key.ts";
import type { Outcome } from "./outcome.ts";
import type { PayloadTimes } from "./payload-times.ts";
import { readName, readPerson } from "./person.ts";
import type { CarrierContext } from "./read-payloads.ts";
import type { CalendarRecord, EventContent, Person, RecurrenceId } from "./record.ts";

const MAX_SEQUENCE = 2_147_483_647;
/** A stamp may be ahead of its message by a wrong clock or zone, not by more. */
const MAX_STAMP_LEAD_SECONDS = 86_400;
const MAX_PEOPLE = 200;

export interface EventContext {
  readonly method: "REQUEST" | "PUBLISH" | "CANCEL" | "ADD";
  /** Whether the sender gave a METHOD: it decides what DTSTAMP means (RFC 5545 §3.8.7.2). */
  readonly isMethodGiven: boolean;
  readonly times: PayloadTimes;
  readonly carrier: CarrierContext;
}

/** Reads one VEVENT into a record and its UID, or says why it cannot be used. */
export function readEvent(
  event: Component,
  context: EventContext,
): { readonly uid: string; readonly record: CalendarRecord } | Outcome {
  const { method, times, carrier } = context;
  const statusCancelled = findValue(event, "STATUS")?.trim().toUpperCase() === "CANCELLED";
  // An ADD that names a date of the series, which it must not (RFC 5546 §3.2.4), changes that date.
  const isAdd = method === "ADD" && findProperty(event, "RECURRENCE-ID") === undefined;
  const kind = method === "CANCEL" || statusCancelled ? "cancel" : isAdd ? "add" : "set";
  const given = findValue(event, "UID")?.trim() ?? "";
  if (given === "" && kind === "cancel") return { outcome: "error", reason: "no-uid-cancel" };
  if (given !== "" && !isUsableUid(given)) return { outcome: "error", reason: "parse" };

  times.enter(event);
  const extent = readExtent(event, times);
  const takesBack = isAdd && kind === "cancel";
  // What is cancelled is found by its UID, wherever in time it says it was (RFC 5546 §3.2.5).
  if (typeof extent === "string" && (kind !== "cancel" || takesBack)) {
    return { outcome: "error", reason: extent };
  }
  const written = readRecurrenceId(event, times);
  if (written === "bad-date") return { outcome: "error", reason: written };
  // An ADD is about one date, also where it takes that back: never about the series.
  const recurrenceId = written ?? (takesBack ? instanceAt(extent) : undefined);

  const organizer = people(event, "ORGANIZER")[0];
  // One date cannot recur; some servers repeat the master's rule in it.
  const isInstance = recurrenceId !== undefined || kind === "add";
  const content =
    typeof extent === "string"
      ? undefined
      : readContent(event, extent, isInstance ? NO_DATES : readEventDates(event, extent, times));
  const version = readVersion(event, context);
  const record = {
    kind,
    recurrenceId,
    ...version,
    statusCancelled,
    organizer,
    attendees: people(event, "ATTENDEE"),
    attendeeNames: attendeeNames(event),
    content,
    digest: digestOf({ kind, content, organizer }, times),
  } satisfies CalendarRecord;
  return { uid: given === "" ? uidFor(record, times, carrier.domain) : given, record };
}

function instanceAt(extent: Extent | string): RecurrenceId | undefined {
  return typeof extent === "string" ? undefined : { time: extent.start, thisAndFuture: false };
}

function readRecurrenceId(event: Component, times: PayloadTimes): RecurrenceId | undefined | "bad-date" {
  const property = findProperty(event, "RECURRENCE-ID");
  if (property === undefined) return undefined;
  const time = times.read(property);
  if (time === undefined) return "bad-date";
  return { time, thisAndFuture: property.parameters.get("RANGE")?.toUpperCase() === "THISANDFUTURE" };
}

function people(event: Component, name: string): Person[] {
  return event.properties
    .filter((property) => property.name === name)
    .slice(0, MAX_PEOPLE)
    .flatMap((property: Property) => readPerson(property) ?? []);
}

function attendeeNames(event: Component): string[] {
  return event.properties
    .filter((property) => property.name === "ATTENDEE")
    .slice(0, MAX_PEOPLE)
    .flatMap((property) => (readPerson(property) === undefined ? (readName(property) ?? []) : []));
}

const NO_DATES: EventDates = { rule: undefined, dates: [], periods: [], exclusions: [] };

function readContent(event: Component, extent: Extent, dates: EventDates): EventContent {
  return {
    ...extent,
    ...dates,
    summary: readSummary(event),
    description: readDescription(event),
    location: readLocation(event),
    url: readUrl(event),
    geo: readGeo(event),
    categories: readCategories(event),
    priority: readPriority(event),
    status: readWord(event, "STATUS", ["CONFIRMED", "TENTATIVE"]),
    transparency: readWord(event, "TRANSP", ["OPAQUE", "TRANSPARENT"]),
    busyStatus: readBusyStatus(event),
    attachments: readAttachments(event),
    created: readInstant(event, "CREATED"),
  };
}

/** DTSTAMP, CREATED and LAST-MODIFIED are in UTC; one without its Z is read as if it had it. */
function readInstant(event: Component, name: string): Instant | undefined {
  const time = parseTime(findValue(event, name) ?? "");
  return time?.kind === "date-time" ? time.wall : undefined;
}

type Version = Pick<CalendarRecord, "sequence" | "sequenceKnown" | "stamp" | "lastModified">;

function readVersion(event: Component, { isMethodGiven, carrier: { messageDate } }: EventContext): Version {
  const own = readSequence(event, "SEQUENCE");
  // QUIRK: Exchange counts its versions here and leaves SEQUENCE at 0.
  const sequence = own || (readSequence(event, "X-MICROSOFT-CDO-APPT-SEQUENCE") ?? own);
  const lastModified = readInstant(event, "LAST-MODIFIED");
  const made = readInstant(event, "DTSTAMP");
  // Exporters write the moment of export into DTSTAMP; only with a METHOD is it that of the message.
  const stamp = (isMethodGiven ? (made ?? lastModified) : (lastModified ?? made)) ?? messageDate;
  const isPlausible = stamp <= messageDate + MAX_STAMP_LEAD_SECONDS;
  return {
    sequence: sequence ?? 0,
    sequenceKnown: sequence !== undefined,
    stamp: isPlausible ? stamp : messageDate,
    // A stamp that nobody can believe still says which of two is the later one.
    lastModified: lastModified ?? (isPlausible ? undefined : made),
  };
}

/** @returns nothing when the property is not there; 0 when it is no number. */
function readSequence(event: Component, name: string): number | undefined {
  const text = findValue(event, name)?.trim();
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SEQUENCE) : 0;
}

type Canonical = Pick<CalendarRecord, "kind" | "content" | "organizer">;

/** Times as instants, so that the same meeting written in two zones is the same; a series recurs in its zone. */
function digestOf({ kind, content, organizer }: Canonical, times: PayloadTimes): string {
  const instant = (time: CalendarTime | undefined) =>
    time === undefined ? undefined : [time.kind, instantKey(time, times.customZones)];
  const isSeries = content !== undefined && (content.rule !== undefined || content.dates.length > 0);
  const canonical = content && {
    ...content,
    created: undefined,
    busyStatus: undefined,
    start: instant(content.start),
    end: instant(content.end),
    zone: isSeries && content.start.kind === "date-time" ? content.start.zone : undefined,
    dates: content.dates.map(instant),
    periods: content.periods.map(({ start, end }) => [instant(start), instant(end)]),
    exclusions: content.exclusions.map(instant),
  };
  return createHash("sha256")
    .update(JSON.stringify([kind === "cancel", canonical, organizer?.address]))
    .digest("base64url");
}

function uidFor({ content, organizer }: CalendarRecord, times: PayloadTimes, domain: string): string {
  const written = (time: CalendarTime | undefined) => {
    if (time === undefined || time.kind === "date") return time === undefined ? "" : formatTime(time);
    const instant = findZone(time.zone, times.customZones).toInstant(time.wall);
    return formatTime({ kind: "date-time", wall: instant, zone: "UTC" });
  };
  const identity = {
    start: written(content?.start),
    end: written(content?.end),
    summary: cleanText(content?.summary ?? ""),
    organizer: organizer?.address ?? "",
  };
  return synthesizeUid(identity, domain);
}
