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

/** The zones that times are in, each with the first year that needs a rule. */
export interface ZonesInUse {
  readonly zones: Readonly<Record<ZoneId, number>>;
  readonly definitions: ZoneDefinitions;
}

const LAST_LINE = new TextEncoder().encode("END:VCALENDAR\r\n");

/**
 * One VCALENDAR (RFC 5545 §3.4) of all events, in the order given. No METHOD: it would make the feed an
 * invitation. Every zone in use has its definition and no other is there, except that a feed without
 * events defines the default zone, since a VCALENDAR needs a component.
 *
 * @param texts VEVENTs, any number of them in each piece
 * @returns the feed, and where in it the texts begin
 */
export function assembleFeed(
  texts: readonly Uint8Array[],
  inUse: readonly ZonesInUse[],
  settings: FeedSettings,
): { readonly octets: Uint8Array; readonly textsStart: number } {
  const zones: Record<ZoneId, number> = {};
  const definitions: Record<string, ZoneDefinitions[string]> = {};
  for (const one of inUse) {
    for (const [id, year] of Object.entries(one.zones)) zones[id] = Math.min(zones[id] ?? year, year);
    Object.assign(definitions, one.definitions);
  }
  const isEmpty = texts.length === 0;
  if (isEmpty && settings.zone !== "UTC") zones[settings.zone] = FIRST_YEAR;
  const lines = [...calendarLines(settings).map(foldLine), ...zoneTexts(zones, definitions)];
  const head = Buffer.from(lines.join("") + (isEmpty && settings.zone === "UTC" ? UTC_ZONE : ""));
  return { octets: Buffer.concat([head, ...texts, LAST_LINE]), textsStart: head.length };
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
