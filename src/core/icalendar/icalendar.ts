/**
 * iCalendar text (RFC 5545): octets to components, components to text, times and time zones.
 * Knows nothing of mail, of iTIP or of how events merge.
 */
export {
  type CalendarFault,
  type CalendarText,
  MAX_CALENDAR_OCTETS,
  readCalendarText,
} from "./calendar-object.ts";
export { type Component, findProperty, findValue, type Property } from "./component.ts";
export type { ZoneDefinition } from "./custom-zone.ts";
export {
  formatDay,
  formatTime,
  formatWall,
  parseDuration,
  parseTime,
  type WrittenTime,
} from "./date-time.ts";
export { findZone, type ZoneDefinitions } from "./find-zone.ts";
export { type GlobalObjectId, parseGlobalObjectId, seriesUidOf } from "./global-object-id.ts";
export { findIanaName } from "./iana-names.ts";
export {
  type Frequency,
  formatRecurrenceRule,
  type RecurrenceRule,
  type RuleWeekday,
} from "./recurrence-rule.ts";
export {
  expandRule,
  type InstanceKey,
  type RecurrenceSet,
  type RecurrenceSource,
  recurrenceSet,
} from "./recurrence-set.ts";
export { type ResolvedZone, resolveZone, type ZoneContext, type ZoneSource } from "./resolve-zone.ts";
export type { RuleContext } from "./rule-end.ts";
export { type ParsedRule, parseRecurrenceRule, type RuleRemark } from "./rule-parser.ts";
export { escapeText, foldLine, formatParameter } from "./text-writer.ts";
export {
  type CalendarDate,
  type CalendarDateTime,
  type CalendarTime,
  type Instant,
  SECONDS_PER_DAY,
  type WallClock,
  type ZoneId,
} from "./time.ts";
export { formatVtimezone } from "./vtimezone.ts";
export type { Transition, Zone } from "./zone.ts";
