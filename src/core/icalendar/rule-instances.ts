import type { RecurrenceRule } from "./recurrence-rule.ts";
import { type Candidates, type RulePeriods, rulePeriods } from "./rule-periods.ts";
import { type CalendarTime, type Instant, SECONDS_PER_DAY, type WallClock } from "./time.ts";
import { UTC, type Zone } from "./zone.ts";

/** Rules are endless, and this calendar ends with the year 2100. */
export const END_OF_TIME: Instant = Date.UTC(2101, 0, 1) / 1000;

/** After so long every weekday has fallen on every date: what was silent till then stays silent. */
export const MAX_SILENCE = 28 * 366 * SECONDS_PER_DAY;

/** Other services stop at 3,000 to 3,500 instances of a series. */
const MAX_INSTANCES = 3_000;
/** Periods cost time even if the rule picks nothing in them. */
const MAX_PERIODS = 10_000;

/** What is left to spend on one question. Searches take from it, so that several can share it. */
export interface Effort {
  instances: number;
  periods: number;
}

export function newEffort(): Effort {
  return { instances: MAX_INSTANCES, periods: MAX_PERIODS };
}

/** What instances are computed from. Of an all-day event `start` is its midnight, and the zone UTC. */
export interface RuleSource {
  readonly rule: RecurrenceRule;
  readonly start: WallClock;
  readonly zone: Zone;
  readonly periods: RulePeriods;
}

/** @param zone that of `start`; it does not matter for whole days */
export function ruleSource(rule: RecurrenceRule, start: CalendarTime, zone: Zone): RuleSource {
  const isDate = start.kind === "date";
  const wall = isDate ? start.day * SECONDS_PER_DAY : start.wall;
  return { rule, start: wall, zone: isDate ? UTC : zone, periods: rulePeriods(rule, wall) };
}

/** How far a local time can be from its instant: no clock is a day from UTC, and none skips more than one. */
const WIDEST_DIFFERENCE = 2 * SECONDS_PER_DAY;

/**
 * The instants at or after `from` that a rule names, ascending, each once; COUNT is not looked at. Ends
 * with the rule, with the calendar, after 28 silent years, or when the effort is spent.
 */
export function* ruleInstances(
  { rule, start, zone, periods }: RuleSource,
  from: Instant,
  effort: Effort,
): Generator<Instant, void> {
  const until = Math.min(rule.until ?? END_OF_TIME, END_OF_TIME);
  if (from > until) return;
  const earliest = Math.max(start, from - WIDEST_DIFFERENCE);
  const queue = new InstantQueue();
  let lastHit = earliest;
  for (let index = periods.indexAt(earliest); effort.periods > 0; index += 1) {
    effort.periods -= 1;
    const periodStart = periods.startOf(index);
    if (periodStart > until + WIDEST_DIFFERENCE || periodStart > lastHit + MAX_SILENCE) break;
    const candidates = periods.candidatesOf(index);
    for (let n = firstNotBefore(earliest, candidates); n < candidates.length; n += 1) {
      if (effort.instances <= 0) return;
      effort.instances -= 1;
      lastHit = candidates.at(n);
      for (const instant of queue.push(lastHit, zone)) {
        if (instant > until) return;
        if (instant >= from) yield instant;
      }
    }
  }
  for (const instant of queue.rest()) if (instant >= from && instant <= until) yield instant;
}

/**
 * Puts instants in order. Local times that a clock skips are read with the offset before (RFC 5545
 * §3.3.5), so 02:30 on that night comes after 03:00, and at the same time as 03:30.
 */
class InstantQueue {
  #moved: Instant[] = [];
  #last = Number.NEGATIVE_INFINITY;

  /** Takes the next local time, gives what can no longer be overtaken. */
  push(wall: WallClock, zone: Zone): Instant[] {
    const instant = zone.toInstant(wall);
    if (zone.toWall(instant) !== wall) {
      this.#moved.push(instant);
      return [];
    }
    if (this.#moved.length === 0) return this.#once([instant]);
    const ready = this.#moved.filter((moved) => moved < instant);
    this.#moved = this.#moved.filter((moved) => moved > instant);
    return this.#once([...ready, instant]);
  }

  rest(): Instant[] {
    return this.#once(this.#moved);
  }

  #once(ascending: Instant[]): Instant[] {
    return ascending.filter((instant) => {
      const isNew = instant > this.#last;
      if (isNew) this.#last = instant;
      return isNew;
    });
  }
}

function firstNotBefore(wall: WallClock, candidates: Candidates): number {
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (candidates.at(middle) < wall) low = middle + 1;
    else high = middle;
  }
  return low;
}
