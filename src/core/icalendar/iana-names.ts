import windowsIana from "windows-iana";
import type { ZoneId } from "./time.ts";

/**
 * In the tz data, but in neither list we build on. `Intl` knows many further names, among them such
 * as `CST` and `IST` that mean something else to whoever wrote them; so its word alone is not enough.
 */
const UNLISTED = ["CET", "EET", "MET", "WET", "America/Montreal", "Europe/Kyiv", "Pacific/Kanton"];

/** Other names for UTC (RFC 5545 §3.2.19 wants none of them as TZID; Outlook complains). */
const UTC_NAMES = new Set(
  [
    ...["UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"].flatMap((name) => [
      name,
      `Etc/${name}`,
    ]),
    "Z",
    "tzone://Microsoft/Utc",
  ].map((name) => name.toLowerCase()),
);

let names: ReadonlyMap<string, ZoneId> | undefined;

/**
 * The zone of that name, in the spelling of the tz data, whatever its letter case. Old names stay as they
 * are: readers know `Asia/Calcutta` at least as well as `Asia/Kolkata`.
 */
export function findIanaName(text: string): ZoneId | undefined {
  const key = text.toLowerCase();
  if (UTC_NAMES.has(key)) return "UTC";
  names ??= allNames();
  return names.get(key);
}

function allNames(): Map<string, ZoneId> {
  const aliases = windowsIana.IANA_ALIAS_MAP.flatMap(({ alias }) => [...alias]);
  const all = [...Intl.supportedValuesOf("timeZone"), ...aliases, ...UNLISTED];
  return new Map(all.filter((name) => name !== "Etc/Unknown").map((name) => [name.toLowerCase(), name]));
}
