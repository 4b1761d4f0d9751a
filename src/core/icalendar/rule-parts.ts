import {
  type RecurrenceRule,
  RULE_LISTS,
  type RuleList,
  type RuleListGrammar,
  type RuleWeekday,
  WEEKDAY_NAMES,
} from "./recurrence-rule.ts";

/** What an RRULE says: its parts by name, all in upper case. */
export type RuleParts = ReadonlyMap<string, string>;

/** More than real calendars need, and little enough to be gone through. */
const MAX_VALUES = 400;
/** The weeks of a year. */
const MAX_ORDINAL = 53;

export function splitRule(text: string): RuleParts {
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(";")) {
    const [key = "", value = ""] = part.split("=", 2).map((side) => side.trim());
    if (!parts.has(key)) parts.set(key, value); // a part may not come twice
  }
  return parts;
}

export function parseInteger(text: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** What of the BYxxx parts is legal, and whether all of it was. */
export interface LegalParts {
  readonly lists: Pick<RecurrenceRule, RuleList | "byDay">;
  readonly isComplete: boolean;
}

/**
 * Reads the BYxxx parts. Illegal values are left out, and a part without any other too.
 * @param forbidden parts that may not stand in this rule
 * @param ordinals whether `1MO` may; if not, it is every Monday
 */
export function readRuleParts(
  parts: RuleParts,
  { forbidden, ordinals }: { readonly forbidden: readonly RuleList[]; readonly ordinals: boolean },
): LegalParts {
  const lists: { [part in RuleList]?: readonly number[] } = {};
  let isComplete = true;
  for (const grammar of RULE_LISTS) {
    const written = parts.get(grammar.key)?.split(",");
    if (written === undefined) continue;
    const legal = forbidden.includes(grammar.part) ? [] : legalNumbers(written, grammar);
    if (legal.length > 0) lists[grammar.part] = [...new Set(legal)].sort((a, b) => a - b);
    if (legal.length < written.length) isComplete = false;
  }
  const written = parts.get("BYDAY")?.split(",") ?? [];
  const legal = legalWeekdays(written);
  const byDay = ordinals ? legal : legal.map(({ weekday }) => ({ weekday, ordinal: 0 }));
  if (legal.length < written.length || byDay.some(({ ordinal }, n) => ordinal !== legal[n]?.ordinal)) {
    isComplete = false;
  }
  return { lists: byDay.length > 0 ? { ...lists, byDay: sortedOnce(byDay) } : lists, isComplete };
}

function legalNumbers(written: readonly string[], { part, min, max, signed }: RuleListGrammar): number[] {
  return written.slice(0, MAX_VALUES).flatMap((text) => {
    const value = parseInteger(text.trim());
    if (value === undefined) return [];
    const size = signed ? Math.abs(value) : value;
    if (size < min || size > max) return [];
    return [part === "bySecond" ? Math.min(value, 59) : value]; // the leap second is :59 everywhere here
  });
}

function legalWeekdays(written: readonly string[]): RuleWeekday[] {
  return written.slice(0, MAX_VALUES).flatMap((text) => {
    const [, number = "0", name = ""] = /^\s*([+-]?\d{1,2})?([A-Z]{2})\s*$/.exec(text) ?? [];
    const [weekday, ordinal] = [WEEKDAY_NAMES.indexOf(name), Number(number)];
    return weekday < 0 || Math.abs(ordinal) > MAX_ORDINAL ? [] : [{ weekday, ordinal }];
  });
}

function sortedOnce(weekdays: readonly RuleWeekday[]): RuleWeekday[] {
  const byRank = new Map(weekdays.map((entry) => [entry.ordinal * 7 + entry.weekday, entry]));
  return [...byRank].sort(([a], [b]) => a - b).map(([, entry]) => entry);
}
