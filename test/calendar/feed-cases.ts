import assert from "node:assert/strict";
import { berlin, between, CE, E, O, S } from "./case-mails.ts";
import { type CalendarCase, step, stepAt } from "./cases.ts";

const inZone = (uid: string, zone: string) =>
  E(0, 0, {
    UID: `:${uid}`,
    DTSTART: `;TZID=${zone}:20260310T100000`,
    DTEND: `;TZID=${zone}:20260310T110000`,
  });

/** The calendar object and its counters. */
export const FEED_CASES: readonly CalendarCase[] = [
  {
    id: "P01",
    name: "empty",
    isStoreEmpty: true,
    steps: [],
    shows: {},
    lines: ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin"],
  },
  {
    id: "P02",
    name: "header",
    steps: [],
    shows: {},
    lines: [
      "VERSION:2.0",
      "PRODID:-//Secretary//1//EN",
      "CALSCALE:GREGORIAN",
      "X-WR-CALNAME:Calendar",
      "NAME:Calendar",
      "X-WR-TIMEZONE:Europe/Berlin",
      "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
      "X-PUBLISHED-TTL:PT1H",
    ],
  },
  {
    id: "P09",
    name: "zones",
    steps: ["Europe/Berlin", "America/New_York", "Asia/Tokyo"].map((zone, index) =>
      step(inZone(String(index), zone), "added new"),
    ),
    shows: {
      0: ["03-10 10:00-11:00"],
      1: ["03-10 15:00-16:00"],
      2: ["03-10 02:00-03:00"],
    },
    check({ lines }) {
      const zones = lines.filter((line) => line.startsWith("TZID:"));
      assert.deepEqual(zones, ["TZID:America/New_York", "TZID:Asia/Tokyo", "TZID:Europe/Berlin"]);
      const rules = lines.filter((line) => /^RRULE:FREQ=YEARLY/.test(line));
      assert.equal(rules.length, 4, "two for each zone with daylight saving time");
    },
  },
  {
    id: "P12",
    name: "old event",
    keepDays: 400,
    steps: [
      step(E(0, 0), "added new"),
      step(S(0, 0, { RRULE: ":FREQ=WEEKLY" }), "added new"),
      stepAt("2027-06-01T12:00:00Z", CE(1, 1), "cancelled series"),
    ],
    shows: { "s1@example.org": firstThursdays() },
    isStoreEmpty: true,
    check({ lines }) {
      assert.ok(!lines.includes("UID:e1@example.org"));
    },
  },
  {
    id: "4.3",
    name: "the last event, cancelled, stays visible as cancelled",
    isStoreEmpty: true,
    steps: [step(E(0, 0), "added new"), step(CE(1, 1), "cancelled series")],
    shows: { "e1@example.org": ["03-10 10:00-11:00"] },
    lines: ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"],
  },
  {
    id: "4.3",
    name: "the last event, its every date excluded, stays visible as cancelled",
    isStoreEmpty: true,
    steps: [
      step(S(0, 0), "added new"),
      step(S(1, 1, { RRULE: ":FREQ=WEEKLY;COUNT=1", EXDATE: berlin("03-05", "09:00") }), "updated newer"),
    ],
    shows: { "s1@example.org": ["03-05 09:00-09:30"] },
    lines: ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"],
  },
  {
    id: "4.3",
    name: "an override equal to an exclusion of its master is an event of its own",
    steps: [
      step(S(0, 0, { EXDATE: berlin("03-12", "09:00") }), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "added orphan"),
    ],
    shows: {
      "s1@example.org": firstThursdays(6).filter((date) => !date.startsWith("03-12")),
      "s1@example.org-20260312T080000Z": ["03-12 11:00-11:30"],
    },
  },
  {
    id: "4.3",
    name: "an event with the UID of an override without master",
    steps: [
      step(O(["03-12", "11:00"], [0, 1]), "added orphan"),
      step(
        E(0, 0, { UID: ":s1@example.org-20260312T080000Z", ...between("03-12", "15:00", 60) }),
        "added new",
      ),
    ],
    shows: {
      "s1@example.org-20260312T080000Z": ["03-12 15:00-16:00"],
      "s1@example.org-20260312T080000Z-": ["03-12 11:00-11:30"],
    },
  },
];

/** As many dates of the weekly series as a reader is asked for. */
function firstThursdays(count = 12): string[] {
  return Array.from({ length: count }, (_, week) => {
    const day = new Date(Date.UTC(2026, 2, 5 + 7 * week)).toISOString().slice(5, 10);
    return `${day} 09:00-09:30`;
  });
}
