import type { OctetString } from "./octet-string.ts";

/** A moment as a message states it: the instant, and the calendar day that its writer's calendar showed. */
export interface MessageDate {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** Days since 1970-01-01 as written, whatever the zone: what SENTON compares (RFC 9051 §6.4.4). */
  readonly day: number;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Hours east of UTC (RFC 5322 §4.3). Military letters and unknown names count as UTC, as it says there. */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  edt: -4,
  est: -5,
  cdt: -5,
  cst: -6,
  mdt: -6,
  mst: -7,
  pdt: -7,
  pst: -8,
};

const MS_PER_DAY = 86_400_000;

/**
 * Parses the value of Date (RFC 5322 §3.3 with the obsolete forms of §4.3), or undefined when it holds no
 * date. A missing time is midnight UTC.
 */
export function parseMessageDate(value: OctetString): MessageDate | undefined {
  const start = value.slice(0, MAX_DATE_OCTETS);
  const text = start.includes("(") ? start.replace(/\([^()]*\)/g, " ") : start;
  const date = /(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})/i.exec(text);
  if (date === null) return undefined;
  const month = MONTHS.indexOf((date[2] ?? "").toLowerCase());
  if (month < 0) return undefined;
  const day = Date.UTC(fullYear(date[3] ?? ""), month, Number(date[1])) / MS_PER_DAY;
  const rest = text.slice(date.index + date[0].length);
  const time = /^\D{0,9}(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?/.exec(rest);
  if (time === null) return { at: day * MS_PER_DAY, day };
  const [hours, minutes, seconds] = [time[1], time[2], time[3]].map((digits) => Number(digits ?? 0));
  const sinceMidnight = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return { at: day * MS_PER_DAY + (sinceMidnight - zoneSeconds(rest.slice(time[0].length))) * 1000, day };
}

/** Dates are short; what follows is not looked at. */
const MAX_DATE_OCTETS = 200;

/** Two digits below 50 are of this century, others and three digits are counted from 1900 (RFC 5322 §4.3). */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2 && year < 50) return 2000 + year;
  return digits.length < 4 ? 1900 + year : year;
}

function zoneSeconds(text: string): number {
  const offset = /^\s*([+-])(\d{2}):?(\d{2})/.exec(text);
  if (offset !== null) {
    return (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60;
  }
  const name = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? "";
  return (ZONE_HOURS[name] ?? 0) * 3600;
}
