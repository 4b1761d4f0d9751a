import { formatDay, formatWall } from "./date-time.ts";
import { type CalendarTime, type Instant, SECONDS_PER_DAY } from "./time.ts";

/** No SECONDLY or MINUTELY: nobody sends them but those who want to see what breaks. */
export type Frequency = "YEARLY" | "MONTHLY" | "WEEKLY" | "DAILY" | "HOURLY";

/** One entry of BYDAY: `MO` is every Monday (ordinal 0), `-1FR` the last Friday. */
export interface RuleWeekday {
  /** 0 for Sunday to 6 for Saturday. */
  readonly weekday: number;
  readonly ordinal: number;
}

/** The parts that are lists of numbers. */
export type RuleList =
  | "byMonth"
  | "byWeekNo"
  | "byYearDay"
  | "byMonthDay"
  | "byHour"
  | "byMinute"
  | "bySecond"
  | "bySetPos";

/**
 * A recurrence rule that keeps RFC 5545 §3.3.10: every value is legal, every list sorted, without
 * doubles and not empty, no part stands where its FREQ forbids it, COUNT and UNTIL never come together.
 * Plain data, fit for JSON.
 */
export interface RecurrenceRule extends Readonly<Partial<Record<RuleList, readonly number[]>>> {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count?: number;
  /** The last instant; for all-day events the last day times 86,400. Both inclusive. */
  readonly until?: Instant;
  readonly byDay?: readonly RuleWeekday[];
  /** 0 for Sunday to 6 for Saturday. */
  readonly weekStart: number;
}

export const WEEKDAY_NAMES = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
export const MONDAY = 1;

export interface RuleListGrammar {
  readonly key: string;
  readonly part: RuleList;
  readonly min: number;
  readonly max: number;
  /** Whether it may count from the end. */
  readonly signed: boolean;
}

/** In the order in which they are applied (RFC 5545 §3.3.10); BYDAY comes after BYMONTHDAY. */
export const RULE_LISTS: readonly RuleListGrammar[] = [
  { key: "BYMONTH", part: "byMonth", min: 1, max: 12, signed: false },
  { key: "BYWEEKNO", part: "byWeekNo", min: 1, max: 53, signed: true },
  { key: "BYYEARDAY", part: "byYearDay", min: 1, max: 366, signed: true },
  { key: "BYMONTHDAY", part: "byMonthDay", min: 1, max: 31, signed: true },
  { key: "BYHOUR", part: "byHour", min: 0, max: 23, signed: false },
  { key: "BYMINUTE", part: "byMinute", min: 0, max: 59, signed: false },
  { key: "BYSECOND", part: "bySecond", min: 0, max: 60, signed: false },
  { key: "BYSETPOS", part: "bySetPos", min: 1, max: 366, signed: true },
];

/** The value of RRULE: equal rules give equal text. UNTIL is a DATE for all-day events, else in UTC. */
export function formatRecurrenceRule(rule: RecurrenceRule, kind: CalendarTime["kind"]): string {
  const parts = [`FREQ=${rule.frequency}`];
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`);
  if (rule.count !== undefined) parts.push(`COUNT=${rule.count}`);
  if (rule.until !== undefined) {
    parts.push(
      kind === "date"
        ? `UNTIL=${formatDay(rule.until / SECONDS_PER_DAY)}`
        : `UNTIL=${formatWall(rule.until)}Z`,
    );
  }
  for (const { key, part } of RULE_LISTS) {
    const values = rule[part];
    if (part === "byHour" && rule.byDay) parts.push(`BYDAY=${rule.byDay.map(formatWeekday).join(",")}`);
    if (values) parts.push(`${key}=${values.join(",")}`);
  }
  if (rule.weekStart !== MONDAY) parts.push(`WKST=${WEEKDAY_NAMES[rule.weekStart]}`);
  return parts.join(";");
}

function formatWeekday({ weekday, ordinal }: RuleWeekday): string {
  return `${ordinal === 0 ? "" : ordinal}${WEEKDAY_NAMES[weekday]}`;
}
