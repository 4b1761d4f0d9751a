import {
  type CalendarTime,
  findZone,
  type InstanceKey,
  SECONDS_PER_DAY,
  type ZoneDefinitions,
} from "../icalendar/icalendar.ts";

export type { InstanceKey };

/** The key of a time, no series known. */
export function instantKey(time: CalendarTime, zones: ZoneDefinitions): InstanceKey {
  if (time.kind === "date") return time.day * SECONDS_PER_DAY;
  return findZone(time.zone, zones).toInstant(time.wall);
}
