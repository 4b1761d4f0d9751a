import { civilDay, dayOf, monthLength, weekdayOf } from "./civil-day.ts";
import { MONDAY, type RecurrenceRule } from "./recurrence-rule.ts";
import { SECONDS_PER_DAY } from "./time.ts";
import type { Transition } from "./zone.ts";

/** Transitions that one rule describes: since some year each year, and for all we know for ever. */
export interface YearlyRun {
  readonly rule: RecurrenceRule;
  readonly transitions: readonly Transition[];
}

/** In fewer years a rule may hold by chance. */
const MIN_YEARS = 4;

/** A transition as the clock shows it that is about to be changed. */
interface Onset {
  readonly transition: Transition;
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly weekday: number;
  readonly timeOfDay: number;
}

/** One way to say on which day of the year clocks are changed. */
interface Pattern {
  readonly rules: readonly Pick<RecurrenceRule, "byMonth" | "byMonthDay" | "byDay">[];
  matches(onset: Onset): boolean;
}

/**
 * Finds the rule by which clocks go from one offset to another, in `lastYear` and the years before.
 * @param transitions all from the one offset to the other, in order
 * @returns one run; two where the rule reaches over the end of a month; none where there is no rule
 */
export function yearlyRuns(transitions: readonly Transition[], lastYear: number): YearlyRun[] {
  const onsets = transitions.map(onsetOf);
  const last = onsets.at(-1);
  if (last === undefined || last.year !== lastYear) return [];
  const candidates = patternsFrom(last).map(({ rules, matches }) => ({
    rules,
    run: runAtEnd(onsets, (onset) => onset.timeOfDay === last.timeOfDay && matches(onset)),
  }));
  const { rules, run } = candidates.reduce((best, next) => (next.run.length > best.run.length ? next : best));
  if (run.length < MIN_YEARS) return [];
  return rules.flatMap((days) => {
    const own = run.filter(({ month }) => days.byMonth?.includes(month));
    const rule: RecurrenceRule = { frequency: "YEARLY", interval: 1, ...days, weekStart: MONDAY };
    return own.length === 0 ? [] : [{ rule, transitions: own.map(({ transition }) => transition) }];
  });
}

function onsetOf(transition: Transition): Onset {
  const wall = transition.at + transition.before;
  const day = Math.floor(wall / SECONDS_PER_DAY);
  return {
    transition,
    ...civilDay(day),
    weekday: weekdayOf(day),
    timeOfDay: wall - day * SECONDS_PER_DAY,
  };
}

/** The longest row of years up to the last one, each with one onset that matches. */
function runAtEnd(onsets: readonly Onset[], matches: (onset: Onset) => boolean): readonly Onset[] {
  let first = onsets.length;
  for (let year = onsets.at(-1)?.year; ; first -= 1) {
    const onset = onsets[first - 1];
    if (onset === undefined || onset.year !== year || !matches(onset)) return onsets.slice(first);
    year -= 1;
  }
}

/** Every pattern that the last onset fits, the plainest first. */
function patternsFrom(last: Onset): Pattern[] {
  const { year, month, date, weekday } = last;
  const patterns: Pattern[] = [];
  const isWeekday = (onset: Onset) => onset.month === month && onset.weekday === weekday;
  const nth = Math.ceil(date / 7);
  patterns.push({
    rules: [{ byMonth: [month], byDay: [{ weekday, ordinal: nth }] }],
    matches: (onset) => isWeekday(onset) && Math.ceil(onset.date / 7) === nth,
  });
  if (date > monthLength(year, month) - 7) {
    patterns.push({
      rules: [{ byMonth: [month], byDay: [{ weekday, ordinal: -1 }] }],
      matches: (onset) => isWeekday(onset) && onset.date > monthLength(onset.year, month) - 7,
    });
  }
  patterns.push({
    rules: [{ byMonth: [month], byMonthDay: [date] }],
    matches: (onset) => onset.month === month && onset.date === date,
  });
  for (let shift = 0; shift < 7; shift += 1) patterns.push(weekPattern(last, date - shift));
  return patterns;
}

/**
 * A weekday within the week that begins with `firstDate` of the month, as the tz data's `Sun>=9`. The
 * week may reach into the month before or after: `lastThu 24:00` is a Friday as late as the first.
 */
function weekPattern({ year, month, weekday }: Onset, firstDate: number): Pattern {
  const datesOf = new Map<number, number[]>();
  for (let date = firstDate; date < firstDate + 7; date += 1) {
    const day = civilDay(dayOf(year, month, date));
    datesOf.set(day.month, [...(datesOf.get(day.month) ?? []), day.date]);
  }
  return {
    rules: [...datesOf].map(([month, dates]) => ({
      byMonth: [month],
      byMonthDay: dates,
      byDay: [{ weekday, ordinal: 0 }],
    })),
    matches: (onset) => onset.weekday === weekday && datesOf.get(onset.month)?.includes(onset.date) === true,
  };
}
