import { civilDay, dayOf, weekdayOf } from "./civil-day.ts";
import type { Frequency, RecurrenceRule } from "./recurrence-rule.ts";
import { daySelection, firstWeekStart } from "./rule-days.ts";
import { SECONDS_PER_DAY, type WallClock } from "./time.ts";

/**
 * A rule as a row of periods: the years, months, weeks, days or hours that it visits, INTERVAL apart,
 * numbered from the one with DTSTART. Each yields its candidates without a look at the others, so any
 * point of the row is reached in one step. All of it is local time.
 */
export interface RulePeriods {
  /** The last visited period that does not start after `wall`. */
  indexAt(wall: WallClock): number;
  startOf(index: number): WallClock;
  /** What the rule picks in the period, even before DTSTART or after UNTIL. */
  candidatesOf(index: number): Candidates;
}

/** Ascending. No array, because a hostile rule has 86,400 times a day and BYSETPOS then picks one. */
export interface Candidates {
  readonly length: number;
  at(index: number): WallClock;
}

const SECONDS_PER_HOUR = 3600;

/** @param start DTSTART; of an all-day event, its midnight. */
export function rulePeriods(rule: RecurrenceRule, start: WallClock): RulePeriods {
  const { unitAt, startOf } = ROWS[rule.frequency](rule);
  const first = unitAt(start);
  const daysBetween = daySelection(rule, Math.floor(start / SECONDS_PER_DAY));
  const timesAt = timeSelection(rule, start);
  return {
    indexAt: (wall) => Math.floor((unitAt(wall) - first) / rule.interval),
    startOf: (index) => startOf(first + index * rule.interval),
    candidatesOf(index) {
      const unit = first + index * rule.interval;
      const [from, to] = [startOf(unit), startOf(unit + 1)];
      const days = daysBetween(Math.floor(from / SECONDS_PER_DAY), Math.ceil(to / SECONDS_PER_DAY));
      return pick(product(days, timesAt(from)), rule.bySetPos);
    },
  };
}

/**
 * Years, months, … as whole numbers, each from its start to that of the next. With BYWEEKNO a year is
 * its weeks: 29 December may be in week 1 of the year to come, and then counts to that.
 */
interface Row {
  unitAt(wall: WallClock): number;
  startOf(unit: number): WallClock;
}

const ROWS: Readonly<Record<Frequency, (rule: RecurrenceRule) => Row>> = {
  YEARLY({ byWeekNo, weekStart }) {
    const firstDayOf = (year: number) =>
      byWeekNo === undefined ? dayOf(year, 1, 1) : firstWeekStart(year, weekStart);
    return {
      unitAt(wall) {
        const day = Math.floor(wall / SECONDS_PER_DAY);
        const { year } = civilDay(day);
        return day < firstDayOf(year) ? year - 1 : day < firstDayOf(year + 1) ? year : year + 1;
      },
      startOf: (year) => firstDayOf(year) * SECONDS_PER_DAY,
    };
  },
  MONTHLY: () => ({
    unitAt(wall) {
      const { year, month } = civilDay(Math.floor(wall / SECONDS_PER_DAY));
      return year * 12 + month - 1;
    },
    startOf: (month) => dayOf(Math.floor(month / 12), (month % 12) + 1, 1) * SECONDS_PER_DAY,
  }),
  WEEKLY({ weekStart }) {
    const firstStart = (weekStart - weekdayOf(0)) * SECONDS_PER_DAY;
    return evenRow(7 * SECONDS_PER_DAY, firstStart);
  },
  DAILY: () => evenRow(SECONDS_PER_DAY, 0),
  HOURLY: () => evenRow(SECONDS_PER_HOUR, 0),
};

function evenRow(length: number, firstStart: WallClock): Row {
  return {
    unitAt: (wall) => Math.floor((wall - firstStart) / length),
    startOf: (unit) => firstStart + unit * length,
  };
}

/** Seconds after midnight, for the period that starts at some wall-clock time. */
function timeSelection(
  rule: RecurrenceRule,
  start: WallClock,
): (periodStart: WallClock) => readonly number[] {
  const second = secondOfDay(start);
  const hours = rule.byHour ?? [Math.floor(second / SECONDS_PER_HOUR)];
  const minutes = rule.byMinute ?? [Math.floor(second / 60) % 60];
  const seconds = rule.bySecond ?? [second % 60];
  const timesIn = (hour: number) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * SECONDS_PER_HOUR + minute * 60 + second));
  if (rule.frequency !== "HOURLY") {
    const times = hours.flatMap(timesIn);
    return () => times;
  }
  return (periodStart) => {
    const hour = secondOfDay(periodStart) / SECONDS_PER_HOUR;
    return rule.byHour === undefined || rule.byHour.includes(hour) ? timesIn(hour) : [];
  };
}

function secondOfDay(wall: WallClock): number {
  return wall - Math.floor(wall / SECONDS_PER_DAY) * SECONDS_PER_DAY;
}

/** Each day at each time. */
function product(days: readonly number[], times: readonly number[]): Candidates {
  return {
    length: days.length * times.length,
    at(index) {
      const day = days[Math.floor(index / times.length)] ?? 0;
      return day * SECONDS_PER_DAY + (times[index % times.length] ?? 0);
    },
  };
}

/** BYSETPOS: 1 is the first, -1 the last of the period. */
function pick(all: Candidates, positions: readonly number[] | undefined): Candidates {
  if (positions === undefined) return all;
  const indexes = positions
    .map((position) => (position > 0 ? position - 1 : all.length + position))
    .filter((index) => index >= 0 && index < all.length);
  const ascending = [...new Set(indexes)].sort((a, b) => a - b);
  return { length: ascending.length, at: (index) => all.at(ascending[index] ?? 0) };
}
