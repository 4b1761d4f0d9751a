import { numberOf, type PropertyList } from "./property-list.ts";
import type { RecurrenceEnd, RecurrencePattern } from "./recurrence-blob.ts";

/**
 * A series as writers without a recurrence blob tell it, in properties of the meeting set
 * ([MS-XWDCAL] 2.2.7, PidLidOldRecurrenceType and its neighbours). The bits of the type say which of
 * the other properties count.
 */
const TYPE = {
  daily: 0x40,
  weekly: 0x30,
  monthly: 0x0c,
  monthlyNth: 0x38,
  yearly: 0x07,
  yearlyNth: 0x33,
} as const;

/** The pattern of such a series; undefined when it is not told this way. */
export function legacyPattern(properties: PropertyList): RecurrencePattern | undefined {
  const weekdays = (numberOf(properties, "dayOfWeekMask") ?? 0) & 0x7f;
  const day = lowestBit(numberOf(properties, "dayOfMonthMask") ?? 0);
  const weeks = numberOf(properties, "weekInterval") ?? 1;
  const months = numberOf(properties, "monthInterval") ?? 1;
  const years = numberOf(properties, "yearInterval") ?? 1;
  switch (numberOf(properties, "oldRecurrenceType")) {
    case TYPE.daily:
      return atLeastOne({ kind: "daily", days: numberOf(properties, "dayInterval") ?? 1 });
    case TYPE.weekly:
      return atLeastOne({ kind: "weekly", weeks, weekdays });
    case TYPE.monthly:
      return atLeastOne({ kind: "day-of-month", months, day });
    case TYPE.monthlyNth:
      return atLeastOne({ kind: "nth-weekday", months, weekdays, nth: weeks });
    case TYPE.yearly:
      return atLeastOne({ kind: "day-of-month", months: years * 12, day });
    case TYPE.yearlyNth:
      return atLeastOne({ kind: "nth-weekday", months: years * 12, weekdays, nth: weeks });
    default:
      return undefined;
  }
}

function atLeastOne(pattern: RecurrencePattern): RecurrencePattern | undefined {
  const { kind, ...numbers } = pattern;
  const possible = Object.values(numbers).every((number) => number >= 1);
  return possible && (kind !== "nth-weekday" || pattern.nth <= 5) ? pattern : undefined;
}

/** The number of the lowest bit that is set, from 1; 0 for none. */
function lowestBit(mask: number): number {
  return mask === 0 ? 0 : 32 - Math.clz32(mask & -mask);
}

/** Where such a series ends: PidLidEndRecurrenceDate, year, month and day in bits from 9, 5 and 0. */
export function legacyEnd(properties: PropertyList): RecurrenceEnd {
  const packed = numberOf(properties, "endRecurrenceDate");
  if (packed === undefined) return { kind: "never" };
  const [year, month, day] = [packed >>> 9, (packed >> 5) & 15, packed & 31];
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1) return { kind: "never" };
  return { kind: "by", lastDay: Date.UTC(year, month - 1, day) / 1000 };
}
