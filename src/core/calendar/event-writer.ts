import {
  type CalendarTime,
  escapeText,
  foldLine,
  formatParameter,
  formatRecurrenceRule,
  formatTime,
  formatWall,
} from "../icalendar/icalendar.ts";
import type { EventContent, Person } from "./record.ts";

const MAX_NAMED_PEOPLE = 20;

/** Whose calendar this is, and who keeps it: the only two people of every event in the feed. */
export interface FeedIdentity {
  readonly user: string;
  readonly userAddress: string;
  readonly secretaryAddress: string;
  /** The user's addresses, the secretary's among them: not named again among those invited. */
  isOwnAddress(address: string): boolean;
}

/** One VEVENT to be written. */
export interface FeedEvent {
  readonly uid: string;
  readonly content: EventContent;
  readonly recurrenceId: CalendarTime | undefined;
  readonly organizer: Person | undefined;
  readonly attendees: readonly Person[];
  /** Of those whose address is not known. */
  readonly attendeeNames: readonly string[];
  readonly isCancelled: boolean;
}

/** The counters of the feed (RFC 5545 §3.8.7): the same for all events of a UID. */
export interface FeedVersion {
  readonly sequence: number;
  /** Also written as DTSTAMP. Seconds. */
  readonly lastModified: number;
}

/**
 * One VEVENT without its counters: only when this changes do they rise. `body` is what stands below them, to the
 * end of the event.
 */
export interface EventText {
  readonly uid: string;
  readonly body: string;
}

export function formatEvent(event: FeedEvent, identity: FeedIdentity): EventText {
  const { content } = event;
  const { start, end, rule, dates, exclusions } = content;
  const status = event.isCancelled ? "CANCELLED" : content.status;
  const transparency = event.isCancelled ? "TRANSPARENT" : content.transparency;
  const lines = [
    content.created === undefined ? "" : `CREATED:${formatWall(content.created)}Z`,
    timeLine("DTSTART", start),
    end === undefined ? "" : timeLine("DTEND", end),
    event.recurrenceId === undefined ? "" : timeLine("RECURRENCE-ID", event.recurrenceId),
    rule === undefined ? "" : `RRULE:${formatRecurrenceRule(rule, start.kind)}`,
    ...dates.map((date) => timeLine("RDATE", date)),
    ...exclusions.map((date) => timeLine("EXDATE", date)),
    `SUMMARY:${escapeText(content.summary ?? "(no title)")}`,
    textLine("DESCRIPTION", describe(event, identity)),
    textLine("LOCATION", content.location),
    content.url === undefined ? "" : `URL:${content.url}`,
    content.geo === undefined ? "" : `GEO:${content.geo}`,
    content.categories.length === 0 ? "" : `CATEGORIES:${content.categories.map(escapeText).join(",")}`,
    content.priority === undefined ? "" : `PRIORITY:${content.priority}`,
    status === undefined ? "" : `STATUS:${status}`,
    transparency === undefined ? "" : `TRANSP:${transparency}`,
    content.busyStatus === undefined ? "" : `X-MICROSOFT-CDO-BUSYSTATUS:${content.busyStatus}`,
    ...content.attachments.map(({ uri, mediaType }) =>
      mediaType === undefined ? `ATTACH:${uri}` : `ATTACH;FMTTYPE=${mediaType}:${uri}`,
    ),
    ...peopleLines(identity),
    "END:VEVENT",
  ];
  return { uid: event.uid, body: foldAll(lines) };
}

/** The whole VEVENT. */
export function withVersion(event: EventText, { sequence, lastModified }: FeedVersion): string {
  const instant = `${formatWall(lastModified)}Z`;
  const counters = `DTSTAMP:${instant}\r\nLAST-MODIFIED:${instant}\r\nSEQUENCE:${sequence}\r\n`;
  return `${headOf(event)}${counters}${event.body}`;
}

/** The VEVENT but for its counters: equal text, equal event. */
export function withoutVersion(event: EventText): string {
  return headOf(event) + event.body;
}

function headOf({ uid }: EventText): string {
  return `BEGIN:VEVENT\r\n${foldLine(`UID:${escapeText(uid)}`)}`;
}

function foldAll(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : foldLine(line))).join("");
}

function textLine(name: string, text: string | undefined): string {
  return text === undefined || text === "" ? "" : `${name}:${escapeText(text)}`;
}

function timeLine(name: string, time: CalendarTime): string {
  if (time.kind === "date") return `${name};VALUE=DATE:${formatTime(time)}`;
  return time.zone === "UTC"
    ? `${name}:${formatTime(time)}`
    : `${name};TZID=${time.zone}:${formatTime(time)}`;
}

/**
 * The secretary invites, the user has accepted: a reader that saw the sender's people would offer to
 * answer them, and nobody here sends answers.
 */
function peopleLines({ user, userAddress, secretaryAddress }: FeedIdentity): string[] {
  return [
    `ORGANIZER;CN=Secretary:mailto:${secretaryAddress}`,
    `ATTENDEE;CN=${formatParameter(user)};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:${userAddress}`,
  ];
}

/** The sender's text, then the people of the original event, as text. */
function describe(
  { content, organizer, attendees, attendeeNames }: FeedEvent,
  identity: FeedIdentity,
): string {
  const isForeign = (person: Person) => !identity.isOwnAddress(person.address);
  const withAddress = attendees.filter(
    (person) => isForeign(person) && person.address !== organizer?.address,
  );
  const invited = [...withAddress.map(formatPerson), ...attendeeNames];
  const named = invited.slice(0, MAX_NAMED_PEOPLE);
  if (invited.length > named.length) named.push(`and ${invited.length - named.length} more`);
  const people = [
    organizer !== undefined && isForeign(organizer) ? `Organizer: ${formatPerson(organizer)}` : "",
    named.length > 0 ? `Invited: ${named.join(", ")}` : "",
  ];
  const block = people.filter((line) => line !== "").join("\n");
  return [content.description ?? "", block].filter((text) => text !== "").join("\n\n");
}

function formatPerson({ name, address }: Person): string {
  return name === undefined || name.toLowerCase() === address ? address : `${name} <${address}>`;
}
