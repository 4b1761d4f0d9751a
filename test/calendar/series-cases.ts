import assert from "node:assert/strict";
import {
  andFuture,
  berlin,
  between,
  CANCELLED,
  CI,
  E,
  eventO,
  eventS,
  O,
  S,
  scheduling,
  stampAt,
} from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";

const THURSDAYS = ["03-05", "03-12", "03-19", "03-26", "04-02", "04-09"];
const standup = (...without: readonly string[]) =>
  THURSDAYS.filter((day) => !without.includes(day)).map((day) => `${day} 09:00-09:30`);
const OTHER_ZONE = [
  "BEGIN:VTIMEZONE",
  "TZID:Customized Time Zone",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0137",
  "TZOFFSETTO:+0137",
  "END:STANDARD",
  "END:VTIMEZONE",
];
const days = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => {
    const day = new Date(Date.UTC(2026, 2, 5 + from + index)).toISOString().slice(0, 10);
    return day.replaceAll("-", "");
  });
const WHOLE_DAYS = {
  DTSTART: ";VALUE=DATE:20260305",
  DTEND: ";VALUE=DATE:20260306",
};

/** What RECURRENCE-ID and EXDATE mean when they are not written as the master's DTSTART is. */
const NAMES_OF_DATES: readonly CalendarCase[] = [
  {
    id: "0.2",
    name: "RECURRENCE-ID at midnight for a whole day",
    steps: [
      step(S(0, 0, WHOLE_DAYS), "added new"),
      step(CI("03-12", [1, 1], { "RECURRENCE-ID": berlin("03-12", "00:00") }), "updated instance-cancelled"),
    ],
    shows: { "s1@example.org": THURSDAYS.filter((day) => day !== "03-12") },
    lines: ["EXDATE;VALUE=DATE:20260312"],
  },
  {
    id: "0.2",
    name: "RECURRENCE-ID as the midnight of a whole day, told in UTC",
    steps: [
      step(S(0, 0, { ...WHOLE_DAYS, EXDATE: ":20260325T230000Z" }), "added new"),
      step(CI("03-12", [1, 1], { "RECURRENCE-ID": ":20260311T230000Z" }), "updated instance-cancelled"),
      step(CI("03-19", [1, 1], { "RECURRENCE-ID": ":20260319T050000Z" }), "updated instance-cancelled"),
    ],
    shows: { "s1@example.org": ["03-05", "04-02", "04-09"] },
  },
  {
    id: "0.2",
    name: "a date that is called as it was before the series became whole days",
    steps: [
      step(S(1, 1, WHOLE_DAYS), "added new"),
      step(CI("03-12", [1, 2]), "updated instance-cancelled"),
      step(O(["03-19", "11:00"], [1, 2]), "updated instance"),
    ],
    shows: { "s1@example.org": ["03-05", "03-19 11:00-11:30", "03-26", "04-02", "04-09"] },
    lines: ["EXDATE;VALUE=DATE:20260312", "RECURRENCE-ID;VALUE=DATE:20260319"],
  },
  {
    id: "0.2",
    name: "RECURRENCE-ID as a DATE for the one occurrence of that day",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1], { "RECURRENCE-ID": ";VALUE=DATE:20260312" }), "updated instance"),
    ],
    shows: { "s1@example.org": [...standup("03-12"), "03-12 11:00-11:30"].sort() },
    lines: [`RECURRENCE-ID${berlin("03-12", "09:00")}`],
  },
  {
    id: "0.2",
    name: "RECURRENCE-ID as a DATE for one of two occurrences of that day",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=DAILY;BYHOUR=9,15;COUNT=3" }), "added new"),
      step(O(["03-05", "11:00"], [0, 1], { "RECURRENCE-ID": ";VALUE=DATE:20260305" }), "added orphan"),
    ],
    shows: {
      "s1@example.org": ["03-05 09:00-09:30", "03-05 15:00-15:30", "03-06 09:00-09:30"],
      "s1@example.org-20260305": ["03-05 11:00-11:30"],
    },
  },
  {
    id: "0.2",
    name: "RECURRENCE-ID in a zone of its own mail",
    steps: [
      step(S(0, 0), "added new"),
      step(
        scheduling(
          "REQUEST",
          [
            eventO(["03-12", "11:00"], 0, 1, {
              "RECURRENCE-ID": ";TZID=Customized Time Zone:20260312T093700",
            }),
          ],
          { date: 1, others: OTHER_ZONE },
        ),
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": [...standup("03-12"), "03-12 11:00-11:30"].sort() },
  },
  {
    id: "0.2",
    name: "EXDATE that forgot its zone",
    steps: [
      step(
        S(0, 0, {
          DTSTART: ";TZID=America/New_York:20260305T090000",
          DTEND: ";TZID=America/New_York:20260305T093000",
          RRULE: ":FREQ=WEEKLY;COUNT=2",
          EXDATE: ":20260312T090000",
        }),
        "added new",
      ),
    ],
    shows: { "s1@example.org": ["03-05 15:00-15:30"] },
    lines: ["EXDATE;TZID=America/New_York:20260312T090000"],
  },
  {
    id: "0.2",
    name: "a misspelt zone beside a good one",
    steps: [
      step(
        E(0, 0, {
          DTSTART: ";TZID=American/New_York:20260310T100000",
          DTEND: ";TZID=America/New_York:20260310T110000",
        }),
        "added new",
      ),
    ],
    shows: { "e1@example.org": ["03-10 15:00-16:00"] },
    lines: ["DTSTART;TZID=America/New_York:20260310T100000"],
  },
  {
    id: "0.2",
    name: "EXDATE as a DATE",
    steps: [step(S(0, 0, { EXDATE: ";VALUE=DATE:20260312" }), "added new")],
    shows: { "s1@example.org": standup("03-12") },
    lines: [`EXDATE${berlin("03-12", "09:00")}`],
  },
  {
    id: "0.2",
    name: "EXDATE with a time among whole days",
    steps: [step(S(0, 0, { ...WHOLE_DAYS, EXDATE: berlin("03-12", "09:00") }), "added new")],
    shows: { "s1@example.org": THURSDAYS.filter((day) => day !== "03-12") },
    lines: ["EXDATE;VALUE=DATE:20260312"],
  },
];

/** RDATE, EXRULE, RSCALE, floods of EXDATE. */
const DATES: readonly CalendarCase[] = [
  {
    id: "3.3.6",
    name: "RDATE;VALUE=PERIOD of the same length is a date, of another an override too",
    steps: [
      step(
        S(0, 0, {
          RRULE: undefined,
          RDATE: [
            ";VALUE=PERIOD:20260306T080000Z/PT30M",
            ";VALUE=PERIOD;TZID=Europe/Berlin:20260307T090000/20260307T103000,20260308T090000/PT2H",
          ],
        }),
        "added new",
      ),
    ],
    shows: {
      "s1@example.org": ["03-05 09:00-09:30", "03-06 09:00-09:30", "03-07 09:00-10:30", "03-08 09:00-11:00"],
    },
    lines: ["06", "07", "08"].map((day) => `RDATE${berlin(`03-${day}`, "09:00")}`),
  },
  {
    id: "3.3.6",
    name: "an override of a PERIOD wins over its length",
    steps: [
      step(S(0, 0, { RRULE: undefined, RDATE: ";VALUE=PERIOD:20260312T080000Z/PT2H" }), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
    ],
    shows: { "s1@example.org": ["03-05 09:00-09:30", "03-12 11:00-11:30"] },
  },
  {
    id: "3.3.6",
    name: "RDATEs that are cancelled, DTSTART among them: no date is both listed and excluded",
    steps: [
      step(
        S(0, 0, { RRULE: undefined, RDATE: THURSDAYS.slice(1).map((day) => berlin(day, "09:00")) }),
        "added new",
      ),
      step(CI("03-12", [1, 1]), "updated instance-cancelled"),
      step(CI("03-05", [1, 2]), "updated instance-cancelled"),
      step(O(["03-19", "11:00"], [1, 3]), "updated instance"),
    ],
    shows: { "s1@example.org": ["03-19 11:00-11:30", ...standup("03-05", "03-12", "03-19")] },
    lines: [`DTSTART${berlin("03-19", "09:00")}`, `RECURRENCE-ID${berlin("03-19", "09:00")}`],
    without: [/^EXDATE/],
  },
  {
    id: "3.3.6",
    name: "EXRULE",
    steps: [step(S(0, 0, { EXRULE: ":FREQ=WEEKLY;INTERVAL=2" }), "added new")],
    shows: { "s1@example.org": standup("03-05", "03-19", "04-02") },
    lines: ["03-05", "03-19", "04-02"].map((day) => `EXDATE${berlin(day, "09:00")}`),
  },
  {
    id: "3.3.5",
    name: "RSCALE: the new year of China",
    steps: [
      step(
        E(0, 0, {
          DTSTART: ";VALUE=DATE:20240210",
          DTEND: ";VALUE=DATE:20240211",
          RRULE: ":RSCALE=CHINESE;FREQ=YEARLY;COUNT=3",
        }),
        "added new",
      ),
    ],
    shows: { "e1@example.org": ["2024-02-10", "2025-01-29", "02-17"] },
    lines: ["RDATE;VALUE=DATE:20250129"],
    without: [/^RRULE/],
  },
  {
    id: "4.5",
    name: "more than 500 exclusions: the series starts after those that are dropped",
    steps: [
      step(
        S(0, 0, {
          RRULE: ":FREQ=DAILY;COUNT=600",
          EXDATE: `;TZID=Europe/Berlin:${days(0, 450).map((day) => `${day}T090000`)}`,
        }),
        "added new",
      ),
      ...Array.from({ length: 2 }, (_, mail) =>
        step(
          scheduling(
            "CANCEL",
            days(450 + mail * 30, 480 + mail * 30).map((day) => ({
              ...eventS(1, 1 + mail, { RRULE: undefined, ...CANCELLED }),
              "RECURRENCE-ID": `;TZID=Europe/Berlin:${day}T090000`,
            })),
            { date: 1 + mail },
          ),
          ...Array.from({ length: 30 }, () => "updated instance-cancelled"),
        ),
      ),
    ],
    shows: {
      "s1@example.org": days(510, 522).map((day) =>
        `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)} 09:00-09:30`.replace("2026-", ""),
      ),
    },
    check({ lines }) {
      assert.equal(lines.filter((line) => line.startsWith("EXDATE")).length, 500);
    },
  },
];

const fromThe26th = (changes = {}) => ({ ...andFuture("03-26"), ...changes });

/** RANGE=THISANDFUTURE together with everything else. */
const RANGES: readonly CalendarCase[] = [
  {
    id: "4.3",
    name: "all later dates on another weekday",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=WEEKLY;BYDAY=TH;COUNT=6" }), "added new"),
      step(O(["03-26", "10:00"], [1, 2], fromThe26th(between("03-27", "10:00", 30))), "updated instance"),
    ],
    shows: {
      "s1@example.org": standup().slice(0, 3),
      "s1@example.org-from-20260326T080000Z": ["03-27", "04-03", "04-10"].map((day) => `${day} 10:00-10:30`),
    },
    lines: ["RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=FR"],
  },
  {
    id: "4.3",
    name: "all later dates of a rule that cannot be moved are listed",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=MONTHLY;BYDAY=1TH;COUNT=4" }), "added new"),
      step(
        O(["04-02", "10:00"], [1, 2], { ...andFuture("04-02"), ...between("04-03", "10:00", 30) }),
        "updated instance",
      ),
    ],
    shows: {
      "s1@example.org": ["03-05 09:00-09:30"],
      "s1@example.org-from-20260402T070000Z": ["04-03", "05-08", "06-05"].map((day) => `${day} 10:00-10:30`),
    },
    lines: [`RDATE${berlin("05-08", "10:00")}`, `RDATE${berlin("06-05", "10:00")}`],
  },
  {
    id: "4.3",
    name: "exclusions and overrides of later dates move along",
    steps: [
      step(S(0, 0, { EXDATE: berlin("04-02", "09:00") }), "added new"),
      step(O(["03-26", "10:00"], [1, 1], fromThe26th()), "updated instance"),
      step(O(["04-09", "15:00"], [1, 2]), "updated instance"),
    ],
    shows: {
      "s1@example.org": standup().slice(0, 3),
      "s1@example.org-from-20260326T080000Z": ["03-26 10:00-10:30", "04-09 15:00-15:30"],
    },
    lines: [`EXDATE${berlin("04-02", "10:00")}`, `RECURRENCE-ID${berlin("04-09", "10:00")}`],
  },
  {
    id: "4.3",
    name: "later dates changed, then the last of them cancelled",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-26", "10:00"], [1, 1], fromThe26th()), "updated instance"),
      step(CI("04-09", [1, 2], andFuture("04-09")), "updated truncated"),
    ],
    shows: {
      "s1@example.org": standup().slice(0, 3),
      "s1@example.org-from-20260326T080000Z": ["03-26 10:00-10:30", "04-02 10:00-10:30"],
    },
  },
  {
    id: "4.3",
    name: "a date and all later ones, both without their series",
    steps: [
      step(O(["03-26", "10:00"], [0, 1], fromThe26th()), "added orphan"),
      step(O(["03-26", "11:00"], [0, 2]), "added orphan"),
    ],
    shows: { "s1@example.org-20260326T080000Z": ["03-26 11:00-11:30"] },
  },
  {
    id: "C9",
    name: "the rest of an unknown series is cancelled with the dates that are known",
    steps: [
      step(O(["03-12", "10:00"], [0, 1]), "added orphan"),
      step(O(["04-02", "11:00"], [0, 1]), "added orphan"),
      step(CI("03-26", [1, 2], andFuture("03-26")), "updated truncated"),
    ],
    shows: { "s1@example.org-20260312T080000Z": ["03-12 10:00-10:30"] },
  },
  {
    id: "C9",
    name: "a series that ended is not ended again",
    steps: [
      step(S(0, 0), "added new"),
      step(CI("03-26", [1, 1], andFuture("03-26")), "updated truncated"),
      step(CI("04-02", [1, 2], andFuture("04-02")), "no_action held-cancel"),
    ],
    shows: { "s1@example.org": standup().slice(0, 3) },
  },
  {
    id: "C9",
    name: "a newer master says when the series ends",
    steps: [
      step(S(0, 0), "added new"),
      step(CI("03-26", [1, 1], andFuture("03-26")), "updated truncated"),
      step(S(2, 2, { RRULE: ":FREQ=WEEKLY;COUNT=5" }), "updated newer"),
    ],
    shows: { "s1@example.org": standup().slice(0, 5) },
  },
  {
    id: "C9",
    name: "of two dates the first stays, as it was changed",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=WEEKLY;COUNT=2" }), "added new"),
      step(O(["03-05", "11:00"], [0, 1]), "updated instance"),
      step(CI("03-12", [0, 2], andFuture("03-12")), "updated truncated"),
    ],
    shows: { "s1@example.org": ["03-05 11:00-11:30"] },
    without: [/^RRULE/, /^RECURRENCE-ID/],
  },
];

