import {
  type CalendarTime,
  type RecurrenceRule,
  SECONDS_PER_DAY,
  type ZoneDefinitions,
} from "../icalendar/icalendar.ts";
import { type InstanceKey, instantKey } from "./instance-key.ts";
import { normalised } from "./normalise-series.ts";
import type { EventContent } from "./record.ts";
import { moveTo, seriesOf, startingAt, timeOfKey, wallOf } from "./series.ts";
import type { KeyedInstance, Stretch, WholeSeries } from "./whole-series.ts";

/** libical keeps no more EXDATEs of one series. */
const MAX_EXCLUSIONS = 500;
/** Of a series that no rule describes any more, so many dates are listed, of so many years. */
const MAX_LISTED = 200;
const LISTED_SECONDS = 5 * 366 * SECONDS_PER_DAY;
/** So many dates tell whether a moved rule means what it should. */
const COMPARED_DATES = 60;

/** What is written for one stretch of a series. */
export interface SegmentContent {
  readonly content: EventContent;
  /** Where a date of the whole series is in this stretch. */
  moved(key: InstanceKey): CalendarTime;
}

/**
 * One stretch of a series as a series of its own, its dates moved by as much as its first one was.
 * @returns nothing when none of its dates is left
 */
export function segmentContent(
  whole: WholeSeries,
  { start, end }: Stretch,
  cancelled: readonly KeyedInstance[],
): SegmentContent | undefined {
  const { content: pattern, series } = whole;
  const own = start?.instance.versioned.record.content ?? pattern;
  const zones = { ...whole.zones, ...start?.instance.versioned.payload.zones };
  const first = start?.at ?? series.set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  if (first === undefined || (end !== undefined && end <= first)) return undefined;

  const shift = start === undefined ? 0 : wallOf(own.start) - wallOf(timeOfKey(start.at, series));
  const moved = (key: InstanceKey) => moveTo(own.start, timeOfKey(key, series), shift);
  const from = start?.at ?? Number.NEGATIVE_INFINITY;
  const isHere = (key: InstanceKey) => key >= from && (end === undefined || key < end);
  const keysHere = (times: readonly CalendarTime[]) =>
    times.map((time) => series.keyOf(time, whole.zones)).filter(isHere);
  const excluded = keysHere(pattern.exclusions);
  const rule = ruleWithin(whole, { start, end }, (key) => instantKey(moved(key), zones));
  const dates = ascending(keysHere(pattern.dates)).map(moved);
  const exclusions = ascending([...excluded, ...cancelled.map(({ at }) => at)]).map(moved);
  const content: EventContent = { ...own, rule, dates, exclusions };
  if (start === undefined) {
    // DTSTART itself may be in the next stretch: of this one, only dates that were ADDed before it are left.
    const isListed = end !== undefined && series.keyOfStart >= end;
    const own = isListed ? { ...startingAt(first, content, series), rule: undefined } : content;
    return whenAnyIsLeft(own, zones, moved);
  }

  const expected = datesFrom(whole, { start, end }).map((key) => instantKey(moved(key), zones));
  const isSame = isSameSeries({ ...content, exclusions: excluded.map(moved) }, expected, zones);
  const listed = expected.slice(0, MAX_LISTED).filter((key) => key < (expected[0] ?? 0) + LISTED_SECONDS);
  const timeOf = (key: InstanceKey) => timeOfKey(key, seriesOf(own, zones));
  const honest = isSame ? content : { ...content, rule: undefined, dates: listed.slice(1).map(timeOf) };
  return whenAnyIsLeft(honest, zones, moved);
}

function whenAnyIsLeft(
  content: EventContent,
  zones: ZoneDefinitions,
  moved: SegmentContent["moved"],
): SegmentContent | undefined {
  const written = normalised(withFewExclusions(content, zones), zones);
  return written && { content: written, moved };
}

