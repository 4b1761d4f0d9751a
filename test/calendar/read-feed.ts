import assert from "node:assert/strict";
import ICAL from "ical.js";
import { readPayloads } from "../../src/core/calendar/calendar.ts";
import { readCalendarText } from "../../src/core/icalendar/icalendar.ts";

/** What a reader sees: by UID the start and end of each date, in Berlin, first ones first. */
export type Agenda = Readonly<Record<string, readonly string[]>>;

/** A feed as a program that is not ours reads it. */
export interface ReadFeed {
  readonly agenda: Agenda;
  /** Unfolded lines. */
  readonly lines: readonly string[];
  /** The text of the VEVENTs of each UID without their counters. */
  readonly events: ReadonlyMap<string, readonly string[]>;
}

/** Dates of one series that are looked at; no case needs more. */
const MAX_DATES = 12;
const COUNTERS = /^(SEQUENCE|LAST-MODIFIED|DTSTAMP):.*\r\n/gm;

/** Fails where a feed is not what every feed must be; its VEVENTs otherwise. */
export function checkFeed(octets: Uint8Array): { text: string; events: ICAL.Component[] } {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  checkLines(text);
  const calendar = new ICAL.Component(ICAL.parse(text));
  checkHeader(calendar);
  checkZones(calendar);
  const events = calendar.getAllSubcomponents("vevent");
  checkIdentities(events);
  checkWithOurReader(octets, events.length);
  return { text, events };
}

/** The text of the first event of that UID, counters and all. */
export function eventText(feed: Uint8Array, uid: string): string | undefined {
  const events = new TextDecoder().decode(feed).match(/^BEGIN:VEVENT\r\n[\s\S]*?^END:VEVENT\r\n/gm) ?? [];
  return events.find((event) => event.includes(`UID:${uid}\r\n`));
}

const known = new Map<string, ReadFeed>();

/** Checks a feed, and reads from it what people would see. Most cases lead to a few feeds again and again. */
export function readFeed(octets: Uint8Array): ReadFeed {
  const key = Buffer.from(octets).toString("latin1");
  const read = known.get(key) ?? readNewFeed(octets);
  known.set(key, read);
  return read;
}

function readNewFeed(octets: Uint8Array): ReadFeed {
  const { text, events } = checkFeed(octets);
  const lines = text.replace(/\r\n /g, "").split("\r\n").slice(0, -1);
  const byUid = Map.groupBy(events, (event) => String(event.getFirstPropertyValue("uid")));
  const agenda = Object.fromEntries([...byUid].map(([uid, group]) => [uid, datesOf(group)]));
  const texts = new Map(
    [...byUid].map(([uid, group]) => [
      uid,
      group.map((event) => `${event.toString().replace(/\r\n /g, "")}\r\n`.replace(COUNTERS, "")),
    ]),
  );
  return { agenda, lines, events: texts };
}

/** RFC 5545 §3.1: CRLF, at most 75 octets, no character cut in two (each line is UTF-8 of its own). */
function checkLines(text: string): void {
  assert.ok(text.startsWith("BEGIN:VCALENDAR\r\n"), "no byte order mark, no blank line at the start");
  assert.ok(text.endsWith("\r\nEND:VCALENDAR\r\n"));
  assert.doesNotMatch(text.replaceAll("\r\n", ""), /[\r\n]/, "no bare CR or LF");
  for (const line of text.slice(0, -2).split("\r\n")) {
    assert.notEqual(line.trim(), "", "no blank lines");
    assert.ok(Buffer.byteLength(line) <= 75, `a line of ${Buffer.byteLength(line)} octets`);
    assert.ok(line.isWellFormed(), "no fold inside a character");
  }
}

const HEADER = [
  "version",
  "prodid",
  "calscale",
  "x-wr-calname",
  "name",
  "x-wr-timezone",
  "refresh-interval",
  "x-published-ttl",
];

function checkHeader(calendar: ICAL.Component): void {
  const names = calendar.getAllProperties().map(({ name }) => name);
  assert.deepEqual(names, HEADER, "no METHOD, and nothing that a reader needs is missing");
}

/** One VTIMEZONE for each TZID used and no other; offsets without seconds. */
function checkZones(calendar: ICAL.Component): void {
  const used = new Set<string>();
  const events = calendar.getAllSubcomponents("vevent");
  for (const event of events) {
    for (const property of event.getAllProperties()) {
      const zone = property.getFirstParameter("tzid");
      if (zone !== undefined) used.add(zone);
    }
  }
  const zones = calendar.getAllSubcomponents("vtimezone");
  const defined = zones.map((zone) => String(zone.getFirstPropertyValue("tzid")));
  assert.equal(new Set(defined).size, defined.length, "no zone is defined twice");
  if (events.length > 0) assert.deepEqual(defined, [...used].sort(), "the zones used are the zones defined");
  else assert.equal(defined.length, 1, "a calendar needs a component");
  for (const zone of zones) assert.doesNotMatch(zone.toString(), /TZOFFSET\w+:[+-]\d{5,}/);
}

