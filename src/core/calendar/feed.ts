import {
  escapeText,
  findZone,
  foldLine,
  formatVtimezone,
  type ZoneDefinitions,
  type ZoneId,
} from "../icalendar/icalendar.ts";

/** What the calendar object says of itself. */
export interface FeedSettings {
  readonly name: string;
  readonly zone: ZoneId;
  /** How often readers shall ask: a DURATION, `PT1H`. */
  readonly refresh: string;
  readonly version: string;
}

/** One group as it is published. */
export interface FeedEntry {
  /** The events of the group, versions included. */
  readonly octets: Uint8Array;
  readonly zones: Readonly<Record<ZoneId, number>>;
  readonly definitions: ZoneDefinitions;
}

const LAST_LINE = new TextEncoder().encode("END:VCALENDAR\r\n");

/**
 * One VCALENDAR (RFC 5545 §3.4) of all entries, in the order given. No METHOD: it would make the feed an
 * invitation. Every zone used has its definition and no other is there, except that a feed without events
 * defines the default zone, since a VCALENDAR needs a component.
 */
export function assembleFeed(entries: readonly FeedEntry[], settings: FeedSettings): Uint8Array {
  const zones: Record<ZoneId, number> = {};
  const definitions: Record<string, ZoneDefinitions[string]> = {};
  for (const entry of entries) {
    for (const id in entry.zones)
      zones[id] = Math.min(zones[id] ?? Number.POSITIVE_INFINITY, entry.zones[id] ?? 0);
    Object.assign(definitions, entry.definitions);
  }
  if (entries.length === 0 && settings.zone !== "UTC") zones[settings.zone] = FIRST_YEAR;
  const head = [...calendarLines(settings).map(foldLine), ...zoneTexts(zones, definitions)].join("");
  if (entries.length === 0 && settings.zone === "UTC") {
    return Buffer.from(`${head}${UTC_ZONE}END:VCALENDAR\r\n`);
  }
  return Buffer.concat([Buffer.from(head), ...entries.map(({ octets }) => octets), LAST_LINE]);
}

/** For a feed that has no event to say since when its zone matters. */
const FIRST_YEAR = 2000;

/** Only to keep an empty calendar valid; no event refers to it. */
const UTC_ZONE =
  "BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n" +
  "TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nTZNAME:UTC\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

function calendarLines({ name, zone, refresh, version }: FeedSettings): string[] {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    `PRODID:-//Secretary//${version}//EN`,
    "CALSCALE:GREGORIAN",
    `X-WR-CALNAME:${escapeText(name)}`,
    `NAME:${escapeText(name)}`,
    `X-WR-TIMEZONE:${zone}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${refresh}`,
    `X-PUBLISHED-TTL:${refresh}`,
  ];
}

function zoneTexts(zones: Readonly<Record<ZoneId, number>>, definitions: ZoneDefinitions): string[] {
  return Object.entries(zones)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, year]) => formatVtimezone(findZone(id, definitions), year).map(foldLine).join(""));
}
