import {
  formatDay,
  formatWall,
  type Property,
  SECONDS_PER_DAY,
  type WallClock,
} from "../icalendar/icalendar.ts";
import { type EventTime, formatEventTime, timeProperty, wallClockOf } from "./event-time.ts";
import { formatInstant, property } from "./ical-values.ts";
import { legacyEnd, legacyPattern } from "./legacy-recurrence.ts";
import { type DefaultClock, daySpan, type EventSpan, endInstant, startInstant } from "./meeting-times.ts";
import type { MeetingZone } from "./meeting-zone.ts";
import type { MessageParts } from "./message-parts.ts";
import { recurrenceRule } from "./pattern-rule.ts";
import type { Report } from "./problem.ts";
import { isSet, octetsOf, type PropertyList } from "./property-list.ts";
import {
  type OccurrenceTimes,
  parseRecurrence,
  type Recurrence,
  type RecurrenceEnd,
} from "./recurrence-blob.ts";
import type { RecurrenceException } from "./recurrence-exceptions.ts";
import { instantAt, wallClockAt } from "./zone-rules.ts";

/** A series as its master and overrides say it. */
export interface Series {
  /** The first occurrence. */
  readonly span: EventSpan;
  /** RRULE and EXDATE. */
  readonly rules: readonly Property[];
  readonly overrides: readonly Override[];
}

/** One occurrence that differs; what is undefined is as in the master. */
export interface Override {
  readonly recurrenceId: EventTime;
  readonly span: EventSpan;
  readonly summary: string | undefined;
  readonly location: string | undefined;
  readonly busyStatus: number | undefined;
}

export interface SeriesContext {
  /** When the message says that the meeting takes place, or first takes place. */
  readonly first: EventSpan | undefined;
  readonly zone: MeetingZone | undefined;
  readonly defaultClock: DefaultClock;
  readonly report: Report;
}

const UTC: MeetingZone = { tzid: "UTC", rules: { standardOffset: 0 } };

/** The series that a message tells; undefined when it is none, or cannot be read, which is reported. */
export function seriesOf({ properties, stream }: MessageParts, context: SeriesContext): Series | undefined {
  if (!isSet(properties, "recurring") && !isSet(properties, "isRecurring")) return undefined;
  const octets = octetsOf(properties, "recurrenceBlob");
  const series =
    octets === undefined ? legacySeries(properties, context) : seriesOfBlob(octets, properties, context);
  if (series === undefined) {
    context.report(
      "bad-recurrence",
      octets ?? stream,
      "Cannot read the series: its first occurrence stands alone",
    );
  }
  return series;
}

function seriesOfBlob(
  octets: Uint8Array,
  properties: PropertyList,
  context: SeriesContext,
): Series | undefined {
  const recurrence = parseRecurrence(octets, properties.codePage);
  const times = recurrence?.times ?? timesOfFirst(properties, context);
  if (recurrence === undefined || times === undefined) return undefined;
  if (!recurrence.intact) context.report("bad-recurrence", octets, "Some exceptions of the series were lost");
  return seriesOfRecurrence(recurrence, times, { zone: context.zone, allDay: isSet(properties, "allDay") });
}

/** A series without a blob, in the properties of older writers. */
function legacySeries(properties: PropertyList, { first, zone }: SeriesContext): Series | undefined {
  const pattern = legacyPattern(properties);
  if (pattern === undefined || first === undefined) return undefined;
  const wall = wallClockOf(first.start);
  const startOfDay = wall - Math.floor(wall / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  const end = ruleEnd(legacyEnd(properties), {
    zone: first.start.kind === "instant" ? UTC : zone,
    allDay: first.start.kind === "date",
    startOfDay,
  });
  const month = new Date(wall * 1000).getUTCMonth() + 1;
  const rule = property("RRULE", recurrenceRule(pattern, { end, firstDayOfWeek: 0, month }));
  return { span: first, rules: [rule], overrides: [] };
}

/** Where a blob without times is too short to say when: the first occurrence tells it. */
function timesOfFirst(
  properties: PropertyList,
  { zone, defaultClock }: SeriesContext,
): OccurrenceTimes | undefined {
  const start = startInstant(properties);
  if (start === undefined) return undefined;
  const wall = zone?.rules === undefined ? defaultClock(start) : wallClockAt(zone.rules, start);
  const time = wall - Math.floor(wall / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  return { start: time, end: time + Math.max(0, (endInstant(properties) ?? start) - start) };
}

interface SeriesForm {
  readonly zone: MeetingZone | undefined;
  readonly allDay: boolean;
}

function seriesOfRecurrence(recurrence: Recurrence, times: OccurrenceTimes, form: SeriesForm): Series {
  const { firstDay, pattern, firstDayOfWeek } = recurrence;
  const end = ruleEnd(recurrence.end, { ...form, startOfDay: times.start });
  const month = new Date(firstDay * 1000).getUTCMonth() + 1;
  const rule = property("RRULE", recurrenceRule(pattern, { end, firstDayOfWeek, month }));
  const deleted = recurrence.deletedDays.map((day) => timeOf(day + times.start, form));
  return {
    span: spanOf(firstDay + times.start, firstDay + times.end, form),
    rules: [rule, ...exclusions(deleted)],
    overrides: recurrence.exceptions.map((exception) => overrideOf(exception, form)),
  };
}

function exclusions(times: readonly EventTime[]): Property[] {
  const [first] = times;
  return first === undefined
    ? []
    : [{ ...timeProperty("EXDATE", first), values: times.map(formatEventTime) }];
}

function overrideOf(exception: RecurrenceException, form: SeriesForm): Override {
  const { start, end, originalStart, summary, location, busyStatus } = exception;
  return {
    recurrenceId: timeOf(originalStart, form),
    span: spanOf(start, end, { ...form, allDay: exception.allDay ?? form.allDay }),
    summary,
    location,
    busyStatus,
  };
}

function timeOf(wall: WallClock, { zone, allDay }: SeriesForm): EventTime {
  return allDay ? { kind: "date", day: Math.floor(wall / SECONDS_PER_DAY) } : { kind: "local", wall, zone };
}

function spanOf(start: WallClock, end: WallClock, form: SeriesForm): EventSpan {
  if (!form.allDay) return { start: timeOf(start, form), end: timeOf(end, form) };
  return daySpan(Math.floor(start / SECONDS_PER_DAY), Math.ceil(end / SECONDS_PER_DAY));
}

/**
 * COUNT or UNTIL. UNTIL is a DATE in a series of whole days, else in UTC (RFC 5545 §3.3.10); where the
 * zone is known by name only it stays local, which is better than wrong.
 */
function ruleEnd(
  end: RecurrenceEnd,
  { zone, allDay, startOfDay }: SeriesForm & { readonly startOfDay: number },
): string | undefined {
  switch (end.kind) {
    case "never":
      return undefined;
    case "after":
      return `COUNT=${end.occurrences}`;
    case "by": {
      if (allDay) return `UNTIL=${formatDay(end.lastDay / SECONDS_PER_DAY)}`;
      const wall = end.lastDay + startOfDay;
      return `UNTIL=${zone?.rules === undefined ? formatWall(wall) : formatInstant(instantAt(zone.rules, wall))}`;
    }
  }
}
