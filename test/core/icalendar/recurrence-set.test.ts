import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CalendarTime,
  expandRule,
  findZone,
  formatDay,
  formatWall,
  type Instant,
  parseRecurrenceRule,
  parseTime,
  type RecurrenceRule,
  type RecurrenceSet,
  recurrenceSet,
  SECONDS_PER_DAY,
  type Zone,
} from "../../../src/core/icalendar/icalendar.ts";

const BERLIN = findZone("Europe/Berlin", {});
const FOR_EVER = Number.POSITIVE_INFINITY;
const FROM_THE_START = Number.NEGATIVE_INFINITY;

function timeOf(text: string, zone: Zone = BERLIN): CalendarTime {
  const time = parseTime(text);
  assert.ok(time, text);
  return time.kind === "date" ? time : { kind: "date-time", wall: time.wall, zone: zone.id };
}

/** `20260312` is a day, `20260312T080000Z` an instant. */
function key(text: string): number {
  const time = parseTime(text);
  assert.ok(time !== undefined && (time.kind === "date" || time.utc), text);
  return time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall;
}

function show(instance: number | undefined, start: CalendarTime): string | undefined {
  if (instance === undefined) return undefined;
  return start.kind === "date" ? formatDay(instance / SECONDS_PER_DAY) : `${formatWall(instance)}Z`;
}

function ruleOf(text: string, start: CalendarTime, zone: Zone): RecurrenceRule {
  const { rule, remarks } = parseRecurrenceRule(text, { start, zone });
  assert.ok(rule, `${text}: ${remarks}`);
  return rule;
}

interface Series {
  readonly start?: string;
  readonly rule?: string;
  readonly dates?: readonly string[];
  readonly exclusions?: readonly string[];
  readonly zone?: Zone;
}

/** The series `s1` of spec 8.0 unless told otherwise: Thursdays at 09:00 in Berlin. */
function seriesOf({ start = "20260305T090000", rule, dates = [], exclusions = [], zone = BERLIN }: Series): {
  set: RecurrenceSet;
  first: (count: number) => (string | undefined)[];
} {
  const time = timeOf(start, zone);
  const set = recurrenceSet({
    start: time,
    rule: rule === undefined ? undefined : ruleOf(rule, time, zone),
    dates: dates.map(key),
    exclusions: exclusions.map(key),
    zone,
  });
  return { set, first: (count) => set.instances(count).map((instance) => show(instance, time)) };
}

test("RecurrenceSet of a single event has one instance", () => {
  const { set, first } = seriesOf({});
  assert.equal(set.isRecurring, false);
  assert.deepEqual(first(5), ["20260305T080000Z"]);
  assert.ok(set.has(key("20260305T080000Z")));
  assert.equal(set.lastBefore(FOR_EVER), key("20260305T080000Z"));
  assert.equal(set.firstAtOrAfter(key("20260305T080001Z")), undefined);
});

test("RecurrenceSet keeps the local time over a change of clocks", () => {
  const { first, set } = seriesOf({ rule: "FREQ=WEEKLY;COUNT=6" });
  assert.deepEqual(first(9), [
    "20260305T080000Z",
    "20260312T080000Z",
    "20260319T080000Z",
    "20260326T080000Z",
    "20260402T070000Z",
    "20260409T070000Z",
  ]);
  assert.ok(set.has(key("20260402T070000Z")));
  assert.ok(!set.has(key("20260402T080000Z")));
});

test("RecurrenceSet counts DTSTART as the first instance, even if the rule would not name it", () => {
  const { first, set } = seriesOf({ rule: "FREQ=WEEKLY;BYDAY=FR;COUNT=3" });
  assert.deepEqual(first(9), ["20260305T080000Z", "20260306T080000Z", "20260313T080000Z"]);
  assert.equal(set.countBefore(key("20260313T080000Z")), 2);
});

test("RecurrenceSet adds RDATEs and leaves out EXDATEs, each once and in order", () => {
  const { first, set } = seriesOf({
    rule: "FREQ=WEEKLY;COUNT=4",
    dates: ["20260314T080000Z", "20260301T080000Z", "20260314T080000Z", "20260312T080000Z"],
    exclusions: ["20260319T080000Z", "20260401T000000Z"],
  });
  const expected = ["20260301T080000Z", "20260305T080000Z", "20260312T080000Z", "20260314T080000Z"];
  assert.deepEqual(first(9), [...expected, "20260326T080000Z"]);
  assert.ok(!set.has(key("20260319T080000Z")));
  assert.equal(set.lastBefore(key("20260326T080000Z")), key("20260314T080000Z"));
  assert.equal(set.countBefore(key("20260326T080000Z")), 3); // what COUNT counts: no RDATE, but the EXDATE
});

