import {
  type CalendarTime,
  type Component,
  expandRule,
  findValue,
  findZone,
  type ParsedRule,
  parseRecurrenceRule,
  SECONDS_PER_DAY,
} from "../icalendar/icalendar.ts";
import { type Extent, plausibleEnd } from "./event-times.ts";
import { instantKey } from "./instance-key.ts";
import type { PayloadTimes, WrittenPeriod } from "./payload-times.ts";
import type { EventContent } from "./record.ts";
import { dayMeantBy, type Series, seriesOf, timeOfKey } from "./series.ts";

/** libical keeps no more values in one series. */
const MAX_DATES = 500;
/** An EXRULE, which RFC 5545 removed, is replaced by the first dates it excludes. */
const MAX_EXPANDED = 200;
const EXPANDED_YEARS = 5;

export type EventDates = Pick<EventContent, "rule" | "dates" | "periods" | "exclusions">;

/** The further dates of an event, in the kind and zone of its start: some readers miss what is written otherwise. */
export function readEventDates(event: Component, extent: Extent, times: PayloadTimes): EventDates {
  const { start } = extent;
  const { rule, dates: listed } = readRule(event, "RRULE", start, times);
  const written = [
    ...listed.map((time) => ({ start: time, end: undefined })),
    ...readAll(event, "RDATE", times).map((period) => ({
      ...period,
      start: dateOf(start, period.start, times),
    })),
  ];
  const inOrder = written.sort((a, b) => keyOf(a.start, times) - keyOf(b.start, times)).slice(0, MAX_DATES);
  const dates = inOrder.map((period) => period.start);
  const series = seriesOf({ start, rule, dates, exclusions: [] }, times.customZones);
  return {
    rule,
    dates,
    periods: periodsOf(inOrder, extent, times),
    exclusions: readExclusions(event, series, times),
  };
}

/** The first rule of that name: RFC 5545 §3.8.5.3 wants no second one, and no reader heeds it. */
function readRule(
  event: Component,
  name: "RRULE" | "EXRULE",
  start: CalendarTime,
  times: PayloadTimes,
): Pick<ParsedRule, "rule" | "dates"> {
  const text = findValue(event, name);
  if (text === undefined) return { rule: undefined, dates: [] };
  return parseRecurrenceRule(text, { start, zone: times.zoneOf(start) });
}

function readAll(event: Component, name: string, times: PayloadTimes): WrittenPeriod[] {
  return event.properties
    .filter((property) => property.name === name)
    .flatMap((property) => times.readAll(property));
}

function keyOf(time: CalendarTime, times: PayloadTimes): number {
  return instantKey(time, times.customZones);
}

/** An RDATE in terms of `start`. A DATE among timed events has the time of day of the first. */
function dateOf(start: CalendarTime, time: CalendarTime, times: PayloadTimes): CalendarTime {
  if (start.kind === "date") return { kind: "date", day: dayMeantBy(time) };
  if (time.kind === "date") return { ...start, wall: time.day * SECONDS_PER_DAY + timeOfDay(start.wall) };
  return time.zone === start.zone ? time : { ...start, wall: times.zoneOf(start).toWall(keyOf(time, times)) };
}

function timeOfDay(wall: number): number {
  return wall - Math.floor(wall / SECONDS_PER_DAY) * SECONDS_PER_DAY;
}

/** Those periods that do not take the time that the event takes. */
function periodsOf(
  written: readonly WrittenPeriod[],
  { start, end }: Extent,
  times: PayloadTimes,
): { start: CalendarTime; end: CalendarTime }[] {
  const lengthOf = (from: CalendarTime, to: CalendarTime | undefined) =>
    to === undefined ? 0 : keyOf(to, times) - keyOf(from, times);
  return written.flatMap((period) => {
    const until = period.end && plausibleEnd(period.start, period.end, times);
    const isOther = until !== undefined && lengthOf(period.start, until) !== lengthOf(start, end);
    return isOther ? { start: period.start, end: until } : [];
  });
}

/**
 * EXDATEs and what an EXRULE excludes, sorted, each once, the latest 500. An EXDATE of another kind than the
 * event means what a RECURRENCE-ID of that kind would.
 */
function readExclusions(event: Component, series: Series, times: PayloadTimes): CalendarTime[] {
  const dates = readAll(event, "EXDATE", times).map((period) => period.start);
  const written = dates.map((date) => series.keyOf(date, times.customZones));
  const all = [...new Set([...written, ...expandExclusionRule(event, series.start, times)])];
  return all
    .sort((a, b) => a - b)
    .slice(-MAX_DATES)
    .map((key) => timeOfKey(key, series));
}

function expandExclusionRule(event: Component, start: CalendarTime, times: PayloadTimes): number[] {
  const { rule, dates } = readRule(event, "EXRULE", start, times);
  // Keys of whole days are told in UTC.
  const zone = start.kind === "date" ? findZone("UTC", {}) : times.zoneOf(start);
  const named = rule === undefined ? [] : expandRule(rule, start, { zone, limit: MAX_EXPANDED });
  const limit = keyOf(start, times) + EXPANDED_YEARS * 366 * SECONDS_PER_DAY;
  return [...named, ...dates.map((time) => keyOf(time, times))].filter((key) => key <= limit);
}
