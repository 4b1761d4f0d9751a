/**
 * iCalendar text (RFC 5545): octets to components, components to text, times and time zones.
 * Knows nothing of mail, of iTIP or of how events merge.
 */
export { type Component, findProperty, findValue, type Property } from "./component.ts";
export {
  type CalendarDate,
  type CalendarDateTime,
  type CalendarTime,
  type Instant,
  SECONDS_PER_DAY,
  type WallClock,
  type ZoneId,
} from "./time.ts";