/**
 * (UID, RECURRENCE-ID) is unique; an override has a recurring master and no EXDATE for its date; all
 * events of a UID have the same counters.
 */
function checkIdentities(events: readonly ICAL.Component[]): void {
  const value = (event: ICAL.Component, name: string) => String(event.getFirstPropertyValue(name) ?? "");
  const ids = events.map((event) => `${value(event, "uid")} ${value(event, "recurrence-id")}`);
  assert.equal(new Set(ids).size, ids.length, "no two events are the same");
  for (const [uid, group] of Map.groupBy(events, (event) => value(event, "uid"))) {
    const masters = group.filter((event) => value(event, "recurrence-id") === "");
    assert.equal(masters.length, 1, `"${uid}" has one master`);
    const [master] = masters;
    if (master === undefined) continue;
    const isRecurring = ["rrule", "rdate"].some((name) => master.hasProperty(name));
    assert.ok(isRecurring || group.length === 1, `an override of "${uid}" needs a recurring master`);
    const excluded = master.getAllProperties("exdate").map((property) => String(property.getFirstValue()));
    assert.equal(new Set(excluded).size, excluded.length, "no EXDATE twice");
    for (const event of group) {
      assert.ok(!excluded.includes(value(event, "recurrence-id")), "an override is not excluded");
      for (const name of ["sequence", "last-modified", "dtstamp"]) {
        assert.equal(value(event, name), value(master, name), `${name} of "${uid}"`);
      }
    }
  }
}

function checkWithOurReader(octets: Uint8Array, eventCount: number): void {
  const { calendars, faults } = readCalendarText(octets);
  assert.deepEqual(faults, []);
  assert.equal(calendars.length, 1);
  const carrier = {
    method: undefined,
    rank: 3,
    messageDate: Date.UTC(2030, 0, 1) / 1000,
    defaultZone: "Europe/Berlin",
    domain: "example.net",
  };
  const readings = calendars.map((calendar) => readPayloads(calendar, carrier));
  const records = readings.flatMap(({ payloads }) => payloads.flatMap((payload) => payload.records));
  assert.equal(records.length, eventCount, "every event is read again");
}

function datesOf(group: readonly ICAL.Component[]): string[] {
  const [master] = group.filter((event) => !event.hasProperty("recurrence-id"));
  const exceptions = group.filter((event) => event.hasProperty("recurrence-id"));
  if (master === undefined) return [];
  const event = new ICAL.Event(master, { exceptions, strictExceptions: false });
  if (!event.isRecurring()) return [dateText(event.startDate, event.endDate)];
  const dates: [number, string][] = [];
  for (const occurrence of occurrencesOf(event, master)) {
    const { startDate, endDate } = event.getOccurrenceDetails(occurrence);
    dates.push([startDate.toUnixTime(), dateText(startDate, endDate)]);
    if (dates.length === MAX_DATES) break;
  }
  return dates.sort(([a], [b]) => a - b).map(([, text]) => text);
}

function* occurrencesOf(event: ICAL.Event, master: ICAL.Component): Generator<ICAL.Time> {
  // QUIRK: where there is no RRULE, ical.js leaves DTSTART out, which is always an instance (RFC 5545 §3.8.5.3).
  const start = event.startDate.toString();
  const isExcluded = master.getAllProperties("exdate").some((date) => String(date.getFirstValue()) === start);
  if (!master.hasProperty("rrule") && !isExcluded) yield event.startDate;
  const iterator = event.iterator();
  for (let next = iterator.next(); next; next = iterator.next()) yield next;
}

/** `03-10 10:00-11:00`, `03-10` for a whole day; the year only where it is not 2026. */
function dateText(start: ICAL.Time, end: ICAL.Time): string {
  if (start.isDate) {
    const last = end.clone();
    last.adjust(-1, 0, 0, 0);
    const [first, until] = [start, last].map((day) => day.toString().replace(/^2026-/, ""));
    return first === until ? `${first}` : `${first}..${until}`;
  }
  const [from, to] = [start, end].map((time) => berlinText(time.toUnixTime()));
  if (from === to) return `${from}`;
  return from?.slice(0, -5) === to?.slice(0, -5) ? `${from}-${to?.slice(-5)}` : `${from}..${to}`;
}

const BERLIN = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Berlin",
  dateStyle: "short",
  timeStyle: "short",
});

function berlinText(seconds: number): string {
  return BERLIN.format(seconds * 1000).replace(/^2026-/, "");
}
