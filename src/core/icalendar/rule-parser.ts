import { parseTime } from "./date-time.ts";
import {
  type Frequency,
  MONDAY,
  type RecurrenceRule,
  RULE_LISTS,
  type RuleList,
  type RuleListGrammar,
  type RuleWeekday,
  WEEKDAY_NAMES,
} from "./recurrence-rule.ts";
import { newEffort, ruleInstances, ruleSource } from "./rule-instances.ts";
import { type CalendarTime, type Instant, SECONDS_PER_DAY } from "./time.ts";
import type { Zone } from "./zone.ts";

/** What was wrong with a rule. The `rule-` ones cost the rule, the others were repaired. */
export type RuleRemark =
  | "rule-bad-frequency"
  | "rule-too-frequent"
  | "rule-bad-interval"
  | "rule-bad-count"
  | "rule-bad-until"
  | "rule-other-calendar"
  | "rule-single"
  | "rule-without-instance"
  | "illegal-part"
  | "count-and-until";

export interface ParsedRule {
  /** Nothing when the event happens once. */
  readonly rule: RecurrenceRule | undefined;
  readonly remarks: readonly RuleRemark[];
}

/** What the rule belongs to: its DTSTART, and the zone of that (for all-day events, the feed's). */
export interface RuleContext {
  readonly start: CalendarTime;
  readonly zone: Zone;
}

/** More than real calendars need, and little enough to be counted through. */
const MAX_HOURLY_INSTANCES = 500;
const MAX_INTERVAL = 10_000;
const MAX_COUNT = 10_000;
const MAX_LIST_VALUES = 400;
const LAST_YEAR = 2100;

/** Where a part may not stand (RFC 5545 §3.3.10); Google and Apple ignore it there, and so do we. */
const FORBIDDEN: Readonly<Record<Frequency, readonly RuleList[]>> = {
  YEARLY: [],
  MONTHLY: ["byWeekNo", "byYearDay"],
  WEEKLY: ["byWeekNo", "byYearDay", "byMonthDay"],
  DAILY: ["byWeekNo", "byYearDay"],
  HOURLY: ["byWeekNo"],
};
/** All-day events have no time of day to choose. */
const FORBIDDEN_FOR_DATES: readonly RuleList[] = ["byHour", "byMinute", "bySecond"];

type Parts = ReadonlyMap<string, string>;

/**
 * Reads an RRULE value. What is wrong in it is repaired and remarked; where no repair would be honest
 * there is no rule.
 */
export function parseRecurrenceRule(text: string, context: RuleContext): ParsedRule {
  const remarks = new Set<RuleRemark>();
  const refuse = (remark: RuleRemark): ParsedRule => ({ rule: undefined, remarks: [remark] });
  const parts = partsOf(text);
  const allDay = context.start.kind === "date";

  const frequency = parts.get("FREQ") ?? "";
  const tooFrequent = allDay ? /^(SECOND|MINUTE|HOUR)LY$/ : /^(SECOND|MINUTE)LY$/;
  if (tooFrequent.test(frequency)) return refuse("rule-too-frequent");
  if (!isFrequency(frequency)) return refuse("rule-bad-frequency");
  // RFC 7529: dates of other calendars, and invalid dates that move instead of being left out.
  if ((parts.get("RSCALE") ?? "GREGORIAN") !== "GREGORIAN") return refuse("rule-other-calendar");
  if ((parts.get("SKIP") ?? "OMIT") !== "OMIT") return refuse("rule-other-calendar");

  const interval = integer(parts.get("INTERVAL") ?? "1") ?? 0;
  if (interval < 1 || interval > MAX_INTERVAL) return refuse("rule-bad-interval");

  const end = endOf(parts, context);
  if (typeof end === "string") return refuse(end);
  if (end.until !== undefined && parts.has("COUNT")) remarks.add("count-and-until");

  const forbidden = [...FORBIDDEN[frequency], ...(allDay ? FORBIDDEN_FOR_DATES : [])];
  const lists = listsOf(parts, forbidden, remarks);
  const ordinals = frequency === "MONTHLY" || (frequency === "YEARLY" && lists.byWeekNo === undefined);
  const byDay = weekdaysOf(parts, ordinals, remarks);
  const weekStart = WEEKDAY_NAMES.indexOf(parts.get("WKST") ?? "");
  const rule: RecurrenceRule = {
    frequency,
    interval,
    ...end,
    ...lists,
    ...(byDay.length > 0 ? { byDay } : {}),
    weekStart: weekStart < 0 ? MONDAY : weekStart,
  };
  const fault = faultOf(rule, context);
  return fault === undefined ? { rule, remarks: [...remarks] } : refuse(fault);
}

