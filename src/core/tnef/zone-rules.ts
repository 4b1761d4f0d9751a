import { type Instant, SECONDS_PER_DAY, type WallClock } from "../icalendar/icalendar.ts";

/**
 * When a zone changes its clocks: the local time in force before the change ([MS-OXOCAL] 2.2.1.39,
 * SYSTEMTIME of [MS-DTYP] 2.3.13).
 */
export type ZoneChange =
  /** Every year on the n-th `weekday` of the month, 5 being the last. 0 is Sunday. */
  | {
      readonly on: "weekday";
      readonly month: number;
      readonly weekday: number;
      readonly nth: number;
      readonly second: number;
    }
  /** Every year on that day of the month. */
  | { readonly on: "day"; readonly month: number; readonly day: number; readonly second: number }
  /** Once. */
  | { readonly on: "once"; readonly wall: WallClock };

/** The clocks of one zone, as a time zone structure describes them. Offsets are seconds east of Greenwich. */
export interface ZoneRules {
  readonly standardOffset: number;
  /** Missing where there is no daylight saving. */
  readonly daylight?: {
    readonly offset: number;
    readonly begins: ZoneChange;
    readonly ends: ZoneChange;
  };
}

interface Transition {
  readonly at: Instant;
  readonly offsetAfter: number;
}

/** The offset from UTC in force at an instant, in seconds east of Greenwich. */
export function utcOffsetAt(rules: ZoneRules, instant: Instant): number {
  if (rules.daylight === undefined) return rules.standardOffset;
  const year = new Date((instant + rules.standardOffset) * 1000).getUTCFullYear();
  const transitions = [...transitionsOf(rules, year - 1), ...transitionsOf(rules, year)];
  const passed = transitions.filter(({ at }) => at <= instant);
  const last = passed.reduce<Transition | undefined>(
    (a, b) => (a !== undefined && a.at > b.at ? a : b),
    undefined,
  );
  if (last !== undefined) return last.offsetAfter;
  // Only changes that happen once can all lie ahead: before the first of them the other offset holds.
  const next = transitions.reduce((a, b) => (a.at <= b.at ? a : b));
  return next.offsetAfter === rules.standardOffset ? rules.daylight.offset : rules.standardOffset;
}

/** What the zone's clocks show at an instant. */
export function wallClockAt(rules: ZoneRules, instant: Instant): WallClock {
  return instant + utcOffsetAt(rules, instant);
}

/**
 * The instant at which the zone's clocks show a time. Of two such instants the first; a time that is
 * skipped takes the offset before the gap (RFC 5545 §3.3.5).
 */
export function instantAt(rules: ZoneRules, wall: WallClock): Instant {
  const before = utcOffsetAt(rules, wall - rules.standardOffset - SECONDS_PER_DAY);
  const after = utcOffsetAt(rules, wall - rules.standardOffset + SECONDS_PER_DAY);
  const candidates = [wall - before, wall - after].filter((instant) => wallClockAt(rules, instant) === wall);
  return candidates.length === 0 ? wall - before : Math.min(...candidates);
}

/** The changes of one year; those that happen once are of every year, for they are compared as instants. */
function transitionsOf(rules: ZoneRules, year: number): Transition[] {
  if (rules.daylight === undefined) return [];
  const { offset, begins, ends } = rules.daylight;
  return [
    { at: changeIn(begins, year) - rules.standardOffset, offsetAfter: offset },
    { at: changeIn(ends, year) - offset, offsetAfter: rules.standardOffset },
  ];
}

/** The local time of a change in a year. */
export function changeIn(change: ZoneChange, year: number): WallClock {
  if (change.on === "once") return change.wall;
  return dayOfChange(change, year) * SECONDS_PER_DAY + change.second;
}

function dayOfChange(change: Exclude<ZoneChange, { on: "once" }>, year: number): number {
  const first = Date.UTC(year, change.month - 1, 1) / 1000 / SECONDS_PER_DAY;
  const length = new Date(Date.UTC(year, change.month, 0)).getUTCDate();
  if (change.on === "day") return first + Math.min(change.day, length) - 1;
  const weekdayOfFirst = (((first + 4) % 7) + 7) % 7; // day 0, 1970-01-01, was a Thursday
  const offset = ((change.weekday - weekdayOfFirst + 7) % 7) + (change.nth - 1) * 7;
  return first + (offset < length ? offset : offset - 7);
}
