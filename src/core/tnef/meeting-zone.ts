import type { Instant } from "../icalendar/icalendar.ts";
import { legacyTimeZone } from "./legacy-time-zone.ts";
import type { Report } from "./problem.ts";
import { lineOf, numberOf, octetsOf, type PropertyList } from "./property-list.ts";
import type { PropertyName } from "./property-names.ts";
import { isSameZone, parseTimeZoneDefinition, parseTimeZoneStruct, rulesFor } from "./time-zone-struct.ts";
import type { ZoneRules } from "./zone-rules.ts";

/** A zone as an event refers to it. */
export interface MeetingZone {
  readonly tzid: string;
  /** Missing where the sender names a zone and does not say how its clocks go. */
  readonly rules: ZoneRules | undefined;
}

/** The zones of a meeting; undefined where it has none and its times are instants. */
export interface MeetingZones {
  /** Of the start of a single event, or of one occurrence. */
  readonly start: MeetingZone | undefined;
  readonly end: MeetingZone | undefined;
  /** Of a series: its dates, times and exceptions are local to it. */
  readonly series: MeetingZone | undefined;
}

/** How Outlook calls a zone that is none of Windows' own. */
const CUSTOM_TZID = "Customized Time Zone";
const MAX_TZID_LENGTH = 255;

/**
 * Chooses among what a meeting says about its zones. A single event has a definition for its start; a
 * series has one too, unless an old client has changed the structure beside it, which then wins
 * ([MS-OXOCAL] 2.2.1.41). `startsAt` tells which rules of a definition count.
 */
export function meetingZones(properties: PropertyList, startsAt: Instant, report: Report): MeetingZones {
  const year = new Date(startsAt * 1000).getUTCFullYear();
  const definition = (name: PropertyName): MeetingZone | undefined => {
    const parsed = readBlob(properties, name, parseTimeZoneDefinition, report);
    return parsed === undefined ? undefined : { tzid: parsed.name, rules: rulesFor(parsed, year) };
  };
  const startZone = definition("startZone");
  const series = seriesZone(properties, definition("recurrenceZone") ?? startZone, report);
  const start = oneOfName(startZone ?? series, series);
  const end = oneOfName(oneOfName(definition("endZone") ?? start, start), series);
  return { start, end, series };
}

function seriesZone(
  properties: PropertyList,
  definition: MeetingZone | undefined,
  report: Report,
): MeetingZone | undefined {
  const struct = readBlob(properties, "timeZoneStruct", parseTimeZoneStruct, report);
  if (definition?.rules !== undefined && (struct === undefined || isSameZone(struct, definition.rules))) {
    return definition;
  }
  const description = lineOf(properties, "timeZoneDescription")?.slice(0, MAX_TZID_LENGTH);
  const rules = struct ?? legacyTimeZone(numberOf(properties, "timeZoneIndex") ?? 0);
  if (description === undefined && rules === undefined) return definition;
  return { tzid: description ?? CUSTOM_TZID, rules };
}

/** Two zones of one name are one zone: a calendar holds one VTIMEZONE for each TZID (RFC 5545 §3.6.5). */
function oneOfName(zone: MeetingZone | undefined, known: MeetingZone | undefined): MeetingZone | undefined {
  return zone !== undefined && zone.tzid === known?.tzid ? known : zone;
}

function readBlob<T>(
  properties: PropertyList,
  name: PropertyName,
  parse: (octets: Uint8Array) => T | undefined,
  report: Report,
): T | undefined {
  const octets = octetsOf(properties, name);
  if (octets === undefined || octets.length === 0) return undefined;
  const parsed = parse(octets);
  if (parsed === undefined) report("bad-time-zone", octets, `Cannot read "${name}": it describes no zone`);
  return parsed;
}
