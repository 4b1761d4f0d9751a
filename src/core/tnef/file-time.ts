import type { Instant, WallClock } from "../icalendar/icalendar.ts";
import { OctetCursor } from "./octet-cursor.ts";

const TICKS_PER_SECOND = 10_000_000;
const SECONDS_FROM_1601_TO_1970 = 11_644_473_600;

/** The years a calendar has; what lies outside is a sentinel (MAPI says "none" in 4501) or an attack. */
const EARLIEST = Date.UTC(1900, 0) / 1000;
const LATEST = Date.UTC(2101, 0) / 1000;

function isInCalendar(seconds: number): boolean {
  return seconds >= EARLIEST && seconds < LATEST;
}

/** A FILETIME: 100 ns since 1601 in UTC ([MS-DTYP] 2.3.3). Undefined outside the years 1900 to 2100. */
export function instantOfFileTime(octets: Uint8Array): Instant | undefined {
  const cursor = new OctetCursor(octets);
  const low = cursor.uint32();
  const ticks = cursor.uint32() * 2 ** 32 + low;
  const instant = Math.floor(ticks / TICKS_PER_SECOND) - SECONDS_FROM_1601_TO_1970;
  return isInCalendar(instant) ? instant : undefined;
}

/** Minutes since 1601 in local time ([MS-OXOCAL] 2.2.1.44). Undefined outside the years 1900 to 2100. */
export function wallClockOfMinutes(minutes: number): WallClock | undefined {
  const wall = minutes * 60 - SECONDS_FROM_1601_TO_1970;
  return isInCalendar(wall) ? wall : undefined;
}

/** The date of an attribute: year, month, day, hour, minute, second, in the sender's local time ([MS-OXTNEF] 2.1.3.3). */
export function wallClockOfAttribute(data: Uint8Array): WallClock | undefined {
  const cursor = new OctetCursor(data);
  const [year, month, day] = [cursor.uint16(), cursor.uint16(), cursor.uint16()];
  const [hour, minute, second] = [cursor.uint16(), cursor.uint16(), cursor.uint16()];
  if (cursor.overrun || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return isInCalendar(wall) ? wall : undefined;
}
