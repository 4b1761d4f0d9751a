import {
  formatDay,
  formatWall,
  type Instant,
  type Property,
  SECONDS_PER_DAY,
  type WallClock,
} from "../icalendar/icalendar.ts";
import { formatInstant, property } from "./ical-values.ts";
import type { MeetingZone } from "./meeting-zone.ts";
import { wallClockAt } from "./zone-rules.ts";

/** A time of an event in one of the forms iCalendar has for it (RFC 5545 §3.3.4, §3.3.5). */
export type EventTime =
  | { readonly kind: "date"; readonly day: number }
  | { readonly kind: "instant"; readonly instant: Instant }
  /** Without a zone it is floating. */
  | { readonly kind: "local"; readonly wall: WallClock; readonly zone: MeetingZone | undefined };

/** DTSTART, DTEND, RECURRENCE-ID and the like. */
export function timeProperty(name: string, time: EventTime): Property {
  if (time.kind === "date") return property(name, formatEventTime(time), { VALUE: "DATE" });
  return property(name, formatEventTime(time), time.kind === "local" ? { TZID: time.zone?.tzid } : {});
}

export function formatEventTime(time: EventTime): string {
  switch (time.kind) {
    case "date":
      return formatDay(time.day);
    case "instant":
      return formatInstant(time.instant);
    case "local":
      return formatWall(time.wall);
  }
}

/** An instant as the clocks of the zone show it; as an instant where they are not known. */
export function timeInZone(instant: Instant, zone: MeetingZone | undefined): EventTime {
  if (zone?.rules === undefined) return { kind: "instant", instant };
  return { kind: "local", wall: wallClockAt(zone.rules, instant), zone };
}

/**
 * The day that begins at an instant: in the zone of the event, if it is midnight there, else at the
 * nearest midnight of `defaultClock`.
 */
export function dayBeginningAt(
  instant: Instant,
  zone: MeetingZone | undefined,
  defaultClock: (instant: Instant) => WallClock,
): number {
  const wall = zone?.rules === undefined ? undefined : wallClockAt(zone.rules, instant);
  if (wall !== undefined && wall % SECONDS_PER_DAY === 0) return wall / SECONDS_PER_DAY;
  return Math.round(defaultClock(instant) / SECONDS_PER_DAY);
}

/** What a clock shows at a time: one in UTC for an instant, midnight for a day. */
export function wallClockOf(time: EventTime): WallClock {
  switch (time.kind) {
    case "date":
      return time.day * SECONDS_PER_DAY;
    case "instant":
      return time.instant;
    case "local":
      return time.wall;
  }
}
