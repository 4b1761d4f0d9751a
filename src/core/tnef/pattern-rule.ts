import type { RecurrencePattern } from "./recurrence-blob.ts";

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;

/** What a rule says besides its pattern. */
export interface RuleFrame {
  /** `COUNT=…`, `UNTIL=…`, or nothing. */
  readonly end: string | undefined;
  /** 0 is Sunday. */
  readonly firstDayOfWeek: number;
  /** 1 to 12, the month of the first occurrence: that of a yearly rule. */
  readonly month: number;
}

/** The RRULE of a pattern (RFC 5545 §3.3.10). */
export function recurrenceRule(
  pattern: RecurrencePattern,
  { end, firstDayOfWeek, month }: RuleFrame,
): string {
  const weekStart = pattern.kind === "weekly" ? [`WKST=${WEEKDAYS[firstDayOfWeek]}`] : [];
  return [
    ...frequency(pattern, month),
    ...(end === undefined ? [] : [end]),
    ...days(pattern, month),
    ...weekStart,
  ].join(";");
}

function frequency(pattern: RecurrencePattern, month: number): string[] {
  switch (pattern.kind) {
    case "daily":
      return ["FREQ=DAILY", ...interval(pattern.days)];
    case "weekly":
      return ["FREQ=WEEKLY", ...interval(pattern.weeks)];
    default:
      return isYearly(pattern.months)
        ? ["FREQ=YEARLY", ...interval(pattern.months / 12), `BYMONTH=${month}`]
        : ["FREQ=MONTHLY", ...interval(pattern.months)];
  }
}

function interval(count: number): string[] {
  return count === 1 ? [] : [`INTERVAL=${count}`];
}

function isYearly(months: number): boolean {
  return months % 12 === 0;
}

function days(pattern: RecurrencePattern, month: number): string[] {
  switch (pattern.kind) {
    case "daily":
      return [];
    case "weekly":
      return [`BYDAY=${weekdays(pattern.weekdays).join()}`];
    case "nth-weekday":
      return nthWeekday(weekdays(pattern.weekdays), pattern.nth === 5 ? -1 : pattern.nth);
    case "day-of-month":
      return dayOfMonth(pattern.day, isYearly(pattern.months) ? shortest(month) : 28);
  }
}

function weekdays(mask: number): string[] {
  return WEEKDAYS.filter((_, day) => (mask & (1 << day)) !== 0);
}

/** The n-th day of the month among those weekdays; -1 is the last. */
function nthWeekday(names: readonly string[], nth: number): string[] {
  return names.length === 1 ? [`BYDAY=${nth}${names[0]}`] : [`BYDAY=${names.join()}`, `BYSETPOS=${nth}`];
}

/** The length of a month where it is shortest. */
function shortest(month: number): number {
  return new Date(Date.UTC(2001, month, 0)).getUTCDate();
}

/**
 * Outlook means "or the last day" where a month is too short for the day; iCalendar would skip that
 * month. `safeDay` is a day that every month in question has.
 */
function dayOfMonth(day: number, safeDay: number): string[] {
  if (day === 31) return ["BYMONTHDAY=-1"];
  if (day <= safeDay) return [`BYMONTHDAY=${day}`];
  const candidates = Array.from({ length: day - safeDay + 1 }, (_, index) => safeDay + index);
  return [`BYMONTHDAY=${candidates.join()}`, "BYSETPOS=-1"];
}
