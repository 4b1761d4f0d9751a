import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CalendarTime,
  type Frequency,
  findZone,
  formatRecurrenceRule,
  parseRecurrenceRule,
  type RecurrenceRule,
  recurrenceSet,
} from "../../../src/core/icalendar/icalendar.ts";
import { naiveInstances } from "./naive-recurrence.ts";

/** PROPERTY_RUNS=1000 for more of it. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 50);

const DAY = 86_400;
/** Long enough for a leap year, short enough for a judge who looks at every day. */
const HORIZON_DAYS = 4 * 366;

const numbers = (min: number, max: number): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map((values) => values.join(","));
const signed = (max: number): fc.Arbitrary<string> =>
  fc
    .uniqueArray(
      fc.integer({ min: -max, max }).filter((value) => value !== 0),
      { minLength: 1, maxLength: 4 },
    )
    .map((values) => values.join(","));
const weekday = fc.constantFrom("SU", "MO", "TU", "WE", "TH", "FR", "SA");
const weekdays = (ordinals: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .uniqueArray(
      fc.tuple(ordinals, weekday).map((pair) => pair.join("")),
      { minLength: 1, maxLength: 4 },
    )
    .map((entries) => entries.join(","));
const none = fc.constant("");
const ordinalInMonth = fc.constantFrom("", "", "1", "2", "5", "-1", "-4");
const ordinalInYear = fc.constantFrom("", "1", "20", "53", "-1", "-30");

function sometimes(key: string, value: fc.Arbitrary<string>, weight = 3): fc.Arbitrary<string> {
  return fc.oneof(
    { weight, arbitrary: none },
    { weight: 1, arbitrary: value.map((text) => `;${key}=${text}`) },
  );
}

const shared = [
  sometimes("INTERVAL", fc.integer({ min: 2, max: 5 }).map(String), 1),
  sometimes("WKST", weekday),
] as const;
const months = sometimes("BYMONTH", numbers(1, 12));
const days = {
  YEARLY: [
    months,
    sometimes("BYWEEKNO", signed(53)),
    sometimes("BYYEARDAY", signed(366)),
    sometimes("BYMONTHDAY", signed(31)),
    sometimes("BYDAY", weekdays(ordinalInYear), 1),
    sometimes("BYSETPOS", signed(6)),
  ],
  MONTHLY: [
    months,
    sometimes("BYMONTHDAY", signed(31), 1),
    sometimes("BYDAY", weekdays(ordinalInMonth), 1),
    sometimes("BYSETPOS", signed(6)),
  ],
  WEEKLY: [months, sometimes("BYDAY", weekdays(none), 1), sometimes("BYSETPOS", signed(3))],
  DAILY: [months, sometimes("BYMONTHDAY", signed(31)), sometimes("BYDAY", weekdays(none))],
  // With BYMONTH, the bounds of a question end it before the judge's list does.
  HOURLY: [sometimes("BYDAY", weekdays(none))],
} satisfies Record<Frequency, readonly fc.Arbitrary<string>[]>;
const times = [sometimes("BYHOUR", numbers(0, 23), 5), sometimes("BYMINUTE", numbers(0, 59), 5)] as const;

const ruleText = (frequency: Frequency, end: string): fc.Arbitrary<string> =>
  fc
    .tuple(...[...shared, ...days[frequency], ...times])
    .map((parts) => `FREQ=${frequency}${parts.join("")}${end}`);

const anyRule = fc.oneof(
  ruleText("YEARLY", ""),
  ruleText("MONTHLY", ""),
  ruleText("WEEKLY", ""),
  ruleText("DAILY", ""),
  ruleText("HOURLY", ";COUNT=40"),
);
const anyStart = fc.integer({ min: Date.UTC(1990, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 });
const anyZone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe");

interface Case {
  readonly rule: RecurrenceRule;
  readonly start: CalendarTime & { readonly kind: "date-time" };
  /** All instants within the horizon, DTSTART included. */
  readonly expected: readonly number[];
}

function caseOf(text: string, startMinute: number, zoneId: string): Case | undefined {
  const zone = findZone(zoneId, {});
  const start = { kind: "date-time", wall: startMinute * 60, zone: zoneId } as const;
  const { rule } = parseRecurrenceRule(text, { start, zone });
  if (rule === undefined) return undefined;
  const walls = [start.wall, ...naiveInstances(rule, start.wall, HORIZON_DAYS)];
  const instants = [...new Set(walls.map((wall) => zone.toInstant(wall)))].sort((a, b) => a - b);
  return { rule, start, expected: instants.slice(0, rule.count) };
}

test("RecurrenceSet agrees with a look at every day", () => {
  fc.assert(
    fc.property(anyRule, anyStart, anyZone, (text, startMinute, zoneId) => {
      const one = caseOf(text, startMinute, zoneId);
      if (one === undefined) return;
      const { rule, start, expected } = one;
      const set = recurrenceSet({ start, rule, zone: findZone(zoneId, {}) });
      const end = start.wall + (HORIZON_DAYS - 3) * DAY;
      const within = (keys: readonly number[]) => keys.filter((key) => key < end).slice(0, 2_000);
      assert.deepEqual(within(set.instances(2_500)), within(expected));
    }),
    { numRuns: RUNS },
  );
});

test("every question to a RecurrenceSet is answered as by the list of its instances", () => {
  fc.assert(
    fc.property(
      anyRule,
      anyStart,
      anyZone,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (text, startMinute, zoneId, places) => {
        const one = caseOf(text, startMinute, zoneId);
        if (one === undefined || one.expected.length < 4 || one.expected.length > 2_000) return;
        const { rule, start, expected } = one;
        const excluded = expected.filter((_, index) => index % 7 === 3);
        const left = expected.filter((_, index) => index % 7 !== 3);
        const set = recurrenceSet({ start, rule, exclusions: excluded, zone: findZone(zoneId, {}) });
        for (const place of places) {
          const index = Math.floor(place * (left.length - 2)) + 1;
          const [key = 0, before] = [left[index], left[index - 1]];
          assert.ok(set.has(key));
          assert.ok(!set.has(key + 1));
          assert.equal(set.firstAtOrAfter(key), key);
          assert.equal(set.firstAtOrAfter((before ?? 0) + 1), key);
          assert.equal(set.lastBefore(key), before);
          assert.equal(set.lastBefore(key + 1), key);
          assert.equal(set.countBefore(key), expected.indexOf(key));
        }
        for (const key of excluded) assert.ok(!set.has(key));
      },
    ),
    { numRuns: RUNS },
  );
});

test("a rule read back from its text is the same rule", () => {
  fc.assert(
    fc.property(anyRule, anyStart, (text, startMinute) => {
      const context = {
        start: { kind: "date-time", wall: startMinute * 60, zone: "UTC" } as const,
        zone: findZone("UTC", {}),
      };
      const { rule } = parseRecurrenceRule(text, context);
      if (rule === undefined) return;
      const written = formatRecurrenceRule(rule, "date-time");
      assert.deepEqual(parseRecurrenceRule(written, context), { rule, dates: [], remarks: [] });
    }),
    { numRuns: 3 * RUNS },
  );
});