test("RecurrenceSet is recurring by RDATE alone", () => {
  const { set, first } = seriesOf({ dates: ["20260312T080000Z"] });
  assert.ok(set.isRecurring);
  assert.deepEqual(first(9), ["20260305T080000Z", "20260312T080000Z"]);
  assert.equal(set.lastBefore(FOR_EVER), key("20260312T080000Z"));
});

test("RecurrenceSet is empty when everything is excluded", () => {
  const { set } = seriesOf({
    rule: "FREQ=WEEKLY;COUNT=2",
    exclusions: ["20260305T080000Z", "20260312T080000Z"],
  });
  assert.equal(set.firstAtOrAfter(FROM_THE_START), undefined);
  assert.equal(set.lastBefore(FOR_EVER), undefined);
});

test("RecurrenceSet of whole days knows days, whatever the zone", () => {
  const { set, first } = seriesOf({
    start: "20260131",
    rule: "FREQ=MONTHLY",
    zone: findZone("Asia/Tokyo", {}),
  });
  assert.deepEqual(first(4), ["20260131", "20260331", "20260531", "20260731"]); // no 30 February
  assert.ok(set.has(key("20260331")));
  assert.equal(set.lastBefore(key("20260331")), key("20260131"));
});

test("RecurrenceSet meets 29 February only in leap years", () => {
  const { first } = seriesOf({ start: "20240229", rule: "FREQ=YEARLY" });
  assert.deepEqual(first(3), ["20240229", "20280229", "20320229"]);
});

test("RecurrenceSet knows where to cut a series (M37)", () => {
  const { set } = seriesOf({ rule: "FREQ=WEEKLY;COUNT=6" });
  assert.equal(show(set.lastBefore(key("20260326T080000Z")), timeOf("20260305T090000")), "20260319T080000Z");
  assert.equal(set.countBefore(key("20260326T080000Z")), 3);
});

test("RecurrenceSet reads a skipped hour with the offset before, a doubled one as the first", () => {
  const spring = seriesOf({ start: "20260328T023000", rule: "FREQ=DAILY;COUNT=3" });
  assert.deepEqual(spring.first(9), ["20260328T013000Z", "20260329T013000Z", "20260330T003000Z"]);
  assert.ok(spring.set.has(key("20260329T013000Z")));
  const autumn = seriesOf({ start: "20261024T023000", rule: "FREQ=DAILY;COUNT=3" });
  assert.deepEqual(autumn.first(9), ["20261024T003000Z", "20261025T003000Z", "20261026T013000Z"]);
});

test("RecurrenceSet puts instances of a skipped hour in order, and each once", () => {
  const { first, set } = seriesOf({
    start: "20260329T010000",
    rule: "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30",
  });
  // 02:00 and 02:30 are 03:00 and 03:30
  assert.deepEqual(first(5), [
    "20260329T000000Z",
    "20260329T003000Z",
    "20260329T010000Z",
    "20260329T013000Z",
    "20260329T230000Z",
  ]);
  assert.equal(set.lastBefore(key("20260329T020000Z")), key("20260329T013000Z"));
});

test("RecurrenceSet finds its way over the day that Samoa skipped", () => {
  const zone = findZone("Pacific/Apia", {});
  const { first, set } = seriesOf({ start: "20111229T220000", rule: "FREQ=DAILY;BYHOUR=8,22", zone });
  // 30 December, 08:00 and 22:00, are read as 31 December
  assert.deepEqual(first(4), [
    "20111230T080000Z",
    "20111230T180000Z",
    "20111231T080000Z",
    "20111231T180000Z",
  ]);
  assert.equal(set.lastBefore(key("20111231T080000Z")), key("20111230T180000Z"));
  assert.equal(set.firstAtOrAfter(key("20111230T180001Z")), key("20111231T080000Z"));
});

test("RecurrenceSet ends with the year 2100, and endless rules with it", () => {
  const { set } = seriesOf({ rule: "FREQ=YEARLY" });
  assert.equal(set.lastBefore(FOR_EVER), key("21000305T080000Z"));
  assert.equal(
    set.firstAtOrAfter(key("21010101T000000Z".replace("2101", "2100")) + 366 * SECONDS_PER_DAY),
    undefined,
  );
});

