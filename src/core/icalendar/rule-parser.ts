import { expandOtherCalendar } from "./other-calendar.ts";
import {
  type Frequency,
  MONDAY,
  type RecurrenceRule,
  type RuleList,
  WEEKDAY_NAMES,
} from "./recurrence-rule.ts";
import { type RuleContext, readRuleEnd } from "./rule-end.ts";
import { newEffort, ruleInstances, ruleSource } from "./rule-instances.ts";
import { parseInteger, type RuleParts, readRuleParts, splitRule } from "./rule-parts.ts";
import type { CalendarTime } from "./time.ts";

/** What was wrong with a rule. Those that begin with `rule-` cost the rule, the others were repaired. */
export type RuleRemark =
  | "rule-bad-frequency"
  | "rule-too-frequent"
  | "rule-bad-interval"
  | "rule-bad-count"
  | "rule-bad-until"
  | "rule-single"
  | "rule-without-instance"
  | "rule-of-other-calendar"
  | "illegal-part"
  | "count-and-until";

export interface ParsedRule {
  /** Nothing when the event happens once. */
  readonly rule: RecurrenceRule | undefined;
  /** RDATEs that stand for a rule of another calendar (RFC 7529), which hardly any reader understands. */
  readonly dates: readonly CalendarTime[];
  readonly remarks: readonly RuleRemark[];
}

const MAX_INTERVAL = 10_000;
/** Every hour for three weeks: a course of medicine, but not an alarm clock for ever. */
const MAX_HOURLY_INSTANCES = 500;

/** Where a part may not stand (RFC 5545 §3.3.10); Google and Apple ignore it there, and so do we. */
const FORBIDDEN: Readonly<Record<Frequency, readonly RuleList[]>> = {
  YEARLY: [],
  MONTHLY: ["byWeekNo", "byYearDay"],
  WEEKLY: ["byWeekNo", "byYearDay", "byMonthDay"],
  DAILY: ["byWeekNo", "byYearDay"],
  HOURLY: ["byWeekNo"],
};
/** Whole days have no time to choose. */
const FORBIDDEN_FOR_DATES: readonly RuleList[] = ["byHour", "byMinute", "bySecond"];

/**
 * Reads an RRULE value. What is wrong in it is repaired and remarked; where no repair would be honest
 * there is no rule.
 */
export function parseRecurrenceRule(text: string, context: RuleContext): ParsedRule {
  const parts = splitRule(text);
  const allDay = context.start.kind === "date";
  const frequency = parts.get("FREQ") ?? "";
  if (/^(SECOND|MINUTE)LY$/.test(frequency) || (frequency === "HOURLY" && allDay)) {
    return refused("rule-too-frequent");
  }
  if (!isFrequency(frequency)) return refused("rule-bad-frequency");

  const interval = parseInteger(parts.get("INTERVAL") ?? "1") ?? 0;
  if (interval < 1 || interval > MAX_INTERVAL) return refused("rule-bad-interval");

  const end = readRuleEnd(parts, context);
  if (typeof end === "string") return refused(end);
  if (end.count === 1) return refused("rule-single");

  if (isOfOtherCalendar(parts)) {
    const dates = expandOtherCalendar(parts, { ...context, frequency, interval, end });
    return { rule: undefined, dates, remarks: ["rule-of-other-calendar"] };
  }
  const { lists, isComplete } = readRuleParts(parts, {
    forbidden: [...FORBIDDEN[frequency], ...(allDay ? FORBIDDEN_FOR_DATES : [])],
    ordinals: frequency === "MONTHLY" || (frequency === "YEARLY" && !parts.has("BYWEEKNO")),
  });
  const weekStart = WEEKDAY_NAMES.indexOf(parts.get("WKST") ?? "");
  const rule = { frequency, interval, ...end, ...lists, weekStart: weekStart < 0 ? MONDAY : weekStart };
  const fault = faultOf(rule, context);
  if (fault !== undefined) return refused(fault);

  const remarks: RuleRemark[] = isComplete ? [] : ["illegal-part"];
  if (end.until !== undefined && parts.has("COUNT")) remarks.push("count-and-until");
  return { rule, dates: [], remarks };
}

function refused(remark: RuleRemark): ParsedRule {
  return { rule: undefined, dates: [], remarks: [remark] };
}

function isFrequency(text: string): text is Frequency {
  return Object.hasOwn(FORBIDDEN, text);
}

/** RFC 7529: months of another calendar, or dates that move where others are left out. */
function isOfOtherCalendar(parts: RuleParts): boolean {
  return (parts.get("RSCALE") ?? "GREGORIAN") !== "GREGORIAN" || (parts.get("SKIP") ?? "OMIT") !== "OMIT";
}

/** What only a look at the instances tells. */
function faultOf(rule: RecurrenceRule, { start, zone }: RuleContext): RuleRemark | undefined {
  const instances = ruleInstances(ruleSource(rule, start, zone), Number.NEGATIVE_INFINITY, newEffort());
  if (instances.next().done === true) return "rule-without-instance";
  if (rule.frequency !== "HOURLY") return undefined;
  const isBounded =
    rule.count === undefined
      ? rule.until !== undefined && instances.drop(MAX_HOURLY_INSTANCES - 1).next().done === true
      : rule.count <= MAX_HOURLY_INSTANCES;
  return isBounded ? undefined : "rule-too-frequent";
}