/** What only looking at the instances shows. */
function faultOf(rule: RecurrenceRule, { start, zone }: RuleContext): RuleRemark | undefined {
  const instances = ruleInstances(ruleSource(rule, start, zone), Number.NEGATIVE_INFINITY, newEffort());
  if (instances.next().done === true) return "rule-without-instance";
  if (rule.frequency !== "HOURLY") return undefined;
  if (rule.count === undefined && rule.until === undefined) return "rule-too-frequent";
  if (rule.count !== undefined) return rule.count > MAX_HOURLY_INSTANCES ? "rule-too-frequent" : undefined;
  return instances.drop(MAX_HOURLY_INSTANCES - 1).next().done === true ? undefined : "rule-too-frequent";
}

/** Of a part that comes twice, which it may not, the first counts. */
function partsOf(text: string): Parts {
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(";")) {
    const [key = "", value = ""] = part.split("=", 2).map((side) => side.trim());
    if (!parts.has(key)) parts.set(key, value);
  }
  return parts;
}

function isFrequency(text: string): text is Frequency {
  return Object.hasOwn(FORBIDDEN, text);
}

function integer(text: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** COUNT or UNTIL; of both UNTIL, the more definite. */
function endOf(parts: Parts, context: RuleContext): Pick<RecurrenceRule, "count" | "until"> | RuleRemark {
  const untilText = parts.get("UNTIL");
  if (untilText !== undefined) {
    // QUIRK: some senders say "for ever" with the year 9999.
    if (Number(/^\d{4}/.exec(untilText)?.[0]) > LAST_YEAR) return {};
    const until = parseUntil(untilText, context);
    if (until !== undefined) return { until };
    if (!parts.has("COUNT")) return "rule-bad-until";
  }
  const countText = parts.get("COUNT");
  if (countText === undefined) return {};
  const count = integer(countText) ?? 0;
  if (count < 1) return "rule-bad-count";
  return count === 1 ? "rule-single" : { count: Math.min(count, MAX_COUNT) };
}

/** UNTIL must have the type of DTSTART, and be in UTC where that has a zone; many senders do otherwise. */
function parseUntil(text: string, { start, zone }: RuleContext): Instant | undefined {
  const time = parseTime(text);
  if (time === undefined) return undefined;
  if (start.kind === "date") {
    if (time.kind === "date") return time.day * SECONDS_PER_DAY;
    // QUIRK: Exchange means midnight at the user's place and writes it in UTC: often the day before.
    const local = time.utc ? zone.toWall(time.wall) : time.wall;
    const meant = local % SECONDS_PER_DAY === 0 ? local : time.wall;
    return Math.floor(meant / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  }
  if (time.kind === "date") return zone.toInstant((time.day + 1) * SECONDS_PER_DAY - 1);
  return time.utc ? time.wall : zone.toInstant(time.wall);
}

function listsOf(
  parts: Parts,
  forbidden: readonly RuleList[],
  remarks: Set<RuleRemark>,
): { [part in RuleList]?: readonly number[] } {
  const lists: { [part in RuleList]?: readonly number[] } = {};
  for (const grammar of RULE_LISTS) {
    const written = parts.get(grammar.key)?.split(",");
    if (written === undefined) continue;
    const legal = forbidden.includes(grammar.part) ? [] : legalNumbers(written, grammar);
    if (legal.length < written.length) remarks.add("illegal-part");
    if (legal.length > 0) lists[grammar.part] = [...new Set(legal)].sort((a, b) => a - b);
  }
  return lists;
}

function legalNumbers(written: readonly string[], { part, min, max, signed }: RuleListGrammar): number[] {
  return written.slice(0, MAX_LIST_VALUES).flatMap((text) => {
    const value = integer(text.trim());
    if (value === undefined) return [];
    const size = signed ? Math.abs(value) : value;
    if (size < min || size > max) return [];
    return [part === "bySecond" ? Math.min(value, 59) : value]; // the leap second is :59 everywhere here
  });
}

/** BYDAY. `1MO` is every Monday where ordinals have no meaning (RFC 5545 §3.3.10). */
function weekdaysOf(parts: Parts, ordinals: boolean, remarks: Set<RuleRemark>): RuleWeekday[] {
  const weekdays = new Map<number, RuleWeekday>();
  for (const text of (parts.get("BYDAY")?.split(",") ?? []).slice(0, MAX_LIST_VALUES)) {
    const [, number = "0", name = ""] = /^\s*([+-]?\d{1,2})?\s*([A-Z]{2})\s*$/.exec(text) ?? [];
    const weekday = WEEKDAY_NAMES.indexOf(name);
    const ordinal = ordinals ? Number(number) : 0;
    if (weekday < 0 || Math.abs(ordinal) > 53 || ordinal !== Number(number)) remarks.add("illegal-part");
    if (weekday >= 0 && Math.abs(ordinal) <= 53) weekdays.set(ordinal * 7 + weekday, { weekday, ordinal });
  }
  return [...weekdays].sort(([a], [b]) => a - b).map(([, weekday]) => weekday);
}
