import { type GlobalObjectId, SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import { dayBeginningAt, type EventTime, timeInZone } from "./event-time.ts";
import type { DefaultClock } from "./meeting-times.ts";
import type { MeetingZone } from "./meeting-zone.ts";
import { instantOf, isSet, numberOf, type PropertyList } from "./property-list.ts";

/** What a message is about: the whole meeting, one occurrence, or one that it does not tell. */
export type MeetingPart =
  | { readonly kind: "whole" }
  | { readonly kind: "occurrence"; readonly recurrenceId: EventTime }
  | { readonly kind: "unknown" };

/**
 * Finds out which occurrence a message is about, in the local time of its series. An occurrence that
 * cannot be told must not pass for the whole series: cancelling it would cancel everything.
 */
export function meetingPart(
  properties: PropertyList,
  {
    identity,
    zone,
    defaultClock,
  }: {
    readonly identity: GlobalObjectId | undefined;
    readonly zone: MeetingZone | undefined;
    readonly defaultClock: DefaultClock;
  },
): MeetingPart {
  const allDay = isSet(properties, "allDay");
  const replaced = instantOf(properties, "exceptionReplaceTime");
  if (replaced !== undefined) {
    const recurrenceId: EventTime = allDay
      ? { kind: "date", day: dayBeginningAt(replaced, zone, defaultClock) }
      : timeInZone(replaced, zone);
    return { kind: "occurrence", recurrenceId };
  }
  const day = identity?.occurrenceDay;
  if (day === undefined) return { kind: isSet(properties, "isException") ? "unknown" : "whole" };
  const time = startRecurrenceTime(properties);
  if (allDay || time === undefined) return { kind: "occurrence", recurrenceId: { kind: "date", day } };
  return { kind: "occurrence", recurrenceId: { kind: "local", wall: day * SECONDS_PER_DAY + time, zone } };
}

/** PidLidStartRecurrenceTime as seconds after midnight: hours, minutes and seconds in bits from 12, 6 and 0. */
function startRecurrenceTime(properties: PropertyList): number | undefined {
  const packed = numberOf(properties, "startRecurrenceTime");
  if (packed === undefined) return undefined;
  const [hour, minute, second] = [packed >> 12, (packed >> 6) & 63, packed & 63];
  return hour < 0 || hour > 23 || minute > 59 || second > 59 ? undefined : hour * 3600 + minute * 60 + second;
}
