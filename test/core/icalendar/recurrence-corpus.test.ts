import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import {
  type CalendarTime,
  findProperty,
  findValue,
  findZone,
  formatDay,
  formatTime,
  parseRecurrenceRule,
  parseTime,
  type RecurrenceSet,
  readCalendarText,
  recurrenceSet,
  resolveZone,
  SECONDS_PER_DAY,
  type Zone,
} from "../../../src/core/icalendar/icalendar.ts";

const folder = resolve(import.meta.dirname, "../../../../shared/corpus/ics/recurrence");
const skip = existsSync(folder) ? false : "the corpus of real samples is not beside this repository";
const UTC = findZone("UTC", {});

interface Sample {
  readonly rule: string;
  readonly start: string;
  readonly startAt: string | undefined;
  readonly instances: readonly string[];
}

/** The suite of libical: rules, and the instances it expects. */
function readSamples(): Sample[] {
  const text = readFileSync(join(folder, "icalrecur_test.txt"), "utf8");
  return text.split(/\n\s*\n/).flatMap((block) => {
    const value = (key: string) => new RegExp(`^${key}:(.*)$`, "m").exec(block)?.[1]?.trim();
    const [rule, start] = [value("RRULE"), value("DTSTART")];
    if (rule === undefined || start === undefined) return [];
    return [{ rule, start, startAt: value("START-AT"), instances: (value("INSTANCES") ?? "").split(",") }];
  });
}

const TOO_FREQUENT = "rules for machines are refused";
const START_COUNTS = "DTSTART is always an instance, and the first that COUNT counts (RFC 5545 §3.8.5.3)";
const ONE_LEFT = "a COUNT of 1 leaves nothing but DTSTART";
const BOUNDED = "no more than 10,000 hours are looked at";
const EVERY_MONTH = "BYMONTHDAY alone expands to every month of the year (the table of RFC 5545 §3.3.10)";
const WE_CAN = "libical says that it cannot";

/** Where we differ from libical, and why. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=FR;COUNT=3 from 19970512T090000": START_COUNTS,
  "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5 from 19970902T090000": START_COUNTS,
  "FREQ=MINUTELY;INTERVAL=15;COUNT=6 from 19970902T090000": TOO_FREQUENT,
  "FREQ=MINUTELY;INTERVAL=90;COUNT=4 from 19970902T090000": TOO_FREQUENT,
  "FREQ=HOURLY;BYHOUR=12;BYYEARDAY=-366;COUNT=3 from 20120101T120000": BOUNDED,
  "FREQ=MONTHLY;INTERVAL=13;BYMONTH=5;COUNT=3 from 20100212T000000": START_COUNTS,
  "FREQ=WEEKLY;BYDAY=WE,FR;INTERVAL=2;COUNT=4 from 20190101T100000": START_COUNTS,
  "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;UNTIL=20170101T000000Z from 20130101T000000": START_COUNTS,
  "FREQ=YEARLY;BYMONTHDAY=29;COUNT=3 from 20240229": EVERY_MONTH,
  "FREQ=YEARLY;BYMONTHDAY=-29,-1;COUNT=4 from 20240201": EVERY_MONTH,
  "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=30;BYWEEKNO=1;UNTIL=20320101 from 20241230": WE_CAN,
  "FREQ=MONTHLY;BYMINUTE=12,39;BYHOUR=8,14,15;BYDAY=1MO,1TU,2SA,3MO;BYSETPOS=1,-5,3,-21,4,-8;COUNT=15 from 20240102T143900":
    START_COUNTS,
  "FREQ=YEARLY;BYWEEKNO=53;COUNT=1 from 20230101T000000Z": ONE_LEFT,
  "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH;COUNT=1 from 20270103T000000Z": ONE_LEFT,
  "FREQ=YEARLY;BYWEEKNO=53;INTERVAL=6;BYDAY=TH;COUNT=1 from 20270103T000000Z": ONE_LEFT,
  "FREQ=YEARLY;BYWEEKNO=53;INTERVAL=5;BYDAY=TH;COUNT=1 from 20270103T000000Z": ONE_LEFT,
  "FREQ=HOURLY;BYHOUR=0;BYYEARDAY=360,-2;UNTIL=20260101T000000 from 20251220T000000": START_COUNTS,
};

function deviationOf({ rule, start }: Sample): string | undefined {
  if (/FREQ=(SECOND|MINUTE)LY/.test(rule)) return TOO_FREQUENT;
  return DEVIATIONS[`${rule} from ${start}`];
}

test("RecurrenceSet agrees with the samples of libical, but for what is listed", { skip }, () => {
  const samples = readSamples();
  assert.ok(samples.length > 140);
  for (const sample of samples) {
    const name = `${sample.rule} from ${sample.start}`;
    const { found, set } = evaluate(sample);
    const deviates = found.join() !== sample.instances.join();
    assert.equal(deviates, deviationOf(sample) !== undefined, `${name}: ${found}`);
    if (deviates || sample.startAt === undefined) continue;
    const next = set.firstAtOrAfter(keyOf(timeOf(sample.startAt)));
    assert.equal(next, keyOf(timeOf(sample.instances.find((text) => text >= (sample.startAt ?? "")) ?? "")));
  }
});

function timeOf(text: string): CalendarTime {
  const time = parseTime(text);
  assert.ok(time, text);
  return time.kind === "date" ? time : { kind: "date-time", wall: time.wall, zone: "UTC" };
}

function keyOf(time: CalendarTime): number {
  return time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall;
}

function evaluate({ rule: text, start: startText, instances }: Sample): {
  found: string[];
  set: RecurrenceSet;
} {
  const start = timeOf(startText);
  const { rule } = parseRecurrenceRule(text, { start, zone: UTC });
  const set = recurrenceSet({ start, rule, zone: UTC });
  const isUtc = startText.endsWith("Z");
  const found = set.instances(instances.length + 1).map((key) => {
    if (start.kind === "date") return formatDay(key / SECONDS_PER_DAY);
    return formatTime({ kind: "date-time", wall: key, zone: isUtc ? "UTC" : "floating" });
  });
  return { found, set };
}

for (const name of ["ConnectDaily1.ics", "RFC2445_RRULETest19.ics", "Until_TestCase02.ics"]) {
  test(`RecurrenceSet of ${name} has the instances listed beside it`, { skip }, () => {
    const event = readCalendarText(readFileSync(join(folder, name))).calendars[0]?.components.find(
      (component) => component.name === "VEVENT",
    );
    assert.ok(event);
    const property = findProperty(event, "DTSTART");
    const written = timeOf(property?.values[0] ?? "");
    assert.ok(written.kind === "date-time");
    const tzid = property?.parameters.get("TZID") ?? "";
    const zoneId = resolveZone(tzid, { at: written.wall, defaultZone: "America/New_York" }).zone;
    const zone: Zone = findZone(zoneId, {});
    const start = { ...written, zone: zoneId };
    const { rule } = parseRecurrenceRule(findValue(event, "RRULE") ?? "", { start, zone });
    const exclusions = (findProperty(event, "EXDATE")?.values ?? []).map((value) =>
      zone.toInstant(keyOf(timeOf(value))),
    );
    const set = recurrenceSet({ start, rule, exclusions, zone });
    const expected = readFileSync(join(folder, `${name}.expected-next`), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.slice(0, 19));
    const found = set
      .instances(expected.length + 1)
      .map((key) => new Date(zone.toWall(key) * 1000).toISOString().slice(0, 19));
    assert.deepEqual(found, expected);
  });
}
