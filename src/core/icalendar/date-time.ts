import { type CalendarTime, SECONDS_PER_DAY, type WallClock } from "./time.ts";

/** Outside of these years senders mean something else, and 32-bit readers fail. */
const MIN_YEAR = 1900;
const MAX_YEAR = 2100;

/** A DATE or DATE-TIME as it stands in the text, before its TZID is looked at. */
export type WrittenTime =
  | { readonly kind: "date"; readonly day: number }
  | { readonly kind: "date-time"; readonly wall: WallClock; readonly utc: boolean };

/**
 * Reads a DATE or DATE-TIME value (RFC 5545 §3.3.4, §3.3.5), whatever VALUE says. Accepts missing
 * seconds, 24:00:00 for the next midnight, a leap second as :59, and the hyphens and colons of ISO 8601.
 * @returns nothing for days that do not exist and for years outside 1900–2100.
 */
export function parseTime(text: string): WrittenTime | undefined {
  const match = /^\s*(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?\s*(Z)?)?\s*$/i.exec(
    text,
  );
  if (match === null) return undefined;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const day = dayNumber(year, month, date);
  if (day === undefined) return undefined;
  if (match[4] === undefined) return { kind: "date", day };

  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  const midnight = hour === 24 && minute === 0 && second === 0;
  if ((hour > 23 && !midnight) || minute > 59 || second > 60) return undefined;
  const wall = day * SECONDS_PER_DAY + hour * 3600 + minute * 60 + Math.min(second, 59);
  return { kind: "date-time", wall, utc: match[7] !== undefined };
}

function dayNumber(year: number, month: number, date: number): number | undefined {
  if (year < MIN_YEAR || year > MAX_YEAR) return undefined;
  const milliseconds = Date.UTC(year, month - 1, date);
  const read = new Date(milliseconds);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== date) return undefined;
  return milliseconds / 1000 / SECONDS_PER_DAY;
}

/** `20260310` for the day 20522. */
export function formatDay(day: number): string {
  return new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10).replaceAll("-", "");
}

/** `20260310T100000`, without zone. */
export function formatWall(wall: WallClock): string {
  return new Date(wall * 1000).toISOString().slice(0, 19).replace(/[-:]/g, "");
}

/** DATE as `20260310`; DATE-TIME in local form, with `Z` when the zone is UTC. */
export function formatTime(time: CalendarTime): string {
  if (time.kind === "date") return formatDay(time.day);
  return formatWall(time.wall) + (time.zone === "UTC" ? "Z" : "");
}

/**
 * Reads a DURATION (RFC 5545 §3.3.6) into seconds, negative ones included. Accepts weeks beside days.
 * @returns nothing when the text is no duration or longer than ten years.
 */
export function parseDuration(text: string): number | undefined {
  const match =
    /^\s*([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\s*$/i.exec(
      text,
    );
  if (match === null || !/\d/.test(text)) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(2)
    .map((part) => Number(part ?? 0));
  const total = (weeks * 7 + days) * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds;
  if (total > 10 * 366 * SECONDS_PER_DAY) return undefined;
  return match[1] === "-" ? -total : total;
}
