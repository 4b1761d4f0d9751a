import type { Frequency } from "./recurrence-rule.ts";
import { END_OF_TIME, MAX_SILENCE, newEffort, type RuleSource, ruleInstances } from "./rule-instances.ts";
import { type Instant, SECONDS_PER_DAY } from "./time.ts";

/** The instances of DTSTART and RRULE, without RDATE and EXDATE. Every question costs a bounded effort. */
export interface RuleWalk {
  /** Ascending, at or after `key`. */
  from(key: Instant): Iterable<Instant>;
  lastBefore(key: Instant, accepts: (instant: Instant) => boolean): Instant | undefined;
  countBefore(key: Instant): number;
}

export function ruleWalk(source: RuleSource): RuleWalk {
  return source.rule.count === undefined ? jumpingWalk(source) : countingWalk(source, source.rule.count);
}

/** Where no COUNT is, any instance can be found without those before it. */
function jumpingWalk(source: RuleSource): RuleWalk {
  const start = source.zone.toInstant(source.start);
  return {
    from: (key) => ruleInstances(source, key, newEffort()),
    lastBefore: (key, accepts) => searchBackwards(source, key, accepts),
    countBefore(key) {
      let count = start < key ? 1 : 0;
      for (const instant of ruleInstances(source, start + 1, newEffort())) {
        if (instant >= key) break;
        count += 1;
      }
      return count;
    },
  };
}

/** Only who starts at DTSTART, which is always the first that counts, knows where COUNT ends. */
function countingWalk(source: RuleSource, count: number): RuleWalk {
  let known: readonly Instant[] | undefined;
  function all(): readonly Instant[] {
    const start = source.zone.toInstant(source.start);
    known ??= [start, ...ruleInstances(source, start + 1, newEffort()).take(count - 1)];
    return known;
  }
  return {
    from: (key) => all().filter((instant) => instant >= key),
    lastBefore: (key, accepts) => all().findLast((instant) => instant < key && accepts(instant)),
    countBefore: (key) => all().filter((instant) => instant < key).length,
  };
}

const LONGEST_PERIOD: Readonly<Record<Frequency, number>> = {
  YEARLY: 366 * SECONDS_PER_DAY,
  MONTHLY: 31 * SECONDS_PER_DAY,
  WEEKLY: 7 * SECONDS_PER_DAY,
  DAILY: SECONDS_PER_DAY,
  HOURLY: 3600,
};

/** Looks at the last two periods before `key`, and as long as nothing is there, at four times as much. */
function searchBackwards(
  source: RuleSource,
  key: Instant,
  accepts: (instant: Instant) => boolean,
): Instant | undefined {
  const { rule, zone } = source;
  const until = Math.min(rule.until ?? END_OF_TIME, END_OF_TIME, key - 1);
  const start = zone.toInstant(source.start);
  const effort = newEffort();
  for (let span = 2 * LONGEST_PERIOD[rule.frequency] * rule.interval; ; span *= 4) {
    const low = Math.max(start, until - span);
    let last: Instant | undefined;
    for (const instant of ruleInstances({ ...source, rule: { ...rule, until } }, low, effort)) {
      if (accepts(instant)) last = instant;
    }
    if (effort.instances <= 0 || effort.periods <= 0) return undefined;
    if (last !== undefined || low === start || span > MAX_SILENCE) return last;
  }
}
