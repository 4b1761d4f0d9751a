import { SECONDS_PER_DAY, type WallClock } from "../icalendar/icalendar.ts";
import { wallClockOfMinutes } from "./file-time.ts";
import { OctetCursor } from "./octet-cursor.ts";
import { type RecurrenceException, readExceptions } from "./recurrence-exceptions.ts";

/** How the days of a series follow from each other ([MS-OXOCAL] 2.2.1.44.1). */
export type RecurrencePattern =
  | { readonly kind: "daily"; readonly days: number }
  | { readonly kind: "weekly"; readonly weeks: number; readonly weekdays: number }
  | { readonly kind: "day-of-month"; readonly months: number; readonly day: number }
  | {
      readonly kind: "nth-weekday";
      readonly months: number;
      readonly weekdays: number;
      readonly nth: number;
    };

/** Where a series ends. */
export type RecurrenceEnd =
  | { readonly kind: "never" }
  | { readonly kind: "after"; readonly occurrences: number }
  /** Midnight of the last day. */
  | { readonly kind: "by"; readonly lastDay: WallClock };

/** A series in the local time of its zone. */
export interface Recurrence {
  readonly pattern: RecurrencePattern;
  readonly end: RecurrenceEnd;
  /** The first day of the week, 0 being Sunday. */
  readonly firstDayOfWeek: number;
  /** Midnight of the first occurrence. */
  readonly firstDay: WallClock;
  /** When an occurrence starts and ends, in seconds after its midnight; missing in an old, short blob. */
  readonly times?: OccurrenceTimes;
  /** Midnights of the occurrences that do not take place; those of `exceptions` are not among them. */
  readonly deletedDays: readonly WallClock[];
  readonly exceptions: readonly RecurrenceException[];
  /** False when times or exceptions were lost on the way. */
  readonly intact: boolean;
}

export interface OccurrenceTimes {
  readonly start: number;
  readonly end: number;
}

const VERSION = 0x3004;
// A series of a thousand exceptions, each with a subject and a place, is not that long.
const MAX_OCTETS = 64 * 1024;
const MAX_DURATION = 400 * SECONDS_PER_DAY;
const MINUTES_PER_DAY = 1440;
const ALL_WEEKDAYS = 0x7f;

const END = { afterCount: 0x2022, never: 0x2023, neverInOldOutlook: 0xffffffff } as const;
const PATTERN = { day: 0, week: 1, month: 2, monthNth: 3, monthEnd: 4 } as const;
const NO_END_DATE = 0x5ae980df;

/**
 * CalendarTypes whose months and days are the Gregorian ones, whatever they call the year. In the others
 * (Hijri, Hebrew, lunar) the fifth of the month is another day.
 */
const GREGORIAN_CALENDARS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12]);

/**
 * Reads PidLidAppointmentRecur ([MS-OXOCAL] 2.2.1.44). Damage behind the pattern costs exceptions;
 * damage within it, and a pattern that iCalendar cannot say, the whole series (undefined).
 */
export function parseRecurrence(octets: Uint8Array, codePage: number): Recurrence | undefined {
  if (octets.length > MAX_OCTETS) return undefined;
  const cursor = new OctetCursor(octets);
  if (cursor.uint16() !== VERSION) return undefined;
  cursor.skip(4); // writer's version; frequency, which the pattern and its period say again
  const patternType = cursor.uint16();
  const calendarType = cursor.uint16();
  cursor.skip(4); // first date: the phase of the pattern, which the start date has too
  const period = cursor.uint32();
  cursor.skip(4); // sliding flag, for tasks only
  const pattern = readPattern(cursor, patternType, period);
  const endType = cursor.uint32();
  const occurrences = cursor.uint32();
  const firstDayOfWeek = cursor.uint32();
  const deletedDays = readDates(cursor);
  const newDays = readDates(cursor); // of modified occurrences; the exceptions have their times as well
  const firstDay = wallClockOfMinutes(cursor.uint32());
  const end = recurrenceEnd(endType, occurrences, cursor.uint32());
  if (pattern === undefined || firstDay === undefined || end === undefined) return undefined;
  if (cursor.overrun || firstDayOfWeek > 6) return undefined;
  if ("months" in pattern && !GREGORIAN_CALENDARS.has(calendarType)) return undefined;

  const { version, times } = readTimes(cursor);
  const exceptions = readExceptions(cursor, { version, codePage });
  const modifiedDays = new Set(exceptions.map(({ originalStart }) => midnightOf(originalStart)));
  return {
    pattern,
    end,
    firstDayOfWeek,
    firstDay,
    ...(times === undefined ? {} : { times }),
    deletedDays: deletedDays.filter((day) => !modifiedDays.has(day)),
    exceptions,
    intact: exceptions.length === newDays.length && !cursor.overrun,
  };
}

function midnightOf(wall: WallClock): WallClock {
  return wall - (((wall % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY);
}

function readPattern(cursor: OctetCursor, type: number, period: number): RecurrencePattern | undefined {
  if (type === PATTERN.day) {
    const days = period / MINUTES_PER_DAY;
    return Number.isInteger(days) && days > 0 ? { kind: "daily", days } : undefined;
  }
  if (period === 0) return undefined;
  if (type === PATTERN.week) {
    const weekdays = cursor.uint32() & ALL_WEEKDAYS;
    return weekdays === 0 ? undefined : { kind: "weekly", weeks: period, weekdays };
  }
  if (type === PATTERN.month || type === PATTERN.monthEnd) {
    const day = cursor.uint32();
    if (type === PATTERN.monthEnd) return { kind: "day-of-month", months: period, day: 31 };
    return day < 1 || day > 31 ? undefined : { kind: "day-of-month", months: period, day };
  }
  if (type === PATTERN.monthNth) {
    const weekdays = cursor.uint32() & ALL_WEEKDAYS;
    const nth = cursor.uint32();
    if (weekdays === 0 || nth < 1 || nth > 5) return undefined;
    return { kind: "nth-weekday", months: period, weekdays, nth };
  }
  return undefined; // Hijri months, or what nobody has defined
}

/** A counted list of minutes since 1601; those outside the calendar are left out. */
function readDates(cursor: OctetCursor): WallClock[] {
  const dates = new OctetCursor(cursor.take(cursor.uint32() * 4));
  const walls: WallClock[] = [];
  while (dates.remaining > 0) {
    const wall = wallClockOfMinutes(dates.uint32());
    if (wall !== undefined) walls.push(wall);
  }
  return walls;
}

function recurrenceEnd(type: number, occurrences: number, endDate: number): RecurrenceEnd | undefined {
  if (type === END.never || type === END.neverInOldOutlook) return { kind: "never" };
  if (type === END.afterCount && occurrences > 0) return { kind: "after", occurrences };
  if (endDate === NO_END_DATE) return { kind: "never" };
  const lastDay = wallClockOfMinutes(endDate);
  return lastDay === undefined ? undefined : { kind: "by", lastDay };
}

function readTimes(cursor: OctetCursor): { version: number; times: OccurrenceTimes | undefined } {
  if (cursor.remaining === 0) return { version: 0, times: undefined }; // a RecurrencePattern and no more
  cursor.skip(4); // reader's version
  const version = cursor.uint32();
  const times = { start: cursor.uint32() * 60, end: cursor.uint32() * 60 };
  const possible = times.start < 2 * SECONDS_PER_DAY && times.end - times.start <= MAX_DURATION;
  return { version, times: cursor.overrun || !possible ? undefined : times };
}