function ascending(keys: readonly InstanceKey[]): InstanceKey[] {
  return [...new Set(keys)].sort((a, b) => a - b);
}

/** The master's rule for one stretch: ended before `end`, its COUNT less what came before `start`. */
function ruleWithin(
  { content: { rule }, series }: WholeSeries,
  { start, end }: Stretch,
  keyOfMoved: (key: InstanceKey) => InstanceKey,
): RecurrenceRule | undefined {
  if (rule === undefined) return undefined;
  const { count, until, ...endless } = rule;
  const own = start === undefined ? endless : onOtherWeekdays(endless, daysBetween(start.at, keyOfMoved));
  if (end !== undefined) {
    const last = series.set.lastBefore(end);
    return last === undefined ? undefined : { ...own, until: keyOfMoved(last) };
  }
  if (start === undefined) return rule;
  if (until !== undefined) return { ...own, until: keyOfMoved(until) };
  if (count === undefined) return own;
  const left = count - series.set.countBefore(start.at);
  return left < 1 ? undefined : { ...own, count: left };
}

function daysBetween(key: InstanceKey, keyOfMoved: (key: InstanceKey) => InstanceKey): number {
  return Math.round((keyOfMoved(key) - key) / SECONDS_PER_DAY);
}

/** A weekly rule whose dates are moved by whole days. */
function onOtherWeekdays(rule: RecurrenceRule, days: number): RecurrenceRule {
  if (rule.frequency !== "WEEKLY" || rule.byDay === undefined) return rule;
  const byDay = rule.byDay.map((entry) => ({ ...entry, weekday: (((entry.weekday + days) % 7) + 7) % 7 }));
  return { ...rule, byDay: byDay.sort((a, b) => a.weekday - b.weekday) };
}

/** The dates of a stretch in terms of the whole series, as many as may be listed. */
function datesFrom(
  { series }: WholeSeries,
  { start, end = Number.POSITIVE_INFINITY }: Stretch,
): InstanceKey[] {
  const dates: InstanceKey[] = [];
  let next = series.set.firstAtOrAfter(start?.at ?? Number.NEGATIVE_INFINITY);
  while (next !== undefined && next < end && dates.length < MAX_LISTED) {
    dates.push(next);
    next = series.set.firstAtOrAfter(next + 1);
  }
  return dates;
}

/** Whether a rule with its dates gives what it should: "the second Thursday", moved by a day, does not. */
function isSameSeries(
  content: EventContent,
  expected: readonly InstanceKey[],
  zones: ZoneDefinitions,
): boolean {
  const compared = expected.slice(0, COMPARED_DATES);
  const dates = seriesOf(content, zones).set.instances(COMPARED_DATES);
  return dates.length === compared.length && dates.every((key, index) => key === compared[index]);
}

/**
 * Of too many exclusions the latest stay, and the series starts after the others: so no date that was
 * excluded comes back.
 */
function withFewExclusions(content: EventContent, zones: ZoneDefinitions): EventContent {
  const { start, rule, dates, exclusions } = content;
  const lastDropped = exclusions.at(-MAX_EXCLUSIONS - 1);
  if (lastDropped === undefined) return content;
  const series = seriesOf({ start, rule, dates, exclusions: [] }, zones);
  const first = series.set.firstAtOrAfter(series.keyOf(lastDropped, zones) + 1);
  if (first === undefined) return content;
  const isLater = (date: CalendarTime) => series.keyOf(date, zones) > first;
  return {
    ...startingAt(first, content, series),
    rule: rule?.count === undefined ? rule : { ...rule, count: rule.count - series.set.countBefore(first) },
    dates: dates.filter(isLater),
    exclusions: exclusions.slice(-MAX_EXCLUSIONS),
  };
}

/** What one date of a series is to be written with: it does not recur. */
export function instanceContent(content: EventContent): EventContent {
  return { ...content, rule: undefined, dates: [], periods: [], exclusions: [] };
}
