import { type CalendarTime, formatDay, formatWall, SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import type { GroupState, Instance } from "./group.ts";
import type { InstanceKey } from "./instance-key.ts";
import type { CalendarRecord, EventContent } from "./record.ts";
import { instanceContent, segmentContent } from "./segment-content.ts";
import type { Series } from "./series.ts";
import {
  isCancelled,
  type KeyedInstance,
  type Stretch,
  type WholeSeries,
  wholeSeries,
} from "./whole-series.ts";

/** One event or series to be written, with the overrides of its dates. */
export interface Segment {
  /** Added to the UID: nothing for the series itself, `-from-…` for what follows a change of "all future" dates. */
  readonly suffix: string;
  /** `content` of this record is what is written. */
  readonly record: CalendarRecord;
  readonly overrides: readonly { readonly recurrenceId: CalendarTime; readonly record: CalendarRecord }[];
}

/**
 * Turns a master and what is known of its dates into series that every reader understands. RANGE=THISANDFUTURE
 * (RFC 5545 §3.2.13) is understood by hardly any: the series ends before that date, and a second one
 * with a UID of its own takes over, its dates moved by as much as the one that was changed.
 *
 * @returns the segments, none when every date was cancelled, and the overrides that belong to no date.
 */
export function splitSeries(state: GroupState): {
  segments: readonly Segment[];
  orphans: readonly KeyedInstance[];
} {
  const all = [...state.instances].map(([key, instance]) => ({ at: Number.parseFloat(key), instance }));
  const whole = wholeSeries(state, all);
  if (whole === undefined) return { segments: [], orphans: orphansOf(all) };

  const cuts = cutsOf(all, whole.series);
  const end = cuts.find(isCancelled)?.at ?? Number.POSITIVE_INFINITY;
  const singles = all.filter(
    ({ at, instance }) => !instance.thisAndFuture && at < end && whole.series.set.has(at),
  );
  const segments = [undefined, ...cuts.filter((cut) => !isCancelled(cut))].flatMap((start) => {
    const next = cuts.find(({ at }) => at > (start?.at ?? Number.NEGATIVE_INFINITY));
    return segmentOf(whole, { start, end: next?.at }, singles) ?? [];
  });
  return { segments, orphans: orphansOf(all.filter((one) => !singles.includes(one) && !cuts.includes(one))) };
}

/** `20260326T080000Z`, or `20260326` for whole days: how a date is named in a UID that is made from another. */
export function suffixOf(key: InstanceKey, kind: CalendarTime["kind"]): string {
  return kind === "date" ? formatDay(key / SECONDS_PER_DAY) : `${formatWall(key)}Z`;
}

/** Of what belongs to no date, what is to be seen: of a date that has news of its own, those only. */
function orphansOf(all: readonly KeyedInstance[]): KeyedInstance[] {
  const single = new Set(all.filter(({ instance }) => !instance.thisAndFuture).map(({ at }) => at));
  return all.filter((one) => !isCancelled(one) && !(one.instance.thisAndFuture && single.has(one.at)));
}

/** The dates from which on something else holds, in order; after a cancellation nothing follows. */
function cutsOf(all: readonly KeyedInstance[], { set }: Series): KeyedInstance[] {
  const hasEffect = (cut: KeyedInstance) =>
    isCancelled(cut) ? set.firstAtOrAfter(cut.at) !== undefined : set.has(cut.at);
  const cuts = all.filter((one) => one.instance.thisAndFuture && hasEffect(one)).sort((a, b) => a.at - b.at);
  const end = cuts.findIndex(isCancelled);
  return end < 0 ? cuts : cuts.slice(0, end + 1);
}

function segmentOf(
  whole: WholeSeries,
  stretch: Stretch,
  singles: readonly KeyedInstance[],
): Segment | undefined {
  const { start, end = Number.POSITIVE_INFINITY } = stretch;
  const from = start?.at ?? Number.NEGATIVE_INFINITY;
  const within = singles.filter(({ at }) => at >= from && at < end);
  const written = segmentContent(whole, stretch, within.filter(isCancelled));
  if (written === undefined) return undefined;

  const { content, moved } = written;
  const record = start?.instance.versioned.record ?? whole.record;
  const isTold = (one: KeyedInstance) => start !== undefined || isOfItsOwn(one, whole.content);
  const told = within.filter((one) => !isCancelled(one) && isTold(one));
  const overrides = told.map(({ at, instance }) => ({ at, record: withLength(instance, whole) }));
  const known = new Set(within.map(({ at }) => at));
  for (const period of whole.content.periods) {
    const at = whole.series.keyOf(period.start, whole.zones);
    if (known.has(at) || at < from || at >= end || !whole.series.set.has(at)) continue;
    overrides.push({ at, record: { ...record, content: instanceContent({ ...content, ...period }) } });
  }
  return {
    suffix: start === undefined ? "" : `-from-${suffixOf(start.at, whole.series.start.kind)}`,
    record: { ...record, content },
    overrides: overrides
      .sort((a, b) => a.at - b.at)
      .map((override) => ({ recurrenceId: moved(override.at), record: override.record })),
  };
}

/** An ADDed date that does not say how long it takes takes as long as the others. */
function withLength({ versioned: { record } }: Instance, { content: master }: WholeSeries): CalendarRecord {
  const { recurrenceId, content } = record;
  const length = lengthOf(master);
  if (recurrenceId !== undefined || content === undefined || content.end !== undefined || length === 0) {
    return record;
  }
  const { start } = content;
  const end =
    start.kind === "date"
      ? { ...start, day: start.day + length / SECONDS_PER_DAY }
      : { ...start, wall: start.wall + length };
  return { ...record, content: { ...content, end } };
}

/**
 * An ADDed date needs an event of its own only if it is more than another date of the series. Among dates that
 * were changed together it always does: it was not moved with them.
 */
function isOfItsOwn({ instance }: KeyedInstance, master: EventContent): boolean {
  const { recurrenceId, content } = instance.versioned.record;
  if (recurrenceId !== undefined || content === undefined) return true;
  const isSameLength = content.end === undefined || lengthOf(content) === lengthOf(master);
  return !isSameLength || appearanceOf(content) !== appearanceOf(master);
}

/** Everything of an event but when it is and how long it takes. */
function appearanceOf(content: EventContent): string {
  const { summary, description, location, url, geo, categories, priority, attachments } = content;
  const isFree = content.transparency === "TRANSPARENT";
  const isTentative = content.status === "TENTATIVE";
  const rest = [summary, description, location, url, geo, categories, priority, attachments];
  return JSON.stringify([...rest, isFree, isTentative]);
}

function lengthOf({ start, end }: EventContent): number {
  const seconds = (time: CalendarTime) => (time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall);
  return end === undefined ? 0 : seconds(end) - seconds(start);
}
