import type { CalendarTime, ZoneDefinitions, ZoneId } from "../icalendar/icalendar.ts";
import { type EventText, type FeedEvent, type FeedIdentity, formatEvent } from "./event-writer.ts";
import type { Group } from "./fold.ts";
import { instantKey } from "./instance-key.ts";
import type { CalendarRecord } from "./record.ts";
import { instanceContent } from "./segment-content.ts";
import { seriesOf } from "./series.ts";
import { type Segment, splitSeries, suffixOf } from "./split-series.ts";

/** One absurd SEQUENCE must leave its UID room to rise. */
const MAX_SOURCE_SEQUENCE = 1_000_000;

/** Everything one UID contributes to the feed. */
export interface RenderedGroup {
  readonly events: readonly EventText[];
  /** The zones its times are in, each with the first year that needs a rule. */
  readonly zones: Readonly<Record<ZoneId, number>>;
  readonly definitions: ZoneDefinitions;
  /** The largest SEQUENCE its senders gave. */
  readonly sourceSequence: number;
  /** When the last of it is over; nothing when it never ends. */
  readonly endsAt: number | undefined;
}

/** Writes what the state of a group shows: nothing, one event, or series with their overrides. */
export function renderGroup(group: Group, identity: FeedIdentity): RenderedGroup {
  return renderEvents(eventsOf(group), group, identity);
}

/**
 * The last event of a feed, as cancelled: some readers (GNOME's among them) apply no change at all when a
 * calendar has no events, and would show it for ever.
 */
export function renderCancelled(group: Group, identity: FeedIdentity): RenderedGroup | undefined {
  const { tombstone, master } = group.state;
  const was = tombstone === undefined ? master : tombstone.was; // a master without one has excluded every date
  const event = was && eventOf(was.record, { uid: group.uid, isCancelled: true });
  return event && renderEvents([event], group, identity);
}

function eventsOf(group: Group): FeedEvent[] {
  const { uid } = group;
  const { segments, orphans } = splitSeries(group.state);
  const events = segments.flatMap((segment) => segmentEvents(segment, uid));
  for (const { instance } of orphans) {
    const { time, versioned } = instance;
    // An override without its master is an event of its own: with a RECURRENCE-ID, readers invent a master.
    const suffix = suffixOf(instantKey(time, versioned.payload.zones), time.kind);
    events.push(...present(eventOf(versioned.record, { uid: `${uid}-${suffix}` })));
  }
  return events;
}

function segmentEvents({ suffix, record, overrides }: Segment, uid: string): FeedEvent[] {
  const own = { uid: uid + suffix };
  const isRecurring = record.content?.rule !== undefined || (record.content?.dates.length ?? 0) > 0;
  // Of a series with one date only, an override is the event: readers expect overrides of what recurs.
  if (!isRecurring) return present(eventOf(overrides[0]?.record ?? record, own));
  return [
    ...present(eventOf(record, own)),
    ...overrides.flatMap(({ recurrenceId, record: override }) => {
      const content = override.content && instanceContent(override.content);
      return present(eventOf({ ...override, content }, { ...own, recurrenceId }));
    }),
  ];
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

interface EventFrame {
  readonly uid: string;
  readonly recurrenceId?: CalendarTime;
  readonly isCancelled?: boolean;
}

function eventOf(
  { content, organizer, attendees, attendeeNames }: CalendarRecord,
  { uid, recurrenceId, isCancelled = false }: EventFrame,
): FeedEvent | undefined {
  return content && { uid, content, recurrenceId, organizer, attendees, attendeeNames, isCancelled };
}

function renderEvents(events: readonly FeedEvent[], group: Group, identity: FeedIdentity): RenderedGroup {
  const definitions = Object.assign(
    {},
    ...group.accepted.map(({ payload }) => payload.zones),
  ) as ZoneDefinitions;
  const sequences = group.accepted.flatMap(({ payload }) => payload.records.map(({ sequence }) => sequence));
  const zones: Record<ZoneId, number> = {};
  for (const event of events) {
    for (const time of timesOf(event)) noteZone(zones, time);
  }
  return {
    events: events.map((event) => formatEvent(event, identity)),
    zones,
    definitions: Object.fromEntries(Object.entries(definitions).filter(([id]) => id in zones)),
    sourceSequence: Math.max(0, ...sequences.filter((sequence) => sequence <= MAX_SOURCE_SEQUENCE)),
    endsAt: latestEnd(events, definitions),
  };
}

function timesOf({ content, recurrenceId }: FeedEvent): CalendarTime[] {
  const { start, end, dates, exclusions } = content;
  return [start, end, recurrenceId, ...dates, ...exclusions].filter((time) => time !== undefined);
}

function noteZone(zones: Record<ZoneId, number>, time: CalendarTime): void {
  if (time.kind === "date" || time.zone === "UTC") return;
  const year = new Date(time.wall * 1000).getUTCFullYear();
  zones[time.zone] = Math.min(zones[time.zone] ?? year, year);
}

function latestEnd(events: readonly FeedEvent[], definitions: ZoneDefinitions): number | undefined {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { content } of events) {
    const { start, end, rule } = content;
    const isEndless = rule !== undefined && rule.count === undefined && rule.until === undefined;
    const last = isEndless
      ? undefined
      : seriesOf(content, definitions).set.lastBefore(Number.POSITIVE_INFINITY);
    if (last === undefined) return undefined;
    const length = end === undefined ? 0 : instantKey(end, definitions) - instantKey(start, definitions);
    latest = Math.max(latest, last + length);
  }
  return latest;
}