test("RecurrenceSet ends with UNTIL, that included", () => {
  const { set, first } = seriesOf({ rule: "FREQ=WEEKLY;UNTIL=20260319T080000Z" });
  assert.deepEqual(first(9), ["20260305T080000Z", "20260312T080000Z", "20260319T080000Z"]);
  assert.equal(set.lastBefore(FOR_EVER), key("20260319T080000Z"));
});

test("expandRule names DTSTART only if the rule does", () => {
  const start = timeOf("20260305T090000");
  const rule = ruleOf("FREQ=WEEKLY;BYDAY=FR;COUNT=2", start, BERLIN);
  const named = expandRule(rule, start, { zone: BERLIN, limit: 200 });
  assert.deepEqual(named, [key("20260306T080000Z"), key("20260313T080000Z")]);
  assert.equal(
    expandRule(ruleOf("FREQ=DAILY", start, BERLIN), start, { zone: BERLIN, limit: 200 }).length,
    200,
  );
});

/** Berlin, and how often it was asked. */
function countingZone(): { zone: Zone; asked: () => number } {
  let asked = 0;
  const toInstant = (wall: number): Instant => {
    asked += 1;
    return BERLIN.toInstant(wall);
  };
  return { zone: { ...BERLIN, toInstant }, asked: () => asked };
}

test("RecurrenceSet jumps to a far instance instead of walking there (L03)", () => {
  const { zone, asked } = countingZone();
  const { set } = seriesOf({ rule: "FREQ=DAILY", zone });
  const before = asked();
  assert.ok(set.has(key("20990703T070000Z")));
  assert.ok(!set.has(key("20990703T080000Z")));
  assert.equal(set.lastBefore(key("20990703T070000Z")), key("20990702T070000Z"));
  assert.ok(asked() - before < 20, `${asked() - before} steps`);
});

test("RecurrenceSet answers every question to a hostile rule with few steps", () => {
  for (const rule of [
    "FREQ=DAILY;INTERVAL=10000",
    "FREQ=YEARLY;INTERVAL=10000;BYMONTH=3",
    "FREQ=YEARLY;BYDAY=5FR;BYMONTHDAY=31;BYMONTH=7;BYHOUR=0,1,2;BYSETPOS=366,-366,3",
    `FREQ=DAILY;BYHOUR=${upTo(23)};BYMINUTE=${upTo(59)};BYSECOND=${upTo(59)}`,
    `FREQ=YEARLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYHOUR=${upTo(23)};BYMINUTE=${upTo(59)};BYSECOND=${upTo(59)}`,
    "FREQ=WEEKLY;COUNT=10000",
    "FREQ=HOURLY;COUNT=500;BYMONTH=3;BYMONTHDAY=5;BYHOUR=9",
  ]) {
    const { zone, asked } = countingZone();
    const { set } = seriesOf({ rule, zone });
    set.has(key("20990703T070000Z"));
    set.lastBefore(FOR_EVER);
    set.firstAtOrAfter(key("20990703T070000Z"));
    set.countBefore(FOR_EVER);
    assert.ok(set.instances(10_000).length <= 3_001);
    assert.ok(asked() < 5 * 3_001, `${rule}: ${asked()} steps`);
  }
});

function upTo(last: number): string {
  return Array.from({ length: last + 1 }, (_, index) => index).join(",");
}

test("RecurrenceSet gives up where no instance is within reach, and giving up means no", () => {
  const dense = seriesOf({ rule: `FREQ=DAILY;BYHOUR=${upTo(23)};BYMINUTE=${upTo(59)};BYSECOND=${upTo(59)}` });
  assert.equal(dense.set.lastBefore(FOR_EVER), key("20260305T080000Z")); // only DTSTART is certain
  const rare = seriesOf({ rule: "FREQ=YEARLY;INTERVAL=40" });
  assert.deepEqual(rare.first(9), ["20260305T080000Z"]);
});

test("RecurrenceSet looks at the latest 500 EXDATEs and the earliest 500 RDATEs (L12)", () => {
  const days = Array.from(
    { length: 10_000 },
    (_, index) => key("20260305T080000Z") + index * SECONDS_PER_DAY,
  );
  const start = timeOf("20260305T090000");
  const flooded = recurrenceSet({ start, dates: days, exclusions: days, zone: BERLIN });
  assert.equal(flooded.instances(20_000).length, 500);
});
