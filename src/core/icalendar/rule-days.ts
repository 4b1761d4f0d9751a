import { civilDay, dayOf, monthLength, weekdayOf, yearLength } from "./civil-day.ts";
import type { RecurrenceRule, RuleWeekday } from "./recurrence-rule.ts";

/** A day seen from its month and year. Month and dates count from 1. */
interface PlacedDay {
  readonly day: number;
  readonly year: number;
  readonly month: number;
  readonly date: number;
}
type DayTest = (placed: PlacedDay) => boolean;

/**
 * The days that a rule picks from those of one period, `from` up to and without `to`. Whether a BYxxx
 * part expands or limits (the table of RFC 5545 §3.3.10) comes to the same here: a day is picked when
 * it passes all parts, and what no part says is taken from DTSTART.
 */
export function daySelection(rule: RecurrenceRule, start: number): (from: number, to: number) => number[] {
  const completed = { ...rule, ...saidByStart(rule, start) };
  const months = completed.byMonth && new Set(completed.byMonth);
  const tests = testsOf(completed);
  return (from, to) => {
    const picked: number[] = [];
    for (let day = from; day < to; ) {
      const { year, month, date } = civilDay(day);
      const dayZero = day - date;
      const monthEnd = Math.min(to, dayZero + monthLength(year, month) + 1);
      if (months !== undefined && !months.has(month)) day = monthEnd;
      for (; day < monthEnd; day += 1) {
        const placed = { day, year, month, date: day - dayZero };
        if (tests.every((passes) => passes(placed))) picked.push(day);
      }
    }
    return picked;
  };
}

/** Which days are meant where no part says it: those like DTSTART (RFC 5545 §3.3.10). */
function saidByStart(rule: RecurrenceRule, start: number): Partial<RecurrenceRule> {
  if (rule.byDay !== undefined || rule.byMonthDay !== undefined || rule.byYearDay !== undefined) return {};
  const byDay = [{ weekday: weekdayOf(start), ordinal: 0 }];
  const { month, date } = civilDay(start);
  switch (rule.frequency) {
    case "YEARLY":
      if (rule.byWeekNo !== undefined) return { byDay };
      return { byMonth: rule.byMonth ?? [month], byMonthDay: [date] };
    case "MONTHLY":
      return { byMonthDay: [date] };
    case "WEEKLY":
      return { byDay };
    default:
      return {};
  }
}

function testsOf(rule: RecurrenceRule): DayTest[] {
  const tests: DayTest[] = [];
  if (rule.byMonthDay !== undefined) {
    const dates = new Set(rule.byMonthDay);
    tests.push(({ year, month, date }) => dates.has(date) || dates.has(date - monthLength(year, month) - 1));
  }
  if (rule.byYearDay !== undefined) {
    const numbers = new Set(rule.byYearDay);
    tests.push(({ day, year }) => {
      const number = day - dayOf(year, 1, 1) + 1;
      return numbers.has(number) || numbers.has(number - yearLength(year) - 1);
    });
  }
  if (rule.byDay !== undefined) {
    const inYear = rule.frequency === "YEARLY" && rule.byMonth === undefined;
    tests.push(weekdayTest(rule.byDay, inYear ? placeInYear : placeInMonth));
  }
  if (rule.byWeekNo !== undefined) tests.push(weekTest(rule.byWeekNo, rule.weekStart));
  return tests;
}

/** How many days lie before a day in its month or year, and after it. */
type Place = (placed: PlacedDay) => readonly [before: number, after: number];

function placeInMonth({ year, month, date }: PlacedDay): [number, number] {
  return [date - 1, monthLength(year, month) - date];
}

function placeInYear({ day, year }: PlacedDay): [number, number] {
  const before = day - dayOf(year, 1, 1);
  return [before, yearLength(year) - 1 - before];
}

function weekdayTest(byDay: readonly RuleWeekday[], placeOf: Place): DayTest {
  const ordinalsOf = Array.from(
    { length: 7 },
    (_, weekday) => new Set(byDay.filter((entry) => entry.weekday === weekday).map((entry) => entry.ordinal)),
  );
  return (placed) => {
    const ordinals = ordinalsOf[weekdayOf(placed.day)];
    if (ordinals === undefined || ordinals.size === 0) return false;
    if (ordinals.has(0)) return true;
    const [before, after] = placeOf(placed);
    return ordinals.has(Math.floor(before / 7) + 1) || ordinals.has(-Math.floor(after / 7) - 1);
  };
}

/** The day on which week 1 begins: the first week with four days in the year (RFC 5545 §3.3.10, ISO 8601). */
export function firstWeekStart(year: number, weekStart: number): number {
  return startOfWeek(dayOf(year, 1, 4), weekStart);
}

function startOfWeek(day: number, weekStart: number): number {
  return day - ((weekdayOf(day) - weekStart + 7) % 7);
}

function weekTest(byWeekNo: readonly number[], weekStart: number): DayTest {
  const numbers = new Set(byWeekNo);
  return ({ day }) => {
    const week = startOfWeek(day, weekStart);
    const { year } = civilDay(week + 3);
    const first = firstWeekStart(year, weekStart);
    const number = (week - first) / 7 + 1;
    const weeks = (firstWeekStart(year + 1, weekStart) - first) / 7;
    return numbers.has(number) || numbers.has(number - weeks - 1);
  };
}
