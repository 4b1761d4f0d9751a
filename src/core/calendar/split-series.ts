import { type CalendarTime, formatDay, formatWall, SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import type { GroupState, Instance } from "./group.ts";
import type { InstanceKey } from "./instance-key.ts";
import type { EventContent } from "./record.ts";
import type { Versioned } from "./record-version.ts";
import { type Series, seriesOf, timeOfKey } from "./series.ts";

/** libical keeps no more EXDATEs of one series. */
const MAX_EXCLUSIONS = 500;

/** One event or series to be written, with the overrides of its instances. */
export interface Segment {
  /** Added to the UID: nothing for the series itself, `-from-…` for what follows a change of "all future" dates. */
  readonly suffix: string;
  readonly source: Versioned;
  readonly content: EventContent;
  readonly overrides: readonly { readonly recurrenceId: CalendarTime; readonly versioned: Versioned }[];
}

interface Cut {
  readonly at: InstanceKey;
  readonly instance: Instance;
}

/**
 * Turns a master and what is known of its dates into series that every reader understands. RANGE=THISANDFUTURE
 * (RFC 5545 §3.2.13) is understood by hardly any: the series ends before that date, and a second one
 * with a UID of its own takes over, its dates moved by as much as the one that was changed.
 *
 * @returns the segments, none when every date was cancelled, and the overrides that belong to no date.
 */
export function splitSeries({ master, instances }: GroupState): { segments: Segment[]; orphans: Instance[] } {
  const all = [...instances].map(([key, instance]) => ({ at: Number.parseFloat(key), instance }));
  const content = master?.record.content;
  if (master === undefined || content === undefined) {
    return {
      segments: [],
      orphans: all.map(({ instance }) => instance).filter(({ kind }) => kind !== "cancelled"),
    };
  }
  const whole = withAdded(content, all);
  const series = seriesOf(whole, master.payload.zones);
  const cuts = cutsOf(all, series);
  const singles = all.filter(({ instance }) => !instance.thisAndFuture);
  const isInSeries = ({ at }: Cut) => series.set.has(at) && !cuts.some((cut) => cut.at <= at && isEnd(cut));

  const segments: Segment[] = [];
  const starts: (Cut | undefined)[] = [undefined, ...cuts.filter((cut) => !isEnd(cut))];
  for (const start of starts) {
    const next = cuts.find((cut) => cut.at > (start?.at ?? Number.NEGATIVE_INFINITY));
    const within = singles.filter(
      (single) => isInSeries(single) && isBetween(single.at, start?.at, next?.at),
    );
    const segment = segmentOf({ master, series, start, next, within });
    if (segment !== undefined) segments.push(segment);
  }
  const orphans = all.filter((one) => one.instance.kind === "override" && !isPlaced(one, isInSeries, cuts));
  return { segments, orphans: orphans.map(({ instance }) => instance) };
}

function isEnd({ instance }: Cut): boolean {
  return instance.kind === "cancelled";
}

function isBetween(at: InstanceKey, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): boolean {
  return at >= from && at < to;
}

function isPlaced(one: Cut, isInSeries: (one: Cut) => boolean, cuts: readonly Cut[]): boolean {
  return one.instance.thisAndFuture ? cuts.includes(one) : isInSeries(one);
}

/** Dates that came by ADD are RDATEs of the master (RFC 5546 §3.2.4). */
function withAdded(content: EventContent, all: readonly Cut[]): EventContent {
  const added = all.filter(({ instance }) => instance.kind === "added").map(({ instance }) => instance.time);
  return added.length === 0 ? content : { ...content, dates: [...content.dates, ...added] };
}

/** The dates from which on something else holds, in order; after a cancellation nothing follows. */
function cutsOf(all: readonly Cut[], series: Series): Cut[] {
  const cuts = all
    .filter(
      ({ instance, at }) => instance.thisAndFuture && (instance.kind === "cancelled" || series.set.has(at)),
    )
    .sort((a, b) => a.at - b.at);
  const end = cuts.findIndex(isEnd);
  return end < 0 ? cuts : cuts.slice(0, end + 1);
}

interface SegmentInput {
  readonly master: Versioned;
  readonly series: Series;
  readonly start: Cut | undefined;
  readonly next: Cut | undefined;
  readonly within: readonly Cut[];
}

function segmentOf({ master, series, start, next, within }: SegmentInput): Segment | undefined {
  const source = start?.instance.versioned ?? master;
  const own = source.record.content;
  const pattern = master.record.content;
  if (own === undefined || pattern === undefined) return undefined;
  const first = start?.at ?? series.set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  if (first === undefined || (next !== undefined && next.at <= first)) return undefined;

  const shift = start === undefined ? 0 : differenceOf(own.start, timeOfKey(start.at, series));
  const moved = (time: CalendarTime) => moveTo(own.start, time, shift);
  const isHere = (key: InstanceKey) => isBetween(key, start?.at, next?.at);
  const inHere = (times: readonly CalendarTime[]) => times.filter((time) => isHere(series.keyOf(time)));
  const added = within
    .filter(({ instance }) => instance.kind === "added")
    .map(({ instance }) => instance.time);
  const cancelled = within.filter(({ instance }) => instance.kind === "cancelled");
  const overrides = within.filter(({ instance }) => instance.kind === "override" || differs(instance, own));
  const exclusions = [...inHere(pattern.exclusions), ...cancelled.map(({ at }) => timeOfKey(at, series))]
    .sort((a, b) => series.keyOf(a) - series.keyOf(b))
    .slice(-MAX_EXCLUSIONS);

  const isMaster = start === undefined;
  const content = normalised(
    {
      ...own,
      start: isMaster ? own.start : moved(timeOfKey(first, series)),
      rule: ruleWithin(pattern.rule, series, { from: start?.at, to: next?.at, shift }),
      dates: [...inHere(pattern.dates), ...added].map((time) => moved(time)),
      exclusions: exclusions.map((time) => moved(time)),
    },
    master,
  );
  if (content === undefined) return undefined;
  return {
    suffix: isMaster ? "" : `-from-${suffixOf(start.at, series)}`,
    source,
    content,
    overrides: overrides.map(({ at, instance }) => ({
      recurrenceId: moved(timeOfKey(at, series)),
      versioned: instance.versioned,
    })),
  };
}

/** `20260326T080000Z`, or `20260326` for whole days. */
export function suffixOf(key: InstanceKey, { start }: Pick<Series, "start">): string {
  return start.kind === "date" ? formatDay(key / SECONDS_PER_DAY) : `${formatWall(key)}Z`;
}

/** An ADDed date needs an event of its own if it is more than another date. */
function differs({ kind, versioned }: Instance, master: EventContent): boolean {
  if (kind !== "added") return false;
  return appearanceOf(versioned.record.content) !== appearanceOf(master);
}

function appearanceOf(content: EventContent | undefined): string {
  if (content === undefined) return "";
  const { start, end } = content;
  const length = end === undefined ? 0 : differenceOf(end, start);
  const rest = {
    ...content,
    start: 0,
    end: length,
    rule: 0,
    dates: 0,
    exclusions: 0,
    created: 0,
    busyStatus: 0,
  };
  return JSON.stringify(rest);
}

/** Local seconds from `b` to `a`. */
function differenceOf(a: CalendarTime, b: CalendarTime): number {
  const seconds = (time: CalendarTime) => (time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall);
  return seconds(a) - seconds(b);
}

function moveTo(like: CalendarTime, time: CalendarTime, shift: number): CalendarTime {
  if (shift === 0 && like.kind === time.kind) return time;
  const seconds = (time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall) + shift;
  if (like.kind === "date") return { kind: "date", day: Math.floor(seconds / SECONDS_PER_DAY) };
  return { ...like, wall: seconds };
}

interface Range {
  readonly from: InstanceKey | undefined;
  readonly to: InstanceKey | undefined;
  readonly shift: number;
}

/** The master's rule for one segment: ended before `to`, its COUNT less what came before `from`. */
function ruleWithin(
  rule: EventContent["rule"],
  { set }: Series,
  { from, to, shift }: Range,
): EventContent["rule"] {
  if (rule === undefined) return undefined;
  const { count, until, ...endless } = rule;
  if (to !== undefined) {
    const last = set.lastBefore(to);
    return last === undefined ? undefined : { ...endless, until: last + shift };
  }
  if (from === undefined) return rule;
  if (count !== undefined) return { ...endless, count: count - set.countBefore(from) };
  return until === undefined ? endless : { ...endless, until: until + shift };
}

/**
 * A rule that yields one date only is no rule; a series whose every date is excluded is no event. EXDATEs
 * of a single event mean nothing.
 */
function normalised(content: EventContent, master: Versioned): EventContent | undefined {
  const { set } = seriesOf(content, master.payload.zones);
  const first = set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  if (first === undefined) return undefined;
  if (content.rule === undefined && content.dates.length === 0) return { ...content, exclusions: [] };
  const all = seriesOf({ ...content, exclusions: [] }, master.payload.zones).set;
  const start = all.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  const isSingle = start !== undefined && all.firstAtOrAfter(start + 1) === undefined;
  return isSingle ? { ...content, rule: undefined, dates: [], exclusions: [] } : content;
}
