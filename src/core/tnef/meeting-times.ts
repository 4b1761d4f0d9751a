import { type Instant, SECONDS_PER_DAY, type WallClock } from "../icalendar/icalendar.ts";
import { ATTRIBUTE } from "./attribute-stream.ts";
import { dayBeginningAt, type EventTime, timeInZone } from "./event-time.ts";
import { wallClockOfAttribute } from "./file-time.ts";
import type { MeetingZone, MeetingZones } from "./meeting-zone.ts";
import type { MessageParts } from "./message-parts.ts";
import { instantOf, isSet, numberOf, type PropertyList } from "./property-list.ts";

/** What a clock shows in the zone that the calendar takes for times without one. */
export type DefaultClock = (instant: Instant) => WallClock;

/** When an event takes place. */
export interface EventSpan {
  readonly start: EventTime;
  readonly end: EventTime | undefined;
}

/** No event lasts longer than 400 days; a duration beyond is a mistake or an attack. */
const MAX_MINUTES = 400 * 24 * 60;

/** The start of a meeting as an instant, wherever the message tells it. */
export function startInstant(properties: PropertyList): Instant | undefined {
  return (
    instantOf(properties, "startWhole") ??
    instantOf(properties, "startDate") ??
    instantOf(properties, "commonStart")
  );
}

/** The end of a meeting as an instant, wherever the message tells it, or by its duration. */
export function endInstant(properties: PropertyList): Instant | undefined {
  const end =
    instantOf(properties, "endWhole") ??
    instantOf(properties, "endDate") ??
    instantOf(properties, "commonEnd");
  if (end !== undefined) return end;
  const start = startInstant(properties);
  const minutes = numberOf(properties, "duration");
  if (start === undefined || minutes === undefined || minutes < 0 || minutes > MAX_MINUTES) return undefined;
  return start + minutes * 60;
}

/** When a single event, or one occurrence, takes place; undefined when the message does not say. */
export function eventSpan(
  parts: MessageParts,
  zones: MeetingZones,
  defaultClock: DefaultClock,
): EventSpan | undefined {
  const { properties } = parts;
  const start = startInstant(properties);
  const end = endInstant(properties);
  if (start === undefined) return spanOfAttributes(parts);
  if (isSet(properties, "allDay")) {
    const day = (instant: Instant, zone: MeetingZone | undefined): number =>
      dayBeginningAt(instant, zone, defaultClock);
    return daySpan(day(start, zones.start), end === undefined ? undefined : day(end, zones.end));
  }
  return {
    start: timeInZone(start, zones.start),
    end: end === undefined ? undefined : timeInZone(end, zones.end),
  };
}

/** Whole days from the first to the one that no longer belongs to it; at least one. */
export function daySpan(firstDay: number, endDay: number | undefined): EventSpan {
  return {
    start: { kind: "date", day: firstDay },
    end: { kind: "date", day: Math.max(endDay ?? 0, firstDay + 1) },
  };
}

/** The attributes have local times of the sender, and nobody says where that is: they float. */
function spanOfAttributes({ attributes, properties }: MessageParts): EventSpan | undefined {
  const walls = [ATTRIBUTE.dateStart, ATTRIBUTE.dateEnd].map((name) => {
    const data = attributes.get(name);
    return data === undefined ? undefined : wallClockOfAttribute(data);
  });
  const [start, end] = walls;
  if (start === undefined) return undefined;
  if (isSet(properties, "allDay")) {
    const day = (wall: WallClock): number => Math.round(wall / SECONDS_PER_DAY);
    return daySpan(day(start), end === undefined ? undefined : day(end));
  }
  const floating = (wall: WallClock): EventTime => ({ kind: "local", wall, zone: undefined });
  return { start: floating(start), end: end === undefined ? undefined : floating(end) };
}
