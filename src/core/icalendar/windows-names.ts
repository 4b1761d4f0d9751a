import windowsIana from "windows-iana";
import { CDO_ZONES, DISPLAY_NAMES } from "./outlook-zones.ts";
import type { ZoneId } from "./time.ts";

/**
 * Where the table of CLDR is behind: zones whose clocks have since parted from the Windows zone, and
 * names the tz data has since replaced.
 */
const CORRECTIONS: Readonly<Record<string, ZoneId>> = {
  "Argentina Standard Time": "America/Argentina/Buenos_Aires",
  "Central Asia Standard Time": "Asia/Bishkek",
  "FLE Standard Time": "Europe/Kyiv",
  "Greenland Standard Time": "America/Nuuk",
  "India Standard Time": "Asia/Kolkata",
  "Mountain Standard Time (Mexico)": "America/Mazatlan",
  "Myanmar Standard Time": "Asia/Yangon",
  "Nepal Standard Time": "Asia/Kathmandu",
  "US Eastern Standard Time": "America/Indiana/Indianapolis",
  UTC: "UTC",
};

/** Windows zones by name, in the order of CLDR: from west to east, of equals the best known first. */
const windowsZones: ReadonlyMap<string, ZoneId> = new Map(
  windowsIana.WINDOWS_TO_IANA_MAP.flatMap(({ windowsName, territory, iana }) =>
    territory === "001" ? [[windowsName.toLowerCase(), CORRECTIONS[windowsName] ?? iana[0]] as const] : [],
  ),
);

const displayNames: ReadonlyMap<string, ZoneId> = new Map(
  DISPLAY_NAMES.flatMap(([zone, ...names]) => names.map((name) => [plain(name), zone] as const)),
);

/** Without accents and letter case: `Brasília` is `brasilia`. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The zone that CLDR gives for `W. Europe Standard Time`, and for Lotus' `W. Europe`. */
export function findWindowsZone(name: string): ZoneId | undefined {
  const key = name.toLowerCase();
  return windowsZones.get(key) ?? windowsZones.get(`${key} standard time`);
}

/** The zone behind `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`, with or without offset. */
export function findDisplayedZone(text: string): ZoneId | undefined {
  const name = text.replace(/^\((?:UTC|GMT)[^)]*\)\s*/i, "");
  return findWindowsZone(name) ?? displayNames.get(plain(name));
}

/**
 * The zone of an X-MICROSOFT-CDO-TZID, the numbers of Exchange 2000. Of number 2, which has been Lisbon
 * and Sarajevo, the TZID tells which is meant.
 */
export function findCdoZone(number: string, tzid: string): ZoneId | undefined {
  if (number.trim() === "2") return /lisbon/i.test(tzid) ? "Europe/Lisbon" : "Europe/Sarajevo";
  return /^\s*\d{1,2}\s*$/.test(number) ? CDO_ZONES[Number(number)] : undefined;
}

/** One zone for each Windows zone. Regional variants, as `Pacific Standard Time (Mexico)`, come last. */
export function preferredZones(): ZoneId[] {
  const isVariant = (name: string) => Number(name.endsWith(")"));
  return [...windowsZones].sort(([a], [b]) => isVariant(a) - isVariant(b)).map(([, zone]) => zone);
}
