import type { GroupState, Instance } from "./group.ts";
import type { InstanceKey } from "./instance-key.ts";
import type { CalendarRecord, EventContent, Payload } from "./record.ts";
import { type Series, seriesOf, timeOfKey } from "./series.ts";

/** What is known of one date. */
export interface KeyedInstance {
  readonly at: InstanceKey;
  readonly instance: Instance;
}

/** A master as received, but for the dates that were ADDed to it. */
export interface WholeSeries {
  readonly record: CalendarRecord;
  readonly content: EventContent;
  readonly series: Series;
  readonly zones: Payload["zones"];
}

/** A stretch of the series: from the change of all future dates that starts it, to the next such change. */
export interface Stretch {
  readonly start: KeyedInstance | undefined;
  readonly end: InstanceKey | undefined;
}

export function isCancelled({ instance }: KeyedInstance): boolean {
  return instance.kind === "cancelled";
}

/** Dates that came by ADD are RDATEs of the master (RFC 5546 §3.2.4), even where it excluded them before. */
export function wholeSeries({ master }: GroupState, all: readonly KeyedInstance[]): WholeSeries | undefined {
  const content = master?.record.content;
  if (master === undefined || content === undefined) return undefined;
  const { record, payload } = master;
  const series = seriesOf(content, payload.zones);
  const added = all.filter((one) => one.instance.isAdded && !isCancelled(one) && !series.set.has(one.at));
  if (added.length === 0) return { record, content, series, zones: payload.zones };
  const keys = new Set(added.map(({ at }) => at));
  const extended = {
    ...content,
    dates: [...content.dates, ...added.map(({ at }) => timeOfKey(at, series))],
    exclusions: content.exclusions.filter((time) => !keys.has(series.keyOf(time, payload.zones))),
  };
  return { record, content: extended, series: seriesOf(extended, payload.zones), zones: payload.zones };
}
