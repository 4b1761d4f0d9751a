import type { RecurrenceRule } from "../../../src/core/icalendar/icalendar.ts";

const DAY = 86_400;

/**
 * What RFC 5545 §3.3.10 says, slowly: looks at every day from DTSTART on, sorts those that pass by
 * period, and applies BYSETPOS. Shares no code with what it judges. COUNT and UNTIL are not looked at.
 * @returns wall clocks, ascending, not before `start`
 */
export function naiveInstances(rule: RecurrenceRule, start: number, days: number): number[] {
  const startDay = Math.floor(start / DAY);
  const periods = new Map<string, number[]>();
  // A period may begin before DTSTART, and end after the last day asked for.
  const margin = rule.frequency === "YEARLY" ? 380 : 31;
  for (let day = startDay - margin; day < startDay + days + margin; day += 1) {
    if (!passes(rule, day, startDay)) continue;
    for (const time of timesOf(rule, start - startDay * DAY)) {
      const period = periodOf(rule, day, time, start);
      if (period === undefined) continue;
      const members = periods.get(period) ?? [];
      if (members.length === 0) periods.set(period, members);
      members.push(day * DAY + time);
    }
  }
  return [...periods.values()]
    .flatMap((all) =>
      picked(
        all.sort((a, b) => a - b),
        rule.bySetPos,
      ),
    )
    .filter((wall) => wall >= start && wall < (startDay + days) * DAY)
    .sort((a, b) => a - b);
}

function picked(all: readonly number[], positions: readonly number[] | undefined): number[] {
  if (positions === undefined) return [...all];
  return all.filter((_, index) => positions.includes(index + 1) || positions.includes(index - all.length));
}

const date = (day: number): Date => new Date(day * DAY * 1000);
const dayOf = (year: number, month: number, dateOfMonth: number): number =>
  Date.UTC(year, month, dateOfMonth) / 1000 / DAY;

function passes(rule: RecurrenceRule, day: number, startDay: number): boolean {
  const [now, first] = [date(day), date(startDay)];
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const lengthOfMonth = dayOf(year, month + 1, 1) - dayOf(year, month, 1);
  const lengthOfYear = dayOf(year + 1, 0, 1) - dayOf(year, 0, 1);
  const yearDay = day - dayOf(year, 0, 1) + 1;
  const hasDays = rule.byDay ?? rule.byMonthDay ?? rule.byYearDay;
  const { frequency } = rule;

  if (rule.byMonth !== undefined && !rule.byMonth.includes(month + 1)) return false;
  if (rule.byMonthDay !== undefined && !countsAs(rule.byMonthDay, now.getUTCDate(), lengthOfMonth))
    return false;
  if (rule.byYearDay !== undefined && !countsAs(rule.byYearDay, yearDay, lengthOfYear)) return false;
  if (rule.byWeekNo !== undefined && !isInWeeks(rule, day)) return false;
  if (rule.byDay !== undefined && !isWeekday(rule, day)) return false;
  if (hasDays !== undefined) return true;

  const sameWeekday = now.getUTCDay() === first.getUTCDay();
  const sameDate = now.getUTCDate() === first.getUTCDate();
  if (frequency === "WEEKLY") return sameWeekday;
  if (frequency === "MONTHLY") return sameDate;
  if (frequency !== "YEARLY") return true;
  if (rule.byWeekNo !== undefined) return sameWeekday;
  return sameDate && (rule.byMonth !== undefined || month === first.getUTCMonth());
}

function countsAs(numbers: readonly number[], number: number, length: number): boolean {
  return numbers.includes(number) || numbers.includes(number - length - 1);
}

function isWeekday(rule: RecurrenceRule, day: number): boolean {
  const now = date(day);
  const inYear = rule.frequency === "YEARLY" && rule.byMonth === undefined;
  const isSameStretch = (other: Date): boolean =>
    other.getUTCFullYear() === now.getUTCFullYear() && (inYear || other.getUTCMonth() === now.getUTCMonth());
  let [before, after] = [0, 0];
  while (isSameStretch(date(day - 7 * (before + 1)))) before += 1;
  while (isSameStretch(date(day + 7 * (after + 1)))) after += 1;
  return (rule.byDay ?? []).some(
    ({ weekday, ordinal }) =>
      weekday === now.getUTCDay() && (ordinal === 0 || ordinal === before + 1 || ordinal === -after - 1),
  );
}

const knownWeeks = new Map<string, readonly number[]>();

/** The first days of all weeks that belong to a year: those with most of their days in it. */
function weeksOf(year: number, weekStart: number): readonly number[] {
  const key = `${year} ${weekStart}`;
  const known = knownWeeks.get(key);
  if (known !== undefined) return known;
  const weeks: number[] = [];
  for (let day = dayOf(year, 0, 1) - 7; day < dayOf(year + 1, 0, 1); day += 1) {
    if (date(day).getUTCDay() === weekStart && date(day + 3).getUTCFullYear() === year) weeks.push(day);
  }
  knownWeeks.set(key, weeks);
  return weeks;
}

function weekYear(day: number, weekStart: number): number {
  const year = date(day).getUTCFullYear();
  return [year - 1, year, year + 1].find((candidate) =>
    weeksOf(candidate, weekStart).some((week) => day >= week && day < week + 7),
  ) as number;
}

function isInWeeks({ byWeekNo, weekStart }: RecurrenceRule, day: number): boolean {
  const weeks = weeksOf(weekYear(day, weekStart), weekStart);
  const index = weeks.findIndex((week) => day >= week && day < week + 7);
  return countsAs(byWeekNo ?? [], index + 1, weeks.length);
}

function timesOf(rule: RecurrenceRule, startTime: number): number[] {
  const hourly = rule.frequency === "HOURLY" ? Array.from({ length: 24 }, (_, hour) => hour) : undefined;
  const hours = rule.byHour ?? hourly ?? [Math.floor(startTime / 3600)];
  const minutes = rule.byMinute ?? [Math.floor(startTime / 60) % 60];
  const seconds = rule.bySecond ?? [startTime % 60];
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
  );
}

/** A name for the period that holds a time; nothing when INTERVAL leaves it out. */
function periodOf(rule: RecurrenceRule, day: number, time: number, start: number): string | undefined {
  const number = (of: number, ofTime: number): number => {
    const at = date(of);
    switch (rule.frequency) {
      case "YEARLY":
        return rule.byWeekNo === undefined ? at.getUTCFullYear() : weekYear(of, rule.weekStart);
      case "MONTHLY":
        return at.getUTCFullYear() * 12 + at.getUTCMonth();
      case "WEEKLY": {
        let first = of;
        while (date(first).getUTCDay() !== rule.weekStart) first -= 1;
        return Math.floor(first / 7);
      }
      case "DAILY":
        return of;
      case "HOURLY":
        return of * 24 + Math.floor(ofTime / 3600);
    }
  };
  const startDay = Math.floor(start / DAY);
  const difference = number(day, time) - number(startDay, start - startDay * DAY);
  return difference % rule.interval === 0 ? String(difference) : undefined;
}
