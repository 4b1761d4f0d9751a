import assert from "node:assert/strict";
import { test } from "node:test";
import {
  civilDay,
  dayOf,
  isLeapYear,
  monthLength,
  weekdayOf,
  yearLength,
} from "../../../src/core/icalendar/civil-day.ts";

test("dayOf and civilDay agree with Date for every day of 1895 to 2105", () => {
  const end = Date.UTC(2105, 0, 1) / 86_400_000;
  for (let day = Date.UTC(1895, 0, 1) / 86_400_000; day < end; day += 1) {
    const date = new Date(day * 86_400_000);
    const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, date: date.getUTCDate() };
    const { year, month, date: dayOfMonth } = civilDay(day);
    if (dayOf(expected.year, expected.month, expected.date) !== day || weekdayOf(day) !== date.getUTCDay())
      assert.fail(`day ${day}`);
    if (year !== expected.year || month !== expected.month || dayOfMonth !== expected.date)
      assert.fail(`day ${day}`);
  }
});

test("dayOf runs over the end of a month", () => {
  assert.equal(dayOf(2026, 10, 32), dayOf(2026, 11, 1));
  assert.equal(dayOf(2026, 10, 0), dayOf(2026, 9, 30));
});

test("lengths of months and years know leap years", () => {
  assert.deepEqual([1900, 2000, 2024, 2026, 2100].map(isLeapYear), [false, true, true, false, false]);
  assert.deepEqual([monthLength(2024, 2), monthLength(2026, 2), monthLength(2026, 12)], [29, 28, 31]);
  assert.deepEqual([yearLength(2024), yearLength(2100)], [366, 365]);
});
