import type { Component, Property } from "../icalendar/icalendar.ts";
import { detailProperties, type EventDetails, eventDetails, type OuterMail } from "./event-details.ts";
import { timeProperty } from "./event-time.ts";
import { property } from "./ical-values.ts";
import { type MeetingKind, meetingKind } from "./meeting-class.ts";
import { identityOf } from "./meeting-identity.ts";
import { meetingPart } from "./meeting-occurrence.ts";
import { type Override, seriesOf } from "./meeting-series.ts";
import { type DefaultClock, type EventSpan, eventSpan, startInstant } from "./meeting-times.ts";
import { type MeetingZones, meetingZones } from "./meeting-zone.ts";
import type { MessageParts } from "./message-parts.ts";
import type { Report } from "./problem.ts";
import { isSet } from "./property-list.ts";
import { vtimezoneOf } from "./zone-components.ts";

export interface MeetingContext {
  readonly outer: OuterMail;
  readonly defaultClock: DefaultClock;
  readonly report: Report;
}

/**
 * The VCALENDAR of a meeting ([MS-OXCICAL] 2.1.3.1): its METHOD, its zones, and a master with its
 * overrides or one occurrence. Undefined for what is no meeting, and for a meeting that cannot be told
 * safely, which is reported as unreadable.
 */
export function calendarOf(parts: MessageParts, context: MeetingContext): Component | undefined {
  const kind = meetingKind(parts.messageClass);
  if (kind === undefined) return undefined;
  const { properties } = parts;
  const refuse = (reason: string): undefined => {
    context.report("unreadable", parts.stream, `Cannot read the meeting: ${reason}`);
  };
  // What broke off may have been the one property that says "this occurrence only".
  if (!properties.intact) return refuse("its properties break off");

  const zones = meetingZones(properties, startInstant(properties) ?? context.outer.date ?? 0, context.report);
  const { defaultClock } = context;
  const identity = identityOf(properties);
  const part = meetingPart(properties, { identity, zone: zones.series, defaultClock });
  if (part.kind === "unknown") return refuse("it is about one occurrence and does not say which");

  const details = eventDetails(parts, kind, context.outer);
  const span = eventSpan(parts, zones, defaultClock);
  const events =
    part.kind === "occurrence"
      ? [vevent(details, [timeProperty("RECURRENCE-ID", part.recurrenceId), ...spanProperties(span)])]
      : wholeMeeting(parts, { details, kind, span, zones, context });
  // A cancellation may leave the start out (RFC 5546 §3.2.5), but must say what it cancels.
  const needsStart = kind !== "CANCEL" || details.uid === undefined;
  if (span === undefined && needsStart) return refuse("it has no start");
  return {
    name: "VCALENDAR",
    properties: [property("VERSION", "2.0"), ...methodProperty(parts, kind)],
    components: [...vtimezones(zones, events), ...events],
  };
}

function methodProperty({ properties }: MessageParts, kind: MeetingKind): Property[] {
  if (kind === "APPOINTMENT") return [];
  const method = kind === "REPLY" && isSet(properties, "counterProposal") ? "COUNTER" : kind;
  return [property("METHOD", method)];
}

interface WholeMeeting {
  readonly details: EventDetails;
  readonly kind: MeetingKind;
  readonly span: EventSpan | undefined;
  readonly zones: MeetingZones;
  readonly context: MeetingContext;
}

/** The master of a meeting and, where it is a series with exceptions, its overrides. */
function wholeMeeting(parts: MessageParts, meeting: WholeMeeting): Component[] {
  const { details, kind, span, zones, context } = meeting;
  const series = seriesOf(parts, { ...context, first: span, zone: zones.series });
  if (series === undefined) return [vevent(details, spanProperties(span))];
  const master = vevent(details, [...spanProperties(series.span), ...series.rules]);
  // Who cancels the master cancels everything; overrides would only say so again.
  if (kind === "CANCEL") return [master];
  return [master, ...series.overrides.map((override) => overrideEvent(details, override))];
}

function overrideEvent(details: EventDetails, override: Override): Component {
  const { recurrenceId, span, summary, location, busyStatus } = override;
  return vevent(
    {
      ...details,
      summary: summary ?? details.summary,
      location: location ?? details.location,
      busyStatus: busyStatus ?? details.busyStatus,
    },
    [timeProperty("RECURRENCE-ID", recurrenceId), ...spanProperties(span)],
  );
}

function vevent(details: EventDetails, times: readonly Property[]): Component {
  return { name: "VEVENT", properties: [...detailProperties(details), ...times], components: [] };
}

function spanProperties(span: EventSpan | undefined): Property[] {
  if (span === undefined) return [];
  const start = timeProperty("DTSTART", span.start);
  return span.end === undefined ? [start] : [start, timeProperty("DTEND", span.end)];
}

/** One VTIMEZONE for each zone that the events name and the message describes. */
function vtimezones(zones: MeetingZones, events: readonly Component[]): Component[] {
  const named = new Set(
    events.flatMap(({ properties }) => properties.flatMap(({ parameters }) => parameters.get("TZID") ?? [])),
  );
  const known = new Set([zones.start, zones.end, zones.series]);
  return [...known].flatMap((zone) =>
    zone?.rules !== undefined && named.has(zone.tzid) ? [vtimezoneOf(zone.tzid, zone.rules)] : [],
  );
}
