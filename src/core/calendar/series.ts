import {
  type CalendarTime,
  findZone,
  type RecurrenceSet,
  recurrenceSet,
  SECONDS_PER_DAY,
  type Zone,
  type ZoneDefinitions,
} from "../icalendar/icalendar.ts";
import { type InstanceKey, instantKey } from "./instance-key.ts";
import type { EventContent } from "./record.ts";

/** The recurrence set of one master (RFC 5545 §3.8.5), and how dates are named in it. */
export interface Series {
  readonly set: RecurrenceSet;
  readonly start: CalendarTime;
  readonly zone: Zone;
  readonly keyOfStart: InstanceKey;
  /**
   * The key a RECURRENCE-ID means in this series.
   * @param zones of the payload that the time comes from
   */
  keyOf(time: CalendarTime, zones: ZoneDefinitions): InstanceKey;
}

type Recurrence = Pick<EventContent, "start" | "rule" | "dates" | "exclusions">;

/** Builds the set of a master lazily: nothing is expanded before it is asked for. */
export function seriesOf(content: Recurrence, zones: ZoneDefinitions): Series {
  const { start, rule } = content;
  const zone = findZone(start.kind === "date" ? "UTC" : start.zone, zones);
  const keys = (times: readonly CalendarTime[]) => times.map((time) => instantKey(time, zones));
  const set = recurrenceSet({
    start,
    rule,
    dates: keys(content.dates),
    exclusions: keys(content.exclusions),
    zone,
  });
  const keyOfStart = instantKey(start, zones);
  const keyOf = (time: CalendarTime, others: ZoneDefinitions) =>
    keyInSeries(time, { set, start, zone }) ?? instantKey(time, others);
  return { set, start, zone, keyOfStart, keyOf };
}

/** The time a key means, in the kind and zone of the series. */
export function timeOfKey(key: InstanceKey, { start, zone }: Pick<Series, "start" | "zone">): CalendarTime {
  return start.kind === "date"
    ? { kind: "date", day: key / SECONDS_PER_DAY }
    : { ...start, wall: zone.toWall(key) };
}

/**
 * Two repairs: among whole days a DATE-TIME is its day, and among timed events a DATE is the one occurrence on
 * that day. Outlook writes midnight for whole days, others what a date was called before it was a whole day.
 * @returns nothing for a DATE-TIME among timed events, which names an instant
 */
function keyInSeries(
  time: CalendarTime,
  { set, start, zone }: Pick<Series, "set" | "start" | "zone">,
): InstanceKey | undefined {
  if (start.kind === "date") return dayMeantBy(time) * SECONDS_PER_DAY;
  if (time.kind === "date-time") return undefined;
  const midnight = zone.toInstant(time.day * SECONDS_PER_DAY);
  const next = zone.toInstant((time.day + 1) * SECONDS_PER_DAY);
  const first = set.firstAtOrAfter(midnight);
  if (first === undefined || first >= next) return midnight;
  const second = set.firstAtOrAfter(first + 1);
  return second === undefined || second >= next ? first : midnight;
}

/** The day that a time is on. One in UTC tells the midnight of some zone, so it means the day that is nearest. */
export function dayMeantBy(time: CalendarTime): number {
  if (time.kind === "date") return time.day;
  const days = time.wall / SECONDS_PER_DAY;
  return time.zone === "UTC" ? Math.round(days) : Math.floor(days);
}

/** Local seconds since 1970. */
export function wallOf(time: CalendarTime): number {
  return time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall;
}

/** A time of the series, moved by so many local seconds, in the kind and zone of `like`. */
export function moveTo(like: CalendarTime, time: CalendarTime, shift: number): CalendarTime {
  const seconds = wallOf(time) + shift;
  if (like.kind === "date") return { kind: "date", day: Math.floor(seconds / SECONDS_PER_DAY) };
  return { ...like, wall: seconds };
}

/** The same, as long, but first on another date of its series. */
export function startingAt(key: InstanceKey, content: EventContent, series: Series): EventContent {
  const start = timeOfKey(key, series);
  const { end } = content;
  return { ...content, start, end: end && moveTo(end, end, wallOf(start) - wallOf(content.start)) };
}
