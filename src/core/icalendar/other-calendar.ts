import { type CalendarMonth, calendarMonths } from "./calendar-months.ts";
import type { Frequency, RecurrenceRule } from "./recurrence-rule.ts";
import type { RuleContext } from "./rule-end.ts";
import { parseInteger, type RuleParts } from "./rule-parts.ts";
import { type CalendarTime, SECONDS_PER_DAY } from "./time.ts";

export interface OtherRule extends RuleContext {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly end: Pick<RecurrenceRule, "count" | "until">;
}

/** Few readers know other calendars, so they are given dates: enough until somebody updates the event. */
const MAX_DATES = 200;
const MAX_DAYS = 5 * 366;
/** In days; of the Hebrew calendar. */
const LONGEST_YEAR = 385;

/** A rule with any other part is not expanded. */
const KNOWN_PARTS = /^(FREQ|INTERVAL|COUNT|UNTIL|WKST|RSCALE|SKIP|BYMONTH|BYMONTHDAY|X-.*|)$/;

/**
 * Expands a yearly or monthly rule of another calendar (RFC 7529).
 * @returns what comes after DTSTART, at most 200 dates in five years; nothing for what we do not know
 */
export function expandOtherCalendar(parts: RuleParts, rule: OtherRule): CalendarTime[] {
  const { start, end, zone, frequency } = rule;
  if (frequency !== "YEARLY" && frequency !== "MONTHLY") return [];
  if (![...parts.keys()].every((key) => KNOWN_PARTS.test(key))) return [];
  const startDay = start.kind === "date" ? start.day : Math.floor(start.wall / SECONDS_PER_DAY);
  const lastDay = startDay + MAX_DAYS;
  const rscale = parts.get("RSCALE") ?? "GREGORIAN";
  const months = calendarMonths(rscale, startDay - LONGEST_YEAR, lastDay + LONGEST_YEAR) ?? [];

  const days = months.length === 0 ? [] : daysOf(parts, { ...rule, startDay, months });
  const later = [...new Set(days)].filter((day) => day > startDay && day <= lastDay).sort((a, b) => a - b);
  const limit = Math.min(MAX_DATES, (end.count ?? Number.POSITIVE_INFINITY) - 1); // DTSTART counts too
  return later.slice(0, limit).flatMap((day): CalendarTime[] => {
    const shift = (day - startDay) * SECONDS_PER_DAY;
    const time = start.kind === "date" ? { ...start, day } : { ...start, wall: start.wall + shift };
    const key = time.kind === "date" ? day * SECONDS_PER_DAY : zone.toInstant(time.wall);
    return end.until !== undefined && key > end.until ? [] : [time];
  });
}

interface Expansion extends OtherRule {
  readonly startDay: number;
  readonly months: readonly CalendarMonth[];
}

function daysOf(parts: RuleParts, expansion: Expansion): number[] {
  const { startDay, months } = expansion;
  const startMonth = months.find(({ start, length }) => startDay >= start && startDay < start + length);
  if (startMonth === undefined) return [];
  const list = (key: string) => parts.get(key)?.split(",") ?? [];
  const names = list("BYMONTH").flatMap((text) => /^0?(\d{1,2}L?)$/.exec(text)?.[1] ?? []);
  const dates = list("BYMONTHDAY").flatMap((text) => parseInteger(text) ?? []);
  if (dates.length === 0) dates.push(startDay - startMonth.start + 1);
  const skip = parts.get("SKIP") ?? "OMIT";
  const visited =
    expansion.frequency === "MONTHLY"
      ? visitedMonths(expansion, startMonth, names)
      : monthsOfVisitedYears(expansion, startMonth, { names, skip });
  return visited.flatMap((month) => dates.flatMap((date) => placeDate(month, date, skip)));
}

function visitedMonths(
  { months, interval }: Expansion,
  startMonth: CalendarMonth,
  names: readonly string[],
): CalendarMonth[] {
  const first = months.indexOf(startMonth);
  return months.filter(
    ({ name }, index) =>
      index >= first && (index - first) % interval === 0 && (names.length === 0 || names.includes(name)),
  );
}

function monthsOfVisitedYears(
  { months, interval }: Expansion,
  startMonth: CalendarMonth,
  { names, skip }: { readonly names: readonly string[]; readonly skip: string },
): CalendarMonth[] {
  const wanted = names.length === 0 ? [startMonth.name] : names;
  const years = Map.groupBy(months, ({ year }) => year);
  return [...years].flatMap(([year, inYear]) => {
    if (year < startMonth.year || (year - startMonth.year) % interval !== 0) return [];
    return wanted.flatMap((name) => placeMonth(inYear, name, skip));
  });
}

/** Of leap months that a year lacks, SKIP decides (RFC 7529 §4.1): `5L` becomes nothing, `5` or `6`. */
function placeMonth(inYear: readonly CalendarMonth[], name: string, skip: string): CalendarMonth[] {
  const number = Number.parseInt(name, 10);
  const instead = skip === "BACKWARD" ? number : skip === "FORWARD" ? number + 1 : undefined;
  const month =
    inYear.find((candidate) => candidate.name === name) ??
    inYear.find((candidate) => candidate.name === String(instead));
  return month === undefined ? [] : [month];
}

/** Of dates that a month lacks too: nothing, its last day, or the day after it. */
function placeDate({ start, length }: CalendarMonth, date: number, skip: string): number[] {
  if (date < 0) return -date <= length ? [start + length + date] : [];
  if (date >= 1 && date <= length) return [start + date - 1];
  if (date === 0 || date > 31 || skip === "OMIT") return [];
  return [skip === "FORWARD" ? start + length : start + length - 1];
}
