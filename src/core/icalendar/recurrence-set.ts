import type { RecurrenceRule } from "./recurrence-rule.ts";
import { newEffort, ruleInstances, ruleSource } from "./rule-instances.ts";
import { ruleWalk } from "./rule-walk.ts";
import { type CalendarTime, SECONDS_PER_DAY } from "./time.ts";
import type { Zone } from "./zone.ts";

/** An instance by its start: the instant, or for whole days the day times 86,400. */
export type InstanceKey = number;

export interface RecurrenceSource {
  readonly start: CalendarTime;
  readonly rule?: RecurrenceRule | undefined;
  /** RDATE. */
  readonly dates?: readonly InstanceKey[];
  /** EXDATE. */
  readonly exclusions?: readonly InstanceKey[];
  /** The zone of `start`; it does not matter for whole days. */
  readonly zone: Zone;
}

/**
 * When an event takes place: DTSTART, RRULE and RDATE without EXDATE (RFC 5545 §3.8.5). DTSTART is
 * always the first instance, even one that the rule would not name. Nothing is expanded beforehand, and
 * each question costs a bounded effort; a search that spends it all finds nothing. Keys may be infinite.
 */
export interface RecurrenceSet {
  /** Whether there is a rule or an RDATE. */
  readonly isRecurring: boolean;
  has(key: InstanceKey): boolean;
  firstAtOrAfter(key: InstanceKey): InstanceKey | undefined;
  lastBefore(key: InstanceKey): InstanceKey | undefined;
  /** How much of COUNT is used up before `key`: DTSTART and what the rule names, excluded or not. */
  countBefore(key: InstanceKey): number;
  /** The first instances, at most `limit`. */
  instances(limit: number): InstanceKey[];
}

/** libical keeps no more of either for one event: here the earliest RDATEs, and the latest EXDATEs. */
const MAX_DATES = 500;

export function recurrenceSet(source: RecurrenceSource): RecurrenceSet {
  const { start, rule, zone, dates = [], exclusions = [] } = source;
  const startKey = start.kind === "date" ? start.day * SECONDS_PER_DAY : zone.toInstant(start.wall);
  const listed = ascending([startKey, ...ascending(dates).slice(0, MAX_DATES)]);
  const excluded = new Set(ascending(exclusions).slice(-MAX_DATES));
  const walk = rule && ruleWalk(ruleSource(rule, start, zone));

  function* from(key: InstanceKey): Generator<InstanceKey, void> {
    const later = listed.filter((instance) => instance >= key);
    for (const instance of merge(later, walk?.from(key) ?? [])) {
      if (!excluded.has(instance)) yield instance;
    }
  }
  function firstAtOrAfter(key: InstanceKey): InstanceKey | undefined {
    for (const instance of from(key)) return instance;
    return undefined;
  }
  return {
    isRecurring: rule !== undefined || dates.length > 0,
    firstAtOrAfter,
    has: (key) => !excluded.has(key) && firstAtOrAfter(key) === key,
    lastBefore(key) {
      const isOpen = (instance: InstanceKey) => !excluded.has(instance);
      const single = listed.findLast((instance) => instance < key && isOpen(instance));
      const named = walk?.lastBefore(key, isOpen);
      return named === undefined || (single !== undefined && single > named) ? single : named;
    },
    countBefore: (key) => walk?.countBefore(key) ?? (startKey < key ? 1 : 0),
    instances: (limit) => [...from(Number.NEGATIVE_INFINITY).take(limit)],
  };
}

/**
 * The first instances that a rule names, at most `limit`: what an EXRULE excludes (RFC 2445 §4.8.5.2).
 * DTSTART is among them only if the rule names it.
 */
export function expandRule(
  rule: RecurrenceRule,
  start: CalendarTime,
  { zone, limit }: { zone: Zone; limit: number },
): InstanceKey[] {
  const named = ruleInstances(ruleSource(rule, start, zone), Number.NEGATIVE_INFINITY, newEffort());
  return [...named.take(Math.min(limit, rule.count ?? limit))];
}

function ascending(keys: readonly InstanceKey[]): InstanceKey[] {
  return [...new Set(keys)].sort((a, b) => a - b);
}

/** Both are ascending; what is in both comes once. */
function* merge(left: readonly InstanceKey[], right: Iterable<InstanceKey>): Generator<InstanceKey, void> {
  let next = 0;
  for (const key of right) {
    for (; (left[next] ?? key) < key; next += 1) yield left[next] ?? key;
    if (left[next] === key) next += 1;
    yield key;
  }
  yield* left.slice(next);
}
