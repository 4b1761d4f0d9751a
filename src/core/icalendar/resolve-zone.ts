import { type Component, findValue } from "./component.ts";
import { customZone, customZoneId, readZoneDefinition, type ZoneDefinition } from "./custom-zone.ts";
import { findIanaName } from "./iana-names.ts";
import { ianaZone } from "./iana-zone.ts";
import { findZoneByRules } from "./match-zone.ts";
import type { WallClock, ZoneId } from "./time.ts";
import { findCdoZone, findDisplayedZone, findWindowsZone } from "./windows-names.ts";
import type { Zone } from "./zone.ts";

/** What told us the zone; `default` means that nothing did. */
export type ZoneSource =
  | "name"
  | "end-of-name"
  | "windows-name"
  | "displayed-name"
  | "location"
  | "cdo-number"
  | "rules"
  | "offset"
  | "definition"
  | "default";

export interface ResolvedZone {
  readonly zone: ZoneId;
  readonly source: ZoneSource;
  /** Of a zone `Custom-…`: what `findZone` needs wherever the id is met again. */
  readonly definition?: ZoneDefinition;
}

export interface ZoneContext {
  /** The VTIMEZONE of that TZID in the same calendar object. */
  readonly definition?: Component | undefined;
  /** DTSTART. A zone that we guess must show the same time there as the VTIMEZONE. */
  readonly at: WallClock;
  readonly defaultZone: ZoneId;
}

/** Longer than any name; and to search one of 200,000 blanks would take a minute. */
const MAX_NAME_LENGTH = 255;

/**
 * Finds the zone that a sender means by a TZID (RFC 5545 §3.2.19). An IANA name is believed even when a
 * VTIMEZONE of that name has other rules, as libical, Google and Apple do; any other guess only if the
 * VTIMEZONE does not contradict it.
 */
export function resolveZone(
  tzid: string,
  { definition: timezone, at, defaultZone }: ZoneContext,
): ResolvedZone {
  const name = tzid.length > MAX_NAME_LENGTH ? "" : tzid.replace(/^[\s"']+|[\s"']+$/g, "");
  const exact = findIanaName(name);
  if (exact !== undefined) return { zone: exact, source: "name" };

  const definition = timezone && readZoneDefinition(timezone);
  const own = definition && customZone(definition);
  for (const { zone, source } of guesses(name, timezone)) {
    if (zone !== undefined && (source === "location" || agree(own, zone, at))) return { zone, source };
  }
  const equal = own && findZoneByRules(own, own.toInstant(at));
  if (equal !== undefined) return { zone: equal, source: "rules" };

  const offset = offsetNamed(name);
  if (offset !== undefined && (own === undefined || own.toInstant(at) === at - offset)) {
    return offset === 0
      ? { zone: "UTC", source: "offset" }
      : { ...custom(fixedDefinition(offset)), source: "offset" };
  }
  if (definition !== undefined) return { ...custom(definition), source: "definition" };
  return { zone: defaultZone, source: "default" };
}

function* guesses(
  name: string,
  timezone: Component | undefined,
): Generator<{ zone: ZoneId | undefined; source: ZoneSource }> {
  yield { zone: lastNameIn(name), source: "end-of-name" };
  yield { zone: findWindowsZone(name), source: "windows-name" };
  yield { zone: findDisplayedZone(name), source: "displayed-name" };
  if (timezone === undefined) return;
  const location =
    findValue(timezone, "X-LIC-LOCATION")
      ?.trim()
      .replace(/^SystemV\//i, "") ?? "";
  yield {
    zone: findIanaName(location) ?? lastNameIn(location) ?? findWindowsZone(location),
    source: "location",
  };
  const number = findValue(timezone, "X-MICROSOFT-CDO-TZID") ?? "";
  yield { zone: findCdoZone(number, name), source: "cdo-number" };
}

/** `Europe/Berlin` of `/freeassociation.sourceforge.net/Tzfile/Europe/Berlin`. No name has more than three parts. */
function lastNameIn(text: string): ZoneId | undefined {
  const parts = text.split("/");
  for (let count = Math.min(3, parts.length - 1); count > 0; count -= 1) {
    const zone = findIanaName(parts.slice(-count).join("/"));
    if (zone !== undefined) return zone;
  }
  return undefined;
}

function agree(own: Zone | undefined, zone: ZoneId, at: WallClock): boolean {
  return own === undefined || own.toInstant(at) === ianaZone(zone).toInstant(at);
}

/**
 * Seconds east of Greenwich in `GMT+0100`, `UTC+01:00` and `+01`. Not to be confused with the IANA
 * name `Etc/GMT+1`, which lies west.
 */
function offsetNamed(name: string): number | undefined {
  const match = /^(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d\d))?$/i.exec(name);
  if (match === null) return undefined;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 14 || minutes > 59) return undefined;
  return (match[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function fixedDefinition(offset: number): ZoneDefinition {
  return { observances: [{ offsetFrom: offset, offsetTo: offset, start: 0 }] };
}

function custom(definition: ZoneDefinition): { zone: ZoneId; definition: ZoneDefinition } {
  return { zone: customZoneId(definition), definition };
}
