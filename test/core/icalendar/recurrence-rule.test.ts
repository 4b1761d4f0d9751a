import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CalendarTime,
  findZone,
  formatRecurrenceRule,
  type ParsedRule,
  parseRecurrenceRule,
  parseTime,
} from "../../../src/core/icalendar/icalendar.ts";

const BERLIN = findZone("Europe/Berlin", {});
const TIMED = "20260305T090000"; // a Thursday, 08:00 in UTC
const ALL_DAY = "20260305";

function startOf(text: string): CalendarTime {
  const time = parseTime(text);
  assert.ok(time);
  return time.kind === "date" ? time : { kind: "date-time", wall: time.wall, zone: BERLIN.id };
}

function parse(text: string, start = TIMED): ParsedRule {
  return parseRecurrenceRule(text, { start: startOf(start), zone: BERLIN });
}

function rewrite(text: string, start = TIMED): string | undefined {
  const { rule } = parse(text, start);
  return rule && formatRecurrenceRule(rule, startOf(start).kind);
}

test("parseRecurrenceRule keeps a correct rule, formatRecurrenceRule gives each a single form", () => {
  for (const text of [
    "FREQ=DAILY",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T080000Z;BYDAY=SU,TH;WKST=SU",
    "FREQ=MONTHLY;COUNT=5;BYDAY=-1FR,1MO",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    "FREQ=YEARLY;BYWEEKNO=-1,20;BYDAY=MO",
    "FREQ=YEARLY;BYYEARDAY=-1,100;BYHOUR=9,17;BYMINUTE=0,30;BYSECOND=0",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15;BYSETPOS=-1",
    "FREQ=HOURLY;INTERVAL=3;COUNT=8",
  ]) {
    assert.deepEqual([rewrite(text), parse(text).remarks], [text, []], text);
  }
  assert.equal(rewrite("BYDAY=TH,MO,TH;WKST=MO;INTERVAL=1;FREQ=WEEKLY"), "FREQ=WEEKLY;BYDAY=MO,TH");
});

test("a rule is plain data", () => {
  const { rule } = parse("FREQ=MONTHLY;BYDAY=2TU;COUNT=3");
  assert.deepEqual(JSON.parse(JSON.stringify(rule)), rule);
});

const REPAIRED: readonly (readonly [text: string, rewritten: string, remark?: string])[] = [
  ["freq=weekly;byday=th", "FREQ=WEEKLY;BYDAY=TH"],
  [" FREQ = WEEKLY ; BYDAY = MO , TH ;", "FREQ=WEEKLY;BYDAY=MO,TH"],
  ["FREQ=WEEKLY;X-FOO=1;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH"],
  ["FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY"],
  ["FREQ=WEEKLY;COUNT=3;UNTIL=20260409T070000Z", "FREQ=WEEKLY;UNTIL=20260409T070000Z", "count-and-until"],
  ["FREQ=WEEKLY;COUNT=3;UNTIL=soon", "FREQ=WEEKLY;COUNT=3"],
  ["FREQ=WEEKLY;COUNT=99999", "FREQ=WEEKLY;COUNT=10000"],
  ["FREQ=WEEKLY;UNTIL=99991231T235959Z", "FREQ=WEEKLY"],
  ["FREQ=MONTHLY;BYMONTHDAY=0,15,32", "FREQ=MONTHLY;BYMONTHDAY=15", "illegal-part"],
  ["FREQ=MONTHLY;BYMONTHDAY=99", "FREQ=MONTHLY", "illegal-part"],
  ["FREQ=WEEKLY;BYDAY=XX,TH", "FREQ=WEEKLY;BYDAY=TH", "illegal-part"],
  ["FREQ=WEEKLY;BYDAY=2TH", "FREQ=WEEKLY;BYDAY=TH", "illegal-part"],
  ["FREQ=WEEKLY;BYMONTHDAY=5;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH", "illegal-part"],
  ["FREQ=MONTHLY;BYYEARDAY=100;BYWEEKNO=20", "FREQ=MONTHLY", "illegal-part"],
  ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "illegal-part"],
  ["FREQ=DAILY;BYHOUR=24,9", "FREQ=DAILY;BYHOUR=9", "illegal-part"],
  ["FREQ=DAILY;BYSECOND=60,0", "FREQ=DAILY;BYSECOND=0,59"],
  ["FREQ=WEEKLY;WKST=XX", "FREQ=WEEKLY"],
  ["FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=OMIT", "FREQ=YEARLY"],
];

