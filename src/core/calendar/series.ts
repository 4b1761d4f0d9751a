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
  /** The key a RECURRENCE-ID means in this series. */
  keyOf(time: CalendarTime): InstanceKey;
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
  return { set, start, zone, keyOf: (time) => keyInSeries(time, { set, start, zone, zones }) };
}

/** The time a key means, in the kind and zone of the series. */
export function timeOfKey(key: InstanceKey, { start, zone }: Pick<Series, "start" | "zone">): CalendarTime {
  return start.kind === "date"
    ? { kind: "date", day: key / SECONDS_PER_DAY }
    : { ...start, wall: zone.toWall(key) };
}

interface KeyContext {
  readonly set: RecurrenceSet;
  readonly start: CalendarTime;
  readonly zone: Zone;
  readonly zones: ZoneDefinitions;
}

/** Two repairs: Outlook writes midnight for whole days, others a DATE for the one occurrence on that day. */
function keyInSeries(time: CalendarTime, { set, start, zone, zones }: KeyContext): InstanceKey {
  if (start.kind === "date" && time.kind === "date-time" && time.wall % SECONDS_PER_DAY === 0)
    return time.wall;
  if (start.kind === "date-time" && time.kind === "date") {
    const midnight = zone.toInstant(time.day * SECONDS_PER_DAY);
    const next = zone.toInstant((time.day + 1) * SECONDS_PER_DAY);
    const first = set.firstAtOrAfter(midnight);
    if (first !== undefined && first < next) {
      const second = set.firstAtOrAfter(first + 1);
      if (second === undefined || second >= next) return first;
    }
    return midnight;
  }
  return instantKey(time, zones);
}
