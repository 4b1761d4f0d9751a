import assert from "node:assert/strict";
import {
  berlin,
  calendarText,
  E,
  type Entity,
  type EventLines,
  embedded,
  eventE,
  type Mail,
  mailOf,
  multipart,
  part,
  S,
  scheduling,
  TEXT,
} from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";

const SHOWN = { "e1@example.org": ["03-10 10:00-11:00"] };
const FIRST_ONLY = { "s1@example.org": ["03-05 09:00-09:30"] };
const NOTHING = {};
const NO_RULE = [/^RRULE/];
/** Wide enough for a busy machine; what these cases are about takes minutes or for ever elsewhere. */
const A_SECOND = 1_000;

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function ruleCase(id: string, name: string, rule: string): CalendarCase {
  const mail = S(0, 0, { RRULE: `:${rule}` });
  return {
    id,
    name: `${name}: ${rule}`,
    steps: [step(mail, "added new")],
    shows: FIRST_ONLY,
    without: NO_RULE,
    withinMs: A_SECOND,
  };
}

/** Rules that other programs expand for ever. */
const RULES: readonly CalendarCase[] = [
  ruleCase("L01", "every second", "FREQ=SECONDLY"),
  ruleCase("L01", "every minute", "FREQ=MINUTELY;COUNT=5"),
  ruleCase("L01", "every hour for ever", "FREQ=HOURLY"),
  ruleCase("L01", "every hour, 501 times", "FREQ=HOURLY;COUNT=501"),
  {
    id: "L01",
    name: "every hour, 500 times",
    steps: [step(S(0, 0, { RRULE: ":FREQ=HOURLY;COUNT=500" }), "added new")],
    shows: {
      "s1@example.org": repeat(12, (hour) => {
        const at = String(9 + hour).padStart(2, "0");
        return `03-05 ${at}:00-${at}:30`;
      }),
    },
    lines: ["RRULE:FREQ=HOURLY;COUNT=500"],
  },
  ruleCase("L02", "never matches", "FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2"),
  ruleCase("L02", "never matches", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
  ruleCase("L02", "never matches", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"),
  {
    id: "L03",
    name: "far away",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=DAILY" }), "added new"),
      step(
        S(0, 1, {
          RRULE: undefined,
          "RECURRENCE-ID": ";TZID=Europe/Berlin:20990310T090000",
          SUMMARY: ":Then",
        }),
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": repeat(12, (day) => `03-${String(5 + day).padStart(2, "0")} 09:00-09:30`) },
    lines: ["SUMMARY:Then"],
    withinMs: A_SECOND,
  },
  ruleCase("L17", "interval", "FREQ=DAILY;INTERVAL=0"),
  ruleCase("L17", "interval", "FREQ=DAILY;INTERVAL=-1"),
  ruleCase("L17", "interval", "FREQ=DAILY;INTERVAL=10001"),
  ruleCase("L17", "count", "FREQ=DAILY;COUNT=0"),
  {
    id: "L12",
    name: "exclusion flood",
    steps: [
      step(
        S(0, 0, {
          DTSTART: ":20260305T080000Z",
          DTEND: ":20260305T083000Z",
          RRULE: ":FREQ=DAILY",
          EXDATE: `:${repeat(10_000, (day) => utcDay(day)).join(",")}`,
        }),
        "added new",
      ),
    ],
    shows: { "s1@example.org": repeat(12, (day) => `03-${String(5 + day).padStart(2, "0")} 09:00-09:30`) },
    check({ lines }) {
      assert.equal(lines.filter((line) => line.startsWith("EXDATE")).length, 500);
    },
    withinMs: A_SECOND,
  },
];

/** 08:00 UTC, so many days after the start of the series. */
function utcDay(days: number): string {
  const day = new Date(Date.UTC(2026, 2, 5 + days)).toISOString().slice(0, 10);
  return `${day.replaceAll("-", "")}T080000Z`;
}

/** A VCALENDAR whose text has exactly so many octets. */
function calendarOfOctets(octets: number): string {
  const text = calendarText("REQUEST", [eventE(0, 0)]);
  const filler = octets - text.length - "X-FILLER:\r\n".length;
  const lines: string[] = [];
  for (let left = filler; left > 0; left -= 70) {
    lines.push(left > 70 ? `${"x".repeat(67)}\r\n ` : "x".repeat(left));
  }
  return text.replace("BEGIN:VEVENT", `X-FILLER:${lines.join("")}\r\nBEGIN:VEVENT`);
}

/** A description folded into so many physical lines, all lines of the calendar counted. */
function calendarOfLines(count: number): string {
  const folded = (folds: number) =>
    calendarText("REQUEST", [eventE(0, 0, { DESCRIPTION: `:${"\r\n x".repeat(folds)}` })]);
  return folded(count - (folded(0).split("\r\n").length - 1));
}

function limit(id: string, name: string, mail: Mail, outcomes: readonly string[]): CalendarCase {
  const isAdded = outcomes.includes("added new");
  return {
    id,
    name,
    steps: [step(mail, ...outcomes)],
    shows: isAdded ? SHOWN : NOTHING,
    withinMs: A_SECOND,
  };
}

const attached = (text: string) =>
  mailOf(multipart("mixed", TEXT, part("text/calendar; name=a.ics", text, { base64: true })));
const withEvent = (changes: EventLines) => scheduling("REQUEST", [eventE(0, 0, changes)]);
const flood = (events: readonly EventLines[]) => attached(calendarText("REQUEST", events));
const withUids = (count: number) =>
  repeat(count, (index) => ({ ...eventE(0, 0, { UID: `:${index}` }), ATTENDEE: undefined }));
const overrides = (count: number) =>
  repeat(count, (index) => ({
    ...eventE(0, 0, { ATTENDEE: undefined }),
    "RECURRENCE-ID": `:${utcDay(index)}`,
  }));
const many = (count: number, outcome: string) => repeat(count, () => outcome);
const sameTimes = (uids: readonly string[]) =>
  Object.fromEntries(uids.map((uid) => [uid, ["03-10 10:00-11:00"]]));

/** Limits: at each of them, and one past it. */
const LIMITS: readonly CalendarCase[] = [
  {
    ...limit("L04", "huge line", withEvent({ SUMMARY: `:${"x".repeat(262_144)}` }), ["added new"]),
    lines: ["SUMMARY:(no title)"],
  },
  {
    ...limit("L04", "line at the limit", withEvent({ SUMMARY: `:${"x".repeat(262_144 - 8)}` }), [
      "added new",
    ]),
    lines: [`SUMMARY:${"x".repeat(1_024)}`],
  },
  limit("L04", "huge UID line", withEvent({ UID: `:${"x".repeat(262_144)}` }), ["error too-large"]),
  limit("L05", "huge carrier", attached(calendarOfOctets(3 * 1_048_576)), ["error too-large"]),
  limit("L05", "carrier past the limit", attached(calendarOfOctets(1_048_577)), ["error too-large"]),
  limit("L05", "carrier at the limit", attached(calendarOfOctets(1_048_576)), ["added new"]),
  limit("L06", "folded to death", attached(calendarOfLines(200_000)), ["error too-large"]),
  limit("L06", "lines past the limit", attached(calendarOfLines(100_001)), ["error too-large"]),
  limit("L06", "lines at the limit", attached(calendarOfLines(100_000)), ["added new"]),
  {
    ...limit("L07", "event flood", flood(withUids(2_000)), [
      ...many(200, "added new"),
      ...many(1_800, "error too-many"),
    ]),
    shows: sameTimes(repeat(200, String)),
    withinMs: 5_000,
  },
  {
    ...limit("L07", "overrides past the limit", flood(overrides(502)), [
      ...many(501, "added orphan"),
      "error too-many",
    ]),
    shows: sameTimes(repeat(501, (index) => `e1@example.org-${utcDay(index)}`)),
    withinMs: 5_000,
  },
  limit("L13", "long UID", withEvent({ UID: `:${"x".repeat(2_000)}` }), ["error parse"]),
  limit("L13", "UID past the limit", withEvent({ UID: `:${"x".repeat(1_025)}` }), ["error parse"]),
  {
    ...limit("L13", "UID at the limit", withEvent({ UID: `:${"x".repeat(1_024)}` }), ["added new"]),
    shows: sameTimes(["x".repeat(1_024)]),
  },
];

const nested = (count: number, mail: Mail): Mail =>
  count === 0 ? mail : nested(count - 1, mailOf(multipart("mixed", TEXT, embedded(mail))));
const inMultiparts = (count: number, entity: Entity): Entity =>
  count === 0 ? entity : inMultiparts(count - 1, multipart("mixed", entity));
const CALENDAR = part("text/calendar; method=REQUEST", calendarText("REQUEST", [eventE(0, 0)]));

/** Messages in messages, parts in parts, components in components. */
const DEPTHS: readonly CalendarCase[] = [
  limit("L09", "deep nesting", nested(5, E(0, 0)), ["error too-deep"]),
  limit("L09", "message depth past the limit", nested(4, E(0, 0)), ["error too-deep"]),
  limit("L09", "message depth at the limit", nested(3, E(0, 0)), ["added new"]),
  limit("L10", "MIME bomb: 1,000 parts", mailOf(multipart("mixed", ...repeat(1_000, () => TEXT), CALENDAR)), [
    "error too-many",
  ]),
  limit("L10", "parts past the limit", mailOf(multipart("mixed", ...repeat(200, () => TEXT), CALENDAR)), [
    "error too-many",
  ]),
  limit("L10", "parts at the limit", mailOf(multipart("mixed", ...repeat(199, () => TEXT), CALENDAR)), [
    "added new",
  ]),
  limit("L10", "carriers past the limit", mailOf(multipart("mixed", ...repeat(21, () => CALENDAR))), [
    "added new",
    ...many(19, "no_action lower-ranked-carrier"),
    "error too-many",
  ]),
  limit("L10", "MIME bomb: 50 levels", mailOf(inMultiparts(50, CALENDAR)), ["error too-deep"]),
  limit("L10", "levels past the limit", mailOf(inMultiparts(11, CALENDAR)), ["error too-deep"]),
  limit("L10", "levels at the limit", mailOf(inMultiparts(10, CALENDAR)), ["added new"]),
  limit(
    "L14",
    "JSON depth",
    mailOf(
      part(
        "text/html",
        `<script type="application/ld+json">${"[".repeat(10_000)}${"]".repeat(10_000)}</script>`,
      ),
    ),
    ["no_action no-calendar"],
  ),
  limit(
    "L15",
    "components in components",
    attached(
      calendarText("REQUEST", [
        eventE(0, 0, {
          SUMMARY: `:Budget\r\n${"BEGIN:VEVENT\r\nUID:x\r\n".repeat(1_000)}${"END:VEVENT\r\n".repeat(1_000)}X-END:`,
        }),
      ]),
    ),
    ["added new"],
  ),
];

/** Values that mean nothing, or something bad. */
const VALUES: readonly CalendarCase[] = [
  {
    id: "L08",
    name: "bad date",
    steps: [
      step(
        scheduling("REQUEST", [
          eventE(0, 0, { UID: ":bad", DTSTART: berlin("02-30", "10:00") }),
          eventE(0, 0),
        ]),
        "error bad-date",
        "added new",
      ),
    ],
    shows: SHOWN,
  },
  {
    ...limit(
      "L11",
      "bad URL",
      withEvent({
        URL: ":javascript:alert(1)",
        ATTACH: [":file:///etc/passwd", ":http://user:secret@example.org/"],
      }),
      ["added new"],
    ),
    without: [/javascript|passwd|secret@/],
  },
  ...["9999", "0000", "1899", "2101"].map((year) =>
    limit("L16", `year ${year}`, withEvent({ DTSTART: `:${year}0310T100000Z`, DTEND: undefined }), [
      "error bad-date",
    ]),
  ),
];

/** What must do no harm, each limit where it is and one past it. */
export const HOSTILE_CASES: readonly CalendarCase[] = [...RULES, ...LIMITS, ...DEPTHS, ...VALUES];
