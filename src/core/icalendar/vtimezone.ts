import { dayOf } from "./civil-day.ts";
import { formatWall } from "./date-time.ts";
import { formatRecurrenceRule, type RecurrenceRule } from "./recurrence-rule.ts";
import { type Instant, SECONDS_PER_DAY } from "./time.ts";
import { type YearlyRun, yearlyRuns } from "./yearly-run.ts";
import type { Transition, Zone } from "./zone.ts";

/** Some readers fail on times before 1970. */
const FIRST_YEAR = 1970;
/** Transitions that follow no rule are told up to here, as the compilers of the tz data do. */
const LAST_YEAR = 2037;
/** A rule is in force if nothing else has happened since. */
const RULED_SINCE = LAST_YEAR - 3;

/** A STANDARD or DAYLIGHT to be written: one transition, or the first of those that a rule names. */
interface WrittenObservance {
  readonly transition: Transition;
  readonly rule?: RecurrenceRule;
}

/**
 * The VTIMEZONE of a zone (RFC 5545 §3.6.5) as content lines that are yet to be folded, good for times
 * from `fromYear` on. The rules in force are told as RRULE since they began, older transitions one by
 * one: Outlook misreads RDATE here. Offsets are whole minutes: Outlook on the web refuses seconds.
 */
export function formatVtimezone(zone: Zone, fromYear: number): string[] {
  // In the east the year begins up to 14 hours earlier.
  const start = yearStart(Math.max(fromYear, FIRST_YEAR)) - SECONDS_PER_DAY;
  const all = zone.transitions(yearStart(FIRST_YEAR), yearStart(LAST_YEAR + 1)).map(toMinutes);
  const observances = observancesFrom(all, start, minutes(zone.offsetAt(start)));
  const lines = observances
    .sort((a, b) => a.transition.at - b.transition.at)
    .flatMap((observance) => observanceLines(observance, isDaylight(observance.transition, all)));
  return ["BEGIN:VTIMEZONE", `TZID:${zone.id}`, ...lines, "END:VTIMEZONE"];
}

function yearStart(year: number): Instant {
  return dayOf(year, 1, 1) * SECONDS_PER_DAY;
}

function minutes(seconds: number): number {
  return Math.round(seconds / 60) * 60;
}

function toMinutes({ at, before, after }: Transition): Transition {
  return { at, before: minutes(before), after: minutes(after) };
}

/** What a reader must know to tell every time from `start` on; `offset` is that of `start`. */
function observancesFrom(all: readonly Transition[], start: Instant, offset: number): WrittenObservance[] {
  const runs = runsInForce(all);
  const ruled = new Set(runs.flatMap(({ transitions }) => transitions));
  const current = all.findLastIndex(({ at }) => at <= start);
  const later = all.slice(current + 1).filter((transition) => !ruled.has(transition));
  const byRule = runs.flatMap(({ rule, transitions: [first] }) =>
    first ? [{ transition: first, rule }] : [],
  );
  const single = later.map((transition) => ({ transition }));

  const beginning = all[current];
  if (beginning === undefined || byRule.length === 0) {
    // A change to the offset that is there already, long ago: the time before the first real one.
    return [{ transition: { at: -offset, before: offset, after: offset } }, ...byRule, ...single];
  }
  return ruled.has(beginning) ? [...byRule, ...single] : [{ transition: beginning }, ...byRule, ...single];
}

/** The rules that clocks follow at the end of `all`, none if they do not tell the whole of it. */
function runsInForce(all: readonly Transition[]): YearlyRun[] {
  const alike = Map.groupBy(all, ({ before, after }) => `${before} ${after}`);
  const runs = [...alike.values()].flatMap((transitions) => yearlyRuns(transitions, LAST_YEAR));
  const ruled = new Set(runs.flatMap(({ transitions }) => transitions));
  return all.every((transition) => transition.at < yearStart(RULED_SINCE) || ruled.has(transition))
    ? runs
    : [];
}

/** Clocks that go forward, and back within the year. */
function isDaylight(transition: Transition, all: readonly Transition[]): boolean {
  const next = all[all.indexOf(transition) + 1];
  if (next === undefined || !all.includes(transition)) return false;
  const { at, before, after } = transition;
  return after > before && next.after < next.before && next.at - at < 300 * SECONDS_PER_DAY;
}

function observanceLines({ transition, rule }: WrittenObservance, daylight: boolean): string[] {
  const name = daylight ? "DAYLIGHT" : "STANDARD";
  return [
    `BEGIN:${name}`,
    `DTSTART:${formatWall(transition.at + transition.before)}`,
    `TZOFFSETFROM:${formatOffset(transition.before)}`,
    `TZOFFSETTO:${formatOffset(transition.after)}`,
    ...(rule === undefined ? [] : [`RRULE:${formatRecurrenceRule(rule, "date-time")}`]),
    `END:${name}`,
  ];
}

/** UTC-OFFSET (RFC 5545 §3.3.14). */
function formatOffset(seconds: number): string {
  const size = Math.abs(seconds) / 60;
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${digits(size / 60)}${digits(size % 60)}`;
}
