import type { Cursor } from "./cursor.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MS_PER_DAY = 86_400_000;

const DATE = /(\d{1,2})-([a-z]{3})-(\d{4})/iy;
const DATE_TIME = /"( \d|\d\d)-([a-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"/iy;

/** A day without a zone: days since 1970-01-01. */
export type Day = number;

/** The day of an instant by the clock of this server, which is UTC (RFC 9051 §6.4.4, `SINCE`). */
export function dayOf(instantMs: number): Day {
  return Math.floor(instantMs / MS_PER_DAY);
}

/** `date`: `1-Feb-1994`, also in quotes. */
export function parseDate(cursor: Cursor): Day {
  const isQuoted = cursor.take('"');
  const match = cursor.match(DATE);
  if (isQuoted) cursor.expect('"');
  const day = match && dayNumber(match[1], match[2], match[3]);
  if (day === undefined) cursor.fail("Expected a date");
  return day ?? 0;
}

/** `date-time`: `"17-Jul-1996 02:44:25 -0700"`, as milliseconds since 1970. */
export function parseDateTime(cursor: Cursor): number {
  const match = cursor.match(DATE_TIME);
  const day = match && dayNumber(match[1], match[2], match[3]);
  if (day === undefined) {
    cursor.fail("Expected a date and time");
    return 0;
  }
  const [hours = 0, minutes = 0, seconds = 0] = match?.slice(4, 7).map(Number) ?? [];
  const zoneMinutes = Number(match?.[8]) * 60 + Number(match?.[9]);
  if (hours > 23 || minutes > 59 || seconds > 60 || zoneMinutes > 24 * 60) cursor.fail("No such time");
  const eastMinutes = match?.[7] === "-" ? -zoneMinutes : zoneMinutes;
  return day * MS_PER_DAY + ((hours * 60 + minutes - eastMinutes) * 60 + seconds) * 1000;
}

/** INTERNALDATE and SAVEDATE as we write them, in UTC. */
export function formatDateTime(instant: Date): string {
  const two = (number: number): string => `${number}`.padStart(2, "0");
  const date = `${two(instant.getUTCDate())}-${MONTHS[instant.getUTCMonth()]}-${instant.getUTCFullYear()}`;
  const time = [instant.getUTCHours(), instant.getUTCMinutes(), instant.getUTCSeconds()].map(two).join(":");
  return `"${date} ${time} +0000"`;
}

/** Undefined for a day that is in no calendar. */
function dayNumber(day = "", month = "", year = ""): Day | undefined {
  const monthIndex = MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase());
  const date = new Date(Date.UTC(Number(year), monthIndex, Number(day)));
  const isReal =
    monthIndex >= 0 && date.getUTCDate() === Number(day) && date.getUTCFullYear() === Number(year);
  return isReal ? dayOf(date.getTime()) : undefined;
}
