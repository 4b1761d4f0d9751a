/**
 * The mails of the calendar cases, made of the few events that all of them are about. Times are given in hours
 * after 2026-03-01T08:00:00Z: that is both DTSTAMP and Date of a mail, unless a case says otherwise.
 */

/** A message as its sender made it. */
export interface Mail {
  readonly octets: Uint8Array;
}

/** One MIME entity: header fields and body. */
export interface Entity {
  readonly fields: readonly string[];
  readonly body: Uint8Array;
}

/** The rest of a content line by its name: `{ SUMMARY: ":Budget" }`; several values are several lines. */
export type EventLines = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface MailOptions {
  readonly from?: string;
  /** Hours; of the calendar's DTSTAMP otherwise. */
  readonly date?: number;
  readonly fields?: readonly string[];
}

const START = Date.UTC(2026, 2, 1, 8);

/** The instant `hours` after the start, as iCalendar writes it: `stampAt(1)` is `20260301T090000Z`. */
export function stampAt(hours: number): string {
  return `${new Date(START + hours * 3_600_000).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function dateAt(hours: number): string {
  return new Date(START + hours * 3_600_000).toUTCString().replace("GMT", "+0000");
}

/** A time in Berlin on a day of 2026: `berlin("03-10", "10:00")`. */
export function berlin(day: string, time: string): string {
  return `;TZID=Europe/Berlin:2026${day.replace("-", "")}T${time.replace(":", "")}00`;
}

/** The end of what starts at `time` and takes so many minutes on the same day. */
function later(time: string, minutes: number): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const end = hour * 60 + minute + minutes;
  return `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`;
}

export function between(day: string, time: string, minutes: number): EventLines {
  return { DTSTART: berlin(day, time), DTEND: berlin(day, later(time, minutes)) };
}

function versioned(sequence: number | undefined, hours: number): EventLines {
  return {
    DTSTAMP: `:${stampAt(hours)}`,
    SEQUENCE: sequence === undefined ? undefined : `:${sequence}`,
  };
}

const PEOPLE: EventLines = { ORGANIZER: ":mailto:ann@example.org", ATTENDEE: ":mailto:u@example.net" };

/** The single event e1: an hour on 10 March at 10:00. */
export function eventE(sequence: number | undefined, hours: number, changes: EventLines = {}): EventLines {
  const day = between("03-10", "10:00", 60);
  return {
    UID: ":e1@example.org",
    ...versioned(sequence, hours),
    ...day,
    SUMMARY: ":Budget",
    ...PEOPLE,
    ...changes,
  };
}

/** The series s1: six Thursdays from 5 March, 09:00, half an hour; clocks change on 29 March. */
export function eventS(sequence: number | undefined, hours: number, changes: EventLines = {}): EventLines {
  return {
    UID: ":s1@example.org",
    ...versioned(sequence, hours),
    ...between("03-05", "09:00", 30),
    RRULE: ":FREQ=WEEKLY;COUNT=6",
    SUMMARY: ":Standup",
    ...PEOPLE,
    ...changes,
  };
}

/** The date of s1 on `day`, moved to `time`. */
export function eventO(
  [day, time]: readonly [day: string, time: string],
  sequence: number,
  hours: number,
  changes: EventLines = {},
): EventLines {
  return {
    ...eventS(sequence, hours),
    RRULE: undefined,
    "RECURRENCE-ID": berlin(day, "09:00"),
    ...between(day, time, 30),
    ...changes,
  };
}

/** The same with RANGE=THISANDFUTURE. */
export function andFuture(day: string): EventLines {
  return { "RECURRENCE-ID": `;RANGE=THISANDFUTURE${berlin(day, "09:00")}` };
}

export const CANCELLED: EventLines = { STATUS: ":CANCELLED" };

/** The text of a VCALENDAR. */
export function calendarText(
  method: string | undefined,
  events: readonly EventLines[],
  others: readonly string[] = [],
): string {
  const head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Cases//EN"];
  if (method !== undefined) head.push(`METHOD:${method}`);
  const body = events.flatMap((event) => ["BEGIN:VEVENT", ...linesOf(event), "END:VEVENT"]);
  return [...head, ...others, ...body, "END:VCALENDAR", ""].join("\r\n");
}

function linesOf(event: EventLines): string[] {
  return Object.entries(event).flatMap(([name, rests]) => {
    if (rests === undefined) return [];
    return (typeof rests === "string" ? [rests] : rests).map((rest) => name + rest);
  });
}

/** A leaf. Text is UTF-8 unless `encoding` is `base64` or it is given as octets. */
export function part(
  contentType: string,
  content: string | Uint8Array,
  { fields = [], base64 = false }: { fields?: readonly string[]; base64?: boolean } = {},
): Entity {
  const octets = Buffer.from(content);
  const encoded = base64 ? Buffer.from(octets.toString("base64").replace(/.{76}/g, "$&\r\n")) : octets;
  const encoding = base64 ? "base64" : "8bit";
  return {
    fields: [`Content-Type: ${contentType}`, `Content-Transfer-Encoding: ${encoding}`, ...fields],
    body: encoded,
  };
}

let boundaries = 0;

export function multipart(kind: string, ...children: readonly Entity[]): Entity {
  const boundary = `=_${++boundaries}`;
  const pieces = children.map((child) =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${child.fields.join("\r\n")}\r\n\r\n`), child.body]),
  );
  const body = pieces.flatMap((piece) => [piece, Buffer.from("\r\n")]);
  return {
    fields: [`Content-Type: multipart/${kind}; boundary="${boundary}"`],
    body: Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

let messages = 0;

export function mailOf(
  { fields, body }: Entity,
  { from = "ann@example.org", date = 0, fields: more = [] }: MailOptions = {},
): Mail {
  const header = [
    `From: ${from}`,
    "To: secretary@example.net",
    "Subject: Invitation",
    `Date: ${dateAt(date)}`,
    `Message-ID: <${++messages}@example.org>`,
    "MIME-Version: 1.0",
    ...more,
    ...fields,
  ];
  return { octets: Buffer.concat([Buffer.from(`${header.join("\r\n")}\r\n\r\n`), body]) };
}

/** A message as an attachment of another. */
export function embedded(mail: Mail): Entity {
  return { fields: ["Content-Type: message/rfc822"], body: mail.octets };
}

export const TEXT: Entity = part("text/plain; charset=utf-8", "You are invited.\r\n");

export function calendarPart(text: string, method: string | undefined, name?: string): Entity {
  const parameters = [
    method === undefined ? "" : `; method=${method}`,
    name === undefined ? "" : `; name=${name}`,
  ];
  return part(`text/calendar; charset=utf-8${parameters.join("")}`, text);
}

/** A scheduling message as most programs send it: the calendar as an alternative of the text. */
export function scheduling(
  method: string,
  events: readonly EventLines[],
  options: MailOptions & { readonly others?: readonly string[] } = {},
): Mail {
  const text = calendarText(method, events, options.others);
  return mailOf(multipart("alternative", TEXT, calendarPart(text, method)), options);
}

/** An `.ics` file without METHOD, as an export or a booking site sends it. */
export function file(events: readonly EventLines[], options: MailOptions = {}): Mail {
  const calendar = part("text/calendar; name=event.ics", calendarText(undefined, events));
  return mailOf(multipart("mixed", TEXT, calendar), options);
}

type Version = readonly [sequence: number | undefined, hours: number];

export function E(sequence: Version[0], hours: number, changes?: EventLines, options?: MailOptions): Mail {
  return scheduling("REQUEST", [eventE(sequence, hours, changes)], { date: hours, ...options });
}

export function S(sequence: Version[0], hours: number, changes?: EventLines, options?: MailOptions): Mail {
  return scheduling("REQUEST", [eventS(sequence, hours, changes)], { date: hours, ...options });
}

/** `O(["03-12", "11:00"], [1, 2])`: sequence 1, two hours after the start. */
export function O(
  moved: readonly [day: string, time: string],
  [sequence, hours]: readonly [number, number],
  changes?: EventLines,
): Mail {
  return scheduling("REQUEST", [eventO(moved, sequence, hours, changes)], { date: hours });
}

/** A cancellation of the whole event e1. */
export function CE(sequence: Version[0], hours: number, changes?: EventLines, options?: MailOptions): Mail {
  const event = eventE(sequence, hours, { ...CANCELLED, ...changes });
  return scheduling("CANCEL", [event], { date: hours, ...options });
}

/** A cancellation of the whole series s1. */
export function CS(sequence: Version[0], hours: number, changes?: EventLines): Mail {
  const event = eventS(sequence, hours, { RRULE: undefined, ...CANCELLED, ...changes });
  return scheduling("CANCEL", [event], { date: hours });
}

/** A cancellation of the date of s1 on `day`. */
export function CI(
  day: string,
  [sequence, hours]: readonly [number, number],
  changes: EventLines = {},
): Mail {
  const event = eventO([day, "09:00"], sequence, hours, { ...CANCELLED, ...changes });
  return scheduling("CANCEL", [event], { date: hours });
}
