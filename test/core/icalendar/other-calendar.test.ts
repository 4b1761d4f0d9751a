import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarMonths } from "../../../src/core/icalendar/calendar-months.ts";
import {
  findZone,
  formatTime,
  parseRecurrenceRule,
  parseTime,
} from "../../../src/core/icalendar/icalendar.ts";

const BERLIN = findZone("Europe/Berlin", {});

function expand(startText: string, rule: string, limit = 999): string[] {
  const time = parseTime(startText);
  assert.ok(time);
  const start =
    time.kind === "date" ? time : ({ kind: "date-time", wall: time.wall, zone: BERLIN.id } as const);
  const parsed = parseRecurrenceRule(rule, { start, zone: BERLIN });
  assert.equal(parsed.rule, undefined);
  assert.deepEqual(parsed.remarks, ["rule-of-other-calendar"]);
  return parsed.dates.slice(0, limit).map(formatTime);
}

const EXAMPLES: readonly { name: string; start: string; rule: string; dates: string }[] = [
  {
    name: "Chinese New Year (RFC 7529 §4.3)",
    start: "20130210",
    rule: "RSCALE=CHINESE;FREQ=YEARLY",
    dates: "20140131 20150219 20160208",
  },
  {
    name: "the 13th month of Ethiopia (RFC 7529 §4.3)",
    start: "20130906",
    rule: "RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13",
    dates: "20140906 20150906 20160906",
  },
  {
    name: "a Hebrew leap month, or the month after it (RFC 7529 §4.3)",
    start: "20140208",
    rule: "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",
    dates: "20150227 20160217",
  },
  {
    name: "a Hebrew leap month, or the month before it",
    start: "20140208",
    rule: "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=BACKWARD",
    dates: "20150128 20160217",
  },
  {
    name: "29 February, or 1 March (RFC 7529 §4.3)",
    start: "20120229",
    rule: "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",
    dates: "20130301 20140301 20150301 20160229",
  },
  {
    name: "the 31st, or the last day (RFC 7529 §4.3)",
    start: "20140131",
    rule: "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4",
    dates: "20140228 20140331 20140430",
  },
  {
    name: "the 31st, or the day after (RFC 7529 §4.3)",
    start: "20140131",
    rule: "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;COUNT=4",
    dates: "20140301 20140331 20140501",
  },
  {
    name: "every other Chinese year, at a time of day",
    start: "20240210T180000",
    rule: "RSCALE=CHINESE;FREQ=YEARLY;INTERVAL=2;UNTIL=20280126T170000Z",
    dates: "20260217T180000 20280126T180000",
  },
  {
    name: "the last day of each Persian month",
    start: "20260220",
    rule: "RSCALE=PERSIAN;FREQ=MONTHLY;BYMONTHDAY=-1",
    dates: "20260320 20260420 20260521 20260621",
  },
];

for (const { name, start, rule, dates } of EXAMPLES) {
  test(`parseRecurrenceRule expands ${name}`, () =>
    assert.deepEqual(expand(start, rule, dates.split(" ").length), dates.split(" ")));
}

test("parseRecurrenceRule expands no more than 200 dates and five years", () => {
  assert.equal(expand("20260220", "RSCALE=CHINESE;FREQ=MONTHLY;BYMONTHDAY=1,2,3,4").length, 200);
  assert.equal(expand("20260220", "RSCALE=CHINESE;FREQ=YEARLY").length, 5);
});

test("parseRecurrenceRule leaves alone what it does not know in other calendars", () => {
  for (const rule of [
    "RSCALE=KLINGON;FREQ=YEARLY",
    "RSCALE=CHINESE;FREQ=YEARLY;BYDAY=1MO",
    "RSCALE=CHINESE;FREQ=WEEKLY",
    "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=99;SKIP=FORWARD",
    "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=40L;SKIP=FORWARD",
  ]) {
    assert.deepEqual(expand("20260220", rule), [], rule);
  }
});

test("calendarMonths follow each other without gap in every calendar", () => {
  for (const calendar of Intl.supportedValuesOf("calendar")) {
    const rscale = calendar === "gregory" ? "GREGORIAN" : calendar.toUpperCase();
    const months = calendarMonths(rscale, 20_000, 22_000) ?? [];
    assert.ok(months.length > 60, calendar);
    for (const [index, { start, length, name }] of months.entries()) {
      const next = months[index + 1];
      assert.ok(next === undefined || next.start === start + length, calendar);
      assert.match(name, /^\d+L?$/, calendar);
      assert.ok(length >= 5 && length <= 32, calendar);
    }
  }
});
