import {
  type CalendarTime,
  type Component,
  findProperty,
  findValue,
  findZone,
  parseDuration,
  parseRecurrenceRule,
  type RecurrenceRule,
  SECONDS_PER_DAY,
  type Zone,
} from "../icalendar/icalendar.ts";
import { instantKey } from "./instance-key.ts";
import type { PayloadTimes } from "./payload-times.ts";
import type { EventContent } from "./record.ts";
import { seriesOf, timeOfKey } from "./series.ts";

/** Longer than a year and a month is a mistake: a reader would show the event on every day of it. */
const MAX_EVENT_DAYS = 400;
/** libical keeps no more values in one series. */
const MAX_DATES = 500;
/** An EXRULE, which RFC 5545 removed, is replaced by the first dates it excludes. */
const MAX_EXPANDED = 200;
const EXPANDED_YEARS = 5;

export type EventTimes = Pick<EventContent, "start" | "end" | "rule" | "dates" | "exclusions">;

/** @returns "no-dtstart" or "bad-date" when the event cannot be placed in time. */
export function readEventTimes(
  event: Component,
  times: PayloadTimes,
): EventTimes | "no-dtstart" | "bad-date" {
  const property = findProperty(event, "DTSTART");
  if (property === undefined) return "no-dtstart";
  const written = times.read(property);
  if (written === undefined) return "bad-date";
  const { start, end } = asWholeDays(event, written, readEnd(event, written, times));
  const zone = zoneOf(start, times);

  const rule = readRule(findValue(event, "RRULE"), start, zone);
  const dates = readDates(event, "RDATE", times)
    .map((date) => inTermsOf(start, date, zone, times))
    .sort((a, b) => instantKey(a, times.customZones) - instantKey(b, times.customZones))
    .slice(0, MAX_DATES);
  const series = { start, rule, dates };
  return { start, end, rule, dates, exclusions: readExclusions(event, series, times) };
}

/** Whole days are those of the user's zone. */
function zoneOf(time: CalendarTime, times: PayloadTimes): Zone {
  return findZone(time.kind === "date" ? times.defaultZone : time.zone, times.customZones);
}

function readRule(text: string | undefined, start: CalendarTime, zone: Zone): RecurrenceRule | undefined {
  return text === undefined ? undefined : parseRecurrenceRule(text, { start, zone }).rule;
}

/** DTEND, else DTSTART and DURATION, in the kind of `start`; nothing when it makes no sense. */
function readEnd(event: Component, start: CalendarTime, times: PayloadTimes): CalendarTime | undefined {
  const property = findProperty(event, "DTEND");
  const written = property === undefined ? undefined : times.read(property);
  const end = written ?? addDuration(start, findValue(event, "DURATION"), times);
  if (start.kind === "date") {
    // QUIRK: some write DTEND equal to DTSTART for one day, although DTEND is not part of it (RFC 5545 §3.6.1).
    const day = end === undefined ? start.day + 1 : Math.max(dayOf(end), start.day + 1);
    return day - start.day > MAX_EVENT_DAYS ? { kind: "date", day: start.day + 1 } : { kind: "date", day };
  }
  if (end === undefined) return undefined;
  const timed: CalendarTime =
    end.kind === "date" ? { kind: "date-time", wall: end.day * SECONDS_PER_DAY, zone: start.zone } : end;
  const length = instantKey(timed, times.customZones) - instantKey(start, times.customZones);
  return length < 0 || length > MAX_EVENT_DAYS * SECONDS_PER_DAY ? undefined : timed;
}

/** Days of a DURATION are days of the calendar, hours are exact (RFC 5545 §3.3.6). */
function addDuration(
  start: CalendarTime,
  text: string | undefined,
  times: PayloadTimes,
): CalendarTime | undefined {
  const seconds = text === undefined ? undefined : parseDuration(text);
  if (seconds === undefined || seconds < 0) return undefined;
  if (start.kind === "date") return { kind: "date", day: start.day + Math.ceil(seconds / SECONDS_PER_DAY) };
  if (seconds % SECONDS_PER_DAY === 0) return { ...start, wall: start.wall + seconds };
  const zone = zoneOf(start, times);
  return { ...start, wall: zone.toWall(zone.toInstant(start.wall) + seconds) };
}

function dayOf(time: CalendarTime): number {
  return time.kind === "date" ? time.day : Math.floor(time.wall / SECONDS_PER_DAY);
}

/** QUIRK: Outlook marks whole days with a property of its own and writes midnights. */
function asWholeDays(
  event: Component,
  start: CalendarTime,
  end: CalendarTime | undefined,
): { start: CalendarTime; end: CalendarTime | undefined } {
  const isMarked = findValue(event, "X-MICROSOFT-CDO-ALLDAYEVENT")?.trim().toUpperCase() === "TRUE";
  const isMidnight = (time: CalendarTime) => time.kind === "date-time" && time.wall % SECONDS_PER_DAY === 0;
  if (!isMarked || !isMidnight(start) || (end !== undefined && !isMidnight(end))) return { start, end };
  const first = dayOf(start);
  const last = end === undefined ? first + 1 : Math.max(dayOf(end), first + 1);
  return { start: { kind: "date", day: first }, end: { kind: "date", day: last } };
}

function readDates(event: Component, name: string, times: PayloadTimes): CalendarTime[] {
  return event.properties
    .filter((property) => property.name === name)
    .flatMap((property) => times.readAll(property));
}

/** The same moment in the value type and zone of `start`: some readers miss what is written otherwise. */
function inTermsOf(start: CalendarTime, time: CalendarTime, zone: Zone, times: PayloadTimes): CalendarTime {
  if (start.kind === "date") return { kind: "date", day: dayOf(time) };
  if (time.kind === "date") {
    // A DATE means the occurrence of that day; its time of day is that of the series.
    return { ...start, wall: time.day * SECONDS_PER_DAY + (start.wall - dayOf(start) * SECONDS_PER_DAY) };
  }
  return time.zone === start.zone
    ? time
    : { ...start, wall: zone.toWall(instantKey(time, times.customZones)) };
}

type SeriesTimes = Pick<EventContent, "start" | "rule" | "dates">;

/** EXDATEs and what an EXRULE excludes, sorted, each once, the latest 500. */
function readExclusions(event: Component, series: SeriesTimes, times: PayloadTimes): CalendarTime[] {
  const zone = zoneOf(series.start, times);
  const written = readDates(event, "EXDATE", times).map((date) => inTermsOf(series.start, date, zone, times));
  const all = [...written, ...expandExclusionRule(event, series, times)];
  const byKey = new Map(all.map((time) => [instantKey(time, times.customZones), time]));
  return [...byKey]
    .sort(([a], [b]) => a - b)
    .slice(-MAX_DATES)
    .map(([, time]) => time);
}

function expandExclusionRule(event: Component, { start }: SeriesTimes, times: PayloadTimes): CalendarTime[] {
  const zone = zoneOf(start, times);
  const rule = readRule(findValue(event, "EXRULE"), start, zone);
  if (rule === undefined) return [];
  const { set } = seriesOf({ start, rule, dates: [], exclusions: [] }, times.customZones);
  const limit = instantKey(start, times.customZones) + EXPANDED_YEARS * 366 * SECONDS_PER_DAY;
  return set
    .instances(MAX_EXPANDED)
    .filter((key) => key <= limit)
    .map((key) => timeOfKey(key, { start, zone }));
}