for (const [text, rewritten, remark] of REPAIRED) {
  test(`parseRecurrenceRule repairs "${text}"`, () => {
    assert.equal(rewrite(text), rewritten);
    assert.deepEqual(parse(text).remarks, remark === undefined ? [] : [remark]);
  });
}

test("parseRecurrenceRule takes at most 400 values of a list", () => {
  const { rule, remarks } = parse(`FREQ=DAILY;BYHOUR=${"9,".repeat(10_000)}10`);
  assert.deepEqual([rule?.byHour, remarks], [[9], ["illegal-part"]]);
});

const ENDS: readonly (readonly [until: string, rewritten: string, start: string, why: string])[] = [
  ["20260409T070000Z", "20260409T070000Z", TIMED, "UTC"],
  ["20260409T090000", "20260409T070000Z", TIMED, "local time is made UTC (N19)"],
  ["20260409", "20260409T215959Z", TIMED, "a date means the end of that day"],
  ["20260409", "20260409", ALL_DAY, "a date"],
  ["20260409T235959", "20260409", ALL_DAY, "a time on that day"],
  ["20260409T235959Z", "20260409", ALL_DAY, "the end of that day, as if UTC were local time"],
  ["20260408T220000Z", "20260409", ALL_DAY, "local midnight in UTC, as Exchange writes it"],
];

for (const [until, rewritten, start, why] of ENDS) {
  test(`parseRecurrenceRule reads UNTIL=${until} of an event on ${start}: ${why}`, () => {
    assert.equal(rewrite(`FREQ=DAILY;UNTIL=${until}`, start), `FREQ=DAILY;UNTIL=${rewritten}`);
  });
}

const REFUSED: readonly (readonly [text: string, remark: string, start?: string])[] = [
  ["", "rule-bad-frequency"],
  ["FREQ=FORTNIGHTLY", "rule-bad-frequency"],
  ["FREQ=CONSTRUCTOR", "rule-bad-frequency"],
  ["INTERVAL=2", "rule-bad-frequency"],
  ["FREQ=SECONDLY", "rule-too-frequent"], // L01
  ["FREQ=MINUTELY;COUNT=2", "rule-too-frequent"],
  ["FREQ=HOURLY", "rule-too-frequent"],
  ["FREQ=HOURLY;COUNT=501", "rule-too-frequent"],
  ["FREQ=HOURLY;UNTIL=20260401T000000Z", "rule-too-frequent"],
  ["FREQ=HOURLY;COUNT=3", "rule-too-frequent", ALL_DAY],
  ["FREQ=DAILY;INTERVAL=0", "rule-bad-interval"], // L17
  ["FREQ=DAILY;INTERVAL=-1", "rule-bad-interval"],
  ["FREQ=DAILY;INTERVAL=two", "rule-bad-interval"],
  ["FREQ=DAILY;INTERVAL=10001", "rule-bad-interval"],
  ["FREQ=DAILY;INTERVAL=99999999999", "rule-bad-interval"],
  ["FREQ=DAILY;COUNT=0", "rule-bad-count"],
  ["FREQ=DAILY;COUNT=many", "rule-bad-count"],
  ["FREQ=DAILY;UNTIL=20260231T000000Z", "rule-bad-until"],
  ["FREQ=DAILY;COUNT=1", "rule-single"], // N22
  ["FREQ=DAILY;UNTIL=20260101T000000Z", "rule-without-instance"], // before DTSTART
  ["FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2", "rule-without-instance"], // L02
  ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rule-without-instance"], // L02
  ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "rule-without-instance"],
  ["FREQ=YEARLY;BYWEEKNO=10;BYMONTH=8", "rule-without-instance"],
  ["FREQ=YEARLY;RSCALE=KLINGON", "rule-of-other-calendar"],
];

for (const [text, remark, start] of REFUSED) {
  test(`parseRecurrenceRule refuses "${text}"${start === undefined ? "" : " of whole days"}`, () => {
    assert.deepEqual(parse(text, start), { rule: undefined, dates: [], remarks: [remark] });
  });
}

test("parseRecurrenceRule keeps an hourly rule that ends in time", () => {
  assert.equal(rewrite("FREQ=HOURLY;COUNT=500"), "FREQ=HOURLY;COUNT=500");
  // 17 days of nine hours
  const office = "FREQ=HOURLY;UNTIL=20260321T160000Z;BYHOUR=9,10,11,12,13,14,15,16,17";
  assert.equal(rewrite(office), office);
});

test("parseRecurrenceRule ignores times of day in a rule of whole days", () => {
  assert.equal(rewrite("FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0", ALL_DAY), "FREQ=DAILY");
});
