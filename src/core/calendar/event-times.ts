import {
  type CalendarTime,
  type Component,
  findProperty,
  findValue,
  SECONDS_PER_DAY,
} from "../icalendar/icalendar.ts";
import { instantKey } from "./instance-key.ts";
import type { PayloadTimes } from "./payload-times.ts";
import type { EventContent } from "./record.ts";

/** Longer than a year and a month is a mistake: a reader would show the event on every day of it. */
const MAX_EVENT_DAYS = 400;

/** When an event is, its first time. */
export type Extent = Pick<EventContent, "start" | "end">;

/** @returns "no-dtstart" or "bad-date" when the event cannot be placed in time. */
export function readExtent(event: Component, times: PayloadTimes): Extent | "no-dtstart" | "bad-date" {
  const property = findProperty(event, "DTSTART");
  if (property === undefined) return "no-dtstart";
  const written = times.read(property);
  if (written === undefined) return "bad-date";
  return asWholeDays(event, written, readEnd(event, written, times));
}

/** DTEND, else DTSTART and DURATION, in the kind of `start`; nothing when it makes no sense. */
function readEnd(event: Component, start: CalendarTime, times: PayloadTimes): CalendarTime | undefined {
  const property = findProperty(event, "DTEND");
  const written = property === undefined ? undefined : times.read(property);
  const duration = findValue(event, "DURATION");
  return plausibleEnd(
    start,
    written ?? (duration === undefined ? undefined : times.after(start, duration)),
    times,
  );
}

/** An end in the kind of `start`; none when it comes before it or absurdly late. Whole days end at least a day later. */
export function plausibleEnd(
  start: CalendarTime,
  end: CalendarTime | undefined,
  times: PayloadTimes,
): CalendarTime | undefined {
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

function dayOf(time: CalendarTime): number {
  return time.kind === "date" ? time.day : Math.floor(time.wall / SECONDS_PER_DAY);
}

/** QUIRK: Outlook marks whole days with a property of its own and writes midnights. */
function asWholeDays(event: Component, start: CalendarTime, end: CalendarTime | undefined): Extent {
  const isMarked = findValue(event, "X-MICROSOFT-CDO-ALLDAYEVENT")?.trim().toUpperCase() === "TRUE";
  const isMidnight = (time: CalendarTime) => time.kind === "date-time" && time.wall % SECONDS_PER_DAY === 0;
  if (!isMarked || !isMidnight(start) || (end !== undefined && !isMidnight(end))) return { start, end };
  const first = dayOf(start);
  const last = end === undefined ? first + 1 : Math.max(dayOf(end), first + 1);
  return { start: { kind: "date", day: first }, end: { kind: "date", day: last } };
}
