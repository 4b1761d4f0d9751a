import { parseTime } from "./date-time.ts";
import type { RecurrenceRule } from "./recurrence-rule.ts";
import { parseInteger, type RuleParts } from "./rule-parts.ts";
import { type CalendarTime, type Instant, SECONDS_PER_DAY } from "./time.ts";
import type { Zone } from "./zone.ts";

/** What a rule belongs to: its DTSTART, and the zone of that; for whole days the zone of the feed. */
export interface RuleContext {
  readonly start: CalendarTime;
  readonly zone: Zone;
}

/** A daily meeting for 27 years. */
const MAX_COUNT = 10_000;
const LAST_YEAR = 2100;

/**
 * Reads COUNT or UNTIL; of both UNTIL, which is the more definite.
 * @returns the remark that it deserves where it makes no sense
 */
export function readRuleEnd(
  parts: RuleParts,
  context: RuleContext,
): Pick<RecurrenceRule, "count" | "until"> | "rule-bad-until" | "rule-bad-count" {
  const [untilText, countText] = [parts.get("UNTIL"), parts.get("COUNT")];
  if (untilText !== undefined) {
    // QUIRK: some senders say "for ever" with the year 9999.
    if (Number(/^\d{4}/.exec(untilText)?.[0]) > LAST_YEAR) return {};
    const until = parseUntil(untilText, context);
    if (until !== undefined) return { until };
    if (countText === undefined) return "rule-bad-until";
  }
  if (countText === undefined) return {};
  const count = parseInteger(countText) ?? 0;
  return count < 1 ? "rule-bad-count" : { count: Math.min(count, MAX_COUNT) };
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