const added = (day: string, version: readonly [number, number], changes = {}) =>
  scheduling(
    "ADD",
    [eventS(version[0], version[1], { RRULE: undefined, ...between(day, "09:00", 30), ...changes })],
    {
      date: version[1],
    },
  );

/** ADD and what comes after it; overrides that count their versions on their own. */
const MORE: readonly CalendarCase[] = [
  {
    id: "D1",
    name: "an added date that is changed later stays a date of the series",
    steps: [
      step(S(0, 0), "added new"),
      step(added("03-14", [1, 1]), "updated add"),
      step(O(["03-14", "12:00"], [1, 2]), "updated instance"),
    ],
    shows: { "s1@example.org": [...standup(), "03-14 12:00-12:30"].sort() },
    lines: [`RDATE${berlin("03-14", "09:00")}`, `RECURRENCE-ID${berlin("03-14", "09:00")}`],
  },
  {
    id: "D1",
    name: "an added date without end takes as long as the others",
    steps: [
      step(S(0, 0), "added new"),
      step(added("03-14", [1, 1], { DTEND: undefined, LOCATION: ":Attic" }), "updated add"),
      step(added("03-15", [1, 1], { DTEND: undefined }), "updated add"),
    ],
    shows: { "s1@example.org": [...standup(), "03-14 09:00-09:30", "03-15 09:00-09:30"].sort() },
    lines: [`RDATE${berlin("03-15", "09:00")}`, "LOCATION:Attic"],
    check({ events }) {
      assert.equal(events.get("s1@example.org")?.length, 2, "an override for the one that is different");
    },
  },
  {
    id: "D1",
    name: "an added date that is cancelled later is as if it had never been",
    steps: [
      step(S(0, 0), "added new"),
      step(added("03-14", [1, 1]), "updated add"),
      step(CI("03-14", [1, 2]), "updated instance-cancelled"),
    ],
    shows: { "s1@example.org": standup() },
    without: [/^RDATE/, /^EXDATE/],
  },
  {
    id: "D1",
    name: "a date added to a single event",
    steps: [step(S(0, 0, { RRULE: undefined }), "added new"), step(added("03-14", [1, 1]), "updated add")],
    shows: { "s1@example.org": ["03-05 09:00-09:30", "03-14 09:00-09:30"] },
  },
  {
    id: "D1",
    name: "an ADD that is cancelled is about its date, never about the series",
    steps: [
      step(S(0, 0), "added new"),
      step(added("03-12", [1, 1], CANCELLED), "updated instance-cancelled"),
      step(added("03-14", [1, 1], CANCELLED), "no_action held-cancel"),
    ],
    shows: { "s1@example.org": standup("03-12") },
  },
  {
    id: "D1",
    name: "an ADD that names a date of the series changes that date",
    steps: [
      step(S(0, 0), "added new"),
      step(
        added("03-12", [1, 1], {
          "RECURRENCE-ID": berlin("03-12", "09:00"),
          ...between("03-12", "12:00", 30),
        }),
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": [...standup("03-12"), "03-12 12:00-12:30"].sort() },
    without: [/^RDATE/],
  },
  {
    id: "D2",
    name: "a date added that the series has already",
    steps: [
      step(S(0, 0), "added new"),
      step(added("03-12", [1, 1], { SUMMARY: ":Extra" }), "updated instance"),
    ],
    shows: { "s1@example.org": standup() },
    lines: [`RECURRENCE-ID${berlin("03-12", "09:00")}`, "SUMMARY:Extra"],
    without: [/^RDATE/],
  },
  {
    id: "D4",
    name: "a date added to an older version",
    steps: [step(S(2, 2), "added new"), step(added("03-14", [1, 1]), "no_action stale")],
    shows: { "s1@example.org": standup() },
  },
  {
    id: "D5",
    name: "a date added after the cancellation",
    steps: [
      step(S(0, 0), "added new"),
      step(S(1, 1, CANCELLED), "cancelled series"),
      step(added("03-14", [1, 2]), "added orphan"),
    ],
    shows: { "s1@example.org-20260314T080000Z": ["03-14 09:00-09:30"] },
  },
  {
    id: "2.2",
    name: "an override that comes with its master is not stale, however it counts",
    steps: [
      step(
        scheduling("REQUEST", [eventS(4, 0), eventO(["03-12", "11:00"], 1, 0)]),
        "added new",
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": [...standup("03-12"), "03-12 11:00-11:30"].sort() },
  },
  {
    id: "K1",
    name: "a newer override of a series that became a single event is that event",
    steps: [
      step(S(0, 0), "added new"),
      step(
        scheduling(
          "REQUEST",
          [eventS(1, 2), eventO(["03-05", "11:00"], 1, 5, { DTSTAMP: `:${stampAt(5)}` })],
          { date: 2 },
        ),
        "updated newer",
        "updated instance",
      ),
      step(S(1, 3, { RRULE: undefined }), "updated newer"),
    ],
    shows: { "s1@example.org": ["03-05 11:00-11:30"] },
    without: [/^RECURRENCE-ID/],
  },
  {
    id: "A5",
    name: "overrides that come with a stale master count if they are newer than the master that is there",
    steps: [
      step(S(2, 2), "added new"),
      step(
        scheduling(
          "REQUEST",
          [eventS(1, 3), eventO(["03-12", "11:00"], 1, 1), eventO(["03-19", "11:00"], 1, 3)],
          { date: 3 },
        ),
        "no_action stale",
        "no_action stale",
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": [...standup("03-19"), "03-19 11:00-11:30"].sort() },
  },
];

/** Rules of recurrence that have no case of their own in the calendar rules, by the section they are in. */
export const SERIES_CASES: readonly CalendarCase[] = [...NAMES_OF_DATES, ...DATES, ...RANGES, ...MORE];
