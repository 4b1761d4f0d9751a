import type { Instant, Property } from "../icalendar/icalendar.ts";
import { ATTRIBUTE } from "./attribute-stream.ts";
import { formatInstant, property } from "./ical-values.ts";
import type { MeetingKind } from "./meeting-class.ts";
import { identityOf } from "./meeting-identity.ts";
import { attendeeProperties, organizerOf, organizerProperty, type Person } from "./meeting-people.ts";
import { bodyText } from "./message-body.ts";
import { attributeText, type MessageParts } from "./message-parts.ts";
import { instantOf, lineOf, numberOf, type PropertyList, textOf, textsOf } from "./property-list.ts";

/** What the mail around a stream knows, for what the stream does not say. */
export interface OuterMail {
  readonly from?: Person | undefined;
  readonly subject?: string | undefined;
  readonly date?: Instant | undefined;
  readonly textBody?: string | undefined;
}

/** All that a VEVENT says besides its times. */
export interface EventDetails {
  readonly uid: string | undefined;
  readonly stampedAt: Instant | undefined;
  readonly sequence: number | undefined;
  readonly summary: string | undefined;
  readonly location: string | undefined;
  readonly description: string | undefined;
  readonly organizer: Person | undefined;
  readonly attendees: readonly Property[];
  readonly busyStatus: number | undefined;
  readonly cancelled: boolean;
  readonly categories: readonly string[];
  readonly priority: string | undefined;
}

// The feed keeps 16,384 characters; each override of a series repeats them all.
const MAX_DESCRIPTION_LENGTH = 20_000;

const CANCELLED_FLAG = 0x4; // PidLidAppointmentStateFlags ([MS-OXOCAL] 2.2.1.10)

/** PidTagImportance as PRIORITY ([MS-OXCICAL] 2.1.3.1.1.20.17). */
const PRIORITIES: ReadonlyMap<number, string> = new Map([
  [0, "9"],
  [2, "1"],
]);

/** "Re: ", "AW: " and the like, and what Outlook writes in front of a cancelled meeting. */
const SUBJECT_PREFIX =
  /^(?:\p{L}{1,3}|cancell?ed|abgesagt|annulé|annullato|cancelado|cancelada|geannuleerd|updated|aktualisiert): /iu;

export function eventDetails(parts: MessageParts, kind: MeetingKind, outer: OuterMail): EventDetails {
  const { properties } = parts;
  return {
    uid: identityOf(properties)?.uid ?? lineOf(properties, "calendarUid"),
    stampedAt: stampOf(properties, kind) ?? outer.date,
    sequence: numberOf(properties, "sequence"),
    summary: summaryOf(parts, outer),
    location: textOf(properties, "location") ?? textOf(properties, "where"),
    description: descriptionOf(parts, outer),
    organizer: kind === "REPLY" ? undefined : (organizerOf(parts) ?? outer.from),
    attendees: attendeeProperties(parts),
    busyStatus: busyStatusOf(properties, kind),
    cancelled: kind === "CANCEL" || ((numberOf(properties, "stateFlags") ?? 0) & CANCELLED_FLAG) !== 0,
    categories: textsOf(properties, "keywords"),
    priority: PRIORITIES.get(numberOf(properties, "importance") ?? 1),
  };
}

/** When the organizer, or in a reply the attendee, last changed it ([MS-OXCICAL] 2.1.3.1.1.20). */
function stampOf(properties: PropertyList, kind: MeetingKind): Instant | undefined {
  const byOwner = instantOf(properties, "ownerCriticalChange");
  const byAttendee = instantOf(properties, "attendeeCriticalChange");
  const change = kind === "REPLY" ? (byAttendee ?? byOwner) : (byOwner ?? byAttendee);
  return change ?? instantOf(properties, "clientSubmitTime");
}

function summaryOf(parts: MessageParts, outer: OuterMail): string | undefined {
  const { properties } = parts;
  return (
    textOf(properties, "normalizedSubject") ??
    withoutPrefix(textOf(properties, "subject")) ??
    withoutPrefix(attributeText(parts, ATTRIBUTE.subject)) ??
    // QUIRK: Exchange leaves the subject to the header of the mail; the topic is that subject as it was
    // before anybody forwarded it. Fixture: corpus tnef/calendar/meeting-request-exchange.dat
    textOf(properties, "conversationTopic") ??
    withoutPrefix(outer.subject)
  );
}

function descriptionOf(parts: MessageParts, outer: OuterMail): string | undefined {
  const text = bodyText(parts.properties) ?? attributeText(parts, ATTRIBUTE.body) ?? outer.textBody;
  return text?.slice(0, MAX_DESCRIPTION_LENGTH).toWellFormed(); // the cut may halve a surrogate pair
}

function withoutPrefix(subject: string | undefined): string | undefined {
  return subject?.replace(SUBJECT_PREFIX, "");
}

/**
 * In a request PidLidBusyStatus is the recipient's own, tentative until he answers; what the organizer
 * means stands beside it ([MS-OXOCAL] 2.2.6.4).
 */
function busyStatusOf(properties: PropertyList, kind: MeetingKind): number | undefined {
  return numberOf(properties, kind === "APPOINTMENT" ? "busyStatus" : "intendedBusyStatus");
}

/** PidLidBusyStatus ([MS-OXOCAL] 2.2.1.2) as iCalendar and as Outlook's own property say it. */
const BUSY_PROPERTIES: ReadonlyMap<number, readonly Property[]> = new Map([
  [0, [property("TRANSP", "TRANSPARENT"), property("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")]],
  [1, [property("STATUS", "TENTATIVE"), property("X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE")]],
  [3, [property("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")]],
  [4, [property("TRANSP", "TRANSPARENT"), property("X-MICROSOFT-CDO-BUSYSTATUS", "WORKINGELSEWHERE")]],
]);

/** The properties of a VEVENT that says so. */
export function detailProperties(details: EventDetails): Property[] {
  const { organizer, stampedAt, sequence, categories } = details;
  const busy = BUSY_PROPERTIES.get(details.busyStatus ?? -1) ?? [];
  return [
    ...textProperty("UID", details.uid),
    ...textProperty("DTSTAMP", stampedAt === undefined ? undefined : formatInstant(stampedAt)),
    ...textProperty("SEQUENCE", sequence === undefined ? undefined : String(sequence)),
    ...textProperty("SUMMARY", details.summary),
    ...textProperty("LOCATION", details.location),
    ...textProperty("DESCRIPTION", details.description),
    ...(organizer === undefined ? [] : [organizerProperty(organizer)]),
    ...details.attendees,
    ...(details.cancelled ? [property("STATUS", "CANCELLED")] : []),
    ...busy.filter(({ name }) => !(details.cancelled && name === "STATUS")),
    ...(categories.length === 0 ? [] : [{ ...property("CATEGORIES", ""), values: categories }]),
    ...textProperty("PRIORITY", details.priority),
  ];
}

function textProperty(name: string, value: string | undefined): Property[] {
  return value === undefined || value === "" ? [] : [property(name, value)];
}
