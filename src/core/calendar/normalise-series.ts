import type { CalendarTime, ZoneDefinitions } from "../icalendar/icalendar.ts";
import type { InstanceKey } from "./instance-key.ts";
import type { EventContent } from "./record.ts";
import { type Series, seriesOf, startingAt, timeOfKey } from "./series.ts";

/**
 * A rule that yields one date only is no rule; a series whose every date is excluded is no event. QUIRK: ical.js,
 * and so Thunderbird, shows a date twice that DTSTART and an RDATE name, and shows the date of an EXDATE that comes
 * after one which names no date.
 */
export function normalised(content: EventContent, zones: ZoneDefinitions): EventContent | undefined {
  const series = seriesOf(content, zones);
  const first = series.set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  if (first === undefined) return undefined;
  if (content.rule === undefined) return datesOnly(content, series);
  const all = seriesOf({ ...content, exclusions: [] }, zones).set;
  const start = all.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  const isSingle = start !== undefined && all.firstAtOrAfter(start + 1) === undefined;
  if (isSingle) return { ...content, rule: undefined, dates: [], exclusions: [] };
  const keyOf = (time: CalendarTime) => series.keyOf(time, zones);
  const exclusions = content.exclusions.filter(isIn(all, keyOf));
  const excluded = new Set(exclusions.map(keyOf));
  const named = seriesOf({ ...content, dates: [], exclusions: [] }, zones).set;
  const isMore = (key: InstanceKey) => !excluded.has(key) && !named.has(key);
  return { ...content, dates: content.dates.filter((time) => isMore(keyOf(time))), exclusions };
}

/** Tells of times in ascending order whether they are dates of a set; asks it only once for each of its dates. */
function isIn(
  set: Series["set"],
  keyOf: (time: CalendarTime) => InstanceKey,
): (time: CalendarTime) => boolean {
  let next: InstanceKey | undefined = Number.NEGATIVE_INFINITY;
  return (time) => {
    const key = keyOf(time);
    if (next !== undefined && next < key) next = set.firstAtOrAfter(key);
    return next === key;
  };
}

/**
 * A series without a rule: just its dates. QUIRK: where DTSTART and an RDATE are excluded, ical.js, and so
 * Thunderbird, shows the RDATE all the same.
 */
function datesOnly(content: EventContent, series: Series): EventContent {
  const [first = series.keyOfStart, ...others] = series.set.instances(Number.POSITIVE_INFINITY);
  const dates = others.map((key) => timeOfKey(key, series));
  return { ...startingAt(first, content, series), dates, exclusions: [] };
}
