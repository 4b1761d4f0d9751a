import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CalendarTime,
  findZone,
  parseRecurrenceRule,
  recurrenceSet,
  SECONDS_PER_DAY,
} from "../../../src/core/icalendar/icalendar.ts";
import { recurrenceRule } from "../../../src/core/tnef/pattern-rule.ts";
import type { RecurrencePattern } from "../../../src/core/tnef/recurrence-blob.ts";

const OCCURRENCES = 8;
const UTC = findZone("UTC", {});

const RULES: readonly { pattern: RecurrencePattern; month?: number; rule: string }[] = [
  { pattern: { kind: "daily", days: 1 }, rule: "FREQ=DAILY" },
  { pattern: { kind: "weekly", weeks: 1, weekdays: 0x3e }, rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=SU" },
  { pattern: { kind: "day-of-month", months: 1, day: 28 }, rule: "FREQ=MONTHLY;BYMONTHDAY=28" },
  {
    pattern: { kind: "day-of-month", months: 3, day: 30 },
    rule: "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30;BYSETPOS=-1",
  },
  { pattern: { kind: "day-of-month", months: 1, day: 31 }, rule: "FREQ=MONTHLY;BYMONTHDAY=-1" },
  {
    pattern: { kind: "day-of-month", months: 12, day: 29 },
    month: 2,
    rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
  },
  {
    pattern: { kind: "day-of-month", months: 24, day: 30 },
    month: 4,
    rule: "FREQ=YEARLY;INTERVAL=2;BYMONTH=4;BYMONTHDAY=30",
  },
  { pattern: { kind: "nth-weekday", months: 1, weekdays: 1 << 4, nth: 2 }, rule: "FREQ=MONTHLY;BYDAY=2TH" },
  {
    pattern: { kind: "nth-weekday", months: 12, weekdays: 1 << 0, nth: 5 },
    month: 10,
    rule: "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  },
  {
    pattern: { kind: "nth-weekday", months: 1, weekdays: 0x3e, nth: 5 },
    rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
  },
];

for (const { pattern, month = 1, rule } of RULES) {
  test(`recurrenceRule writes ${rule}`, () => {
    assert.equal(recurrenceRule(pattern, { end: undefined, firstDayOfWeek: 0, month }), rule);
  });
}

/** Days from 1970, as Outlook counts them out; the first is the one the series starts with. */
function* outlookDays(pattern: RecurrencePattern, from: number, firstDayOfWeek: number): Generator<number> {
  if (pattern.kind === "daily") {
    for (let day = from; ; day += pattern.days) yield day;
  }
  if (pattern.kind === "weekly") {
    const week = from - ((weekdayOf(from) - firstDayOfWeek + 7) % 7);
    for (let start = week; ; start += 7 * pattern.weeks) {
      for (let day = start; day < start + 7; day++) {
        if (day >= from && isIn(pattern.weekdays, day)) yield day;
      }
    }
  }
  const first = new Date(from * SECONDS_PER_DAY * 1000);
  for (let month = first.getUTCMonth(); ; month += pattern.months) {
    const start = Date.UTC(first.getUTCFullYear(), month, 1) / 1000 / SECONDS_PER_DAY;
    const end = Date.UTC(first.getUTCFullYear(), month + 1, 1) / 1000 / SECONDS_PER_DAY;
    if (pattern.kind === "day-of-month") yield Math.min(start + pattern.day, end) - 1;
    else {
      const days = Array.from({ length: end - start }, (_, day) => start + day);
      const matching = days.filter((day) => isIn(pattern.weekdays, day));
      yield matching.at(pattern.nth === 5 ? -1 : pattern.nth - 1) ?? start;
    }
  }
}

function weekdayOf(day: number): number {
  return (day + 4) % 7;
}

function isIn(weekdays: number, day: number): boolean {
  return (weekdays >> weekdayOf(day)) % 2 === 1;
}

const months = fc.constantFrom(1, 2, 3, 6, 12, 24);
const weekdays = fc.integer({ min: 1, max: 0x7f });
const patterns: fc.Arbitrary<RecurrencePattern> = fc.oneof(
  fc.record({ kind: fc.constant("daily" as const), days: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("weekly" as const), weeks: fc.integer({ min: 1, max: 6 }), weekdays }),
  fc.record({ kind: fc.constant("day-of-month" as const), months, day: fc.integer({ min: 1, max: 31 }) }),
  fc.record({
    kind: fc.constant("nth-weekday" as const),
    months,
    weekdays,
    nth: fc.integer({ min: 1, max: 5 }),
  }),
);
const starts = fc.integer({
  min: Date.UTC(2019, 0) / 1000 / SECONDS_PER_DAY,
  max: Date.UTC(2030, 0) / 1000 / SECONDS_PER_DAY,
});

test("recurrenceRule names the days that Outlook means", (context) => {
  const result = fc.check(
    fc.property(patterns, starts, fc.integer({ min: 0, max: 6 }), (pattern, from, firstDayOfWeek) => {
      const expected = [...outlookDays(pattern, from, firstDayOfWeek).take(OCCURRENCES)];
      const start: CalendarTime = { kind: "date", day: expected[0] ?? 0 };
      const month = new Date(start.day * SECONDS_PER_DAY * 1000).getUTCMonth() + 1;
      const text = recurrenceRule(pattern, { end: undefined, firstDayOfWeek, month });
      const { rule, remarks } = parseRecurrenceRule(text, { start, zone: UTC });
      assert.deepEqual(remarks, [], text);
      const instances = recurrenceSet({ start, rule, zone: UTC }).instances(OCCURRENCES);
      assert.deepEqual(
        instances.map((key) => key / SECONDS_PER_DAY),
        expected,
        text,
      );
    }),
    { numRuns: 1000 },
  );
  context.diagnostic(`seed ${result.seed}`);
  assert.ok(!result.failed, fc.defaultReportMessage(result) ?? "");
});
