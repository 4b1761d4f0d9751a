import {
  andFuture,
  berlin,
  between,
  CANCELLED,
  CE,
  CI,
  CS,
  E,
  eventE,
  eventO,
  eventS,
  file,
  O,
  S,
  scheduling,
  stampAt,
} from "./case-mails.ts";
import { type CalendarCase, step, stepAt } from "./cases.ts";

const AT_14 = between("03-10", "14:00", 60);
const E_AT_10 = { "e1@example.org": ["03-10 10:00-11:00"] };
const E_AT_14 = { "e1@example.org": ["03-10 14:00-15:00"] };
const NOTHING = {};

const THURSDAYS = ["03-05", "03-12", "03-19", "03-26", "04-02", "04-09"];
/** The dates of s1 at 09:00 but for those given, and instead of them what is given. */
function standup(changes: Readonly<Record<string, string | undefined>> = {}): string[] {
  return THURSDAYS.flatMap((day) => (day in changes ? (changes[day] ?? []) : `${day} 09:00-09:30`)).sort();
}
const WHOLE = { "s1@example.org": standup() };
const MOVED = { "s1@example.org": standup({ "03-12": "03-12 11:00-11:30" }) };
const WITHOUT_12 = { "s1@example.org": standup({ "03-12": undefined }) };
const EXDATE_12 = `EXDATE${berlin("03-12", "09:00")}`;
const NO_OVERRIDE = /^RECURRENCE-ID/;
const NO_EXDATE = /^EXDATE/;

/** A CANCEL of e1 without STATUS: it may be about the attendees it lists only (RFC 5546 §3.2.5). */
const UNINVITED = (attendee: string) =>
  scheduling("CANCEL", [eventE(1, 1, { ATTENDEE: `:mailto:${attendee}` })], { date: 1 });

const EXTRA_DATE = between("03-14", "09:00", 30);
const added = (changes = {}) =>
  scheduling("ADD", [eventS(1, 2, { RRULE: undefined, ...EXTRA_DATE, ...changes })], { date: 2 });

/** `abc-123@example.com`, wrapped by Exchange. */
const WRAPPED_UID =
  "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000200000007643616C2D556964010000006162632D" +
  "313233406578616D706C652E636F6D00";

/** Versions: what is newer, what is stale, what is the same. */
const VERSIONS: readonly CalendarCase[] = [
  { id: "M01", name: "new", steps: [step(E(0, 0), "added new")], shows: E_AT_10 },
  {
    id: "M02",
    name: "newer sequence",
    steps: [step(E(0, 0), "added new"), step(E(1, 1, AT_14), "updated newer")],
    shows: E_AT_14,
    lines: ["SEQUENCE:1"],
  },
  {
    id: "M03",
    name: "newer stamp only",
    steps: [step(E(0, 0), "added new"), step(E(0, 1, AT_14), "updated newer")],
    shows: E_AT_14,
    lines: ["SEQUENCE:1"],
  },
  {
    id: "M04",
    name: "old after new",
    steps: [step(E(1, 2, AT_14), "added new"), step(E(0, 0), "no_action stale")],
    shows: E_AT_14,
  },
  {
    id: "M05",
    name: "twice",
    steps: [step(E(0, 0), "added new"), step(E(0, 0), "no_action duplicate")],
    shows: E_AT_10,
  },
  {
    id: "M06",
    name: "tie",
    steps: [
      step(E(0, 0, { "LAST-MODIFIED": `:${stampAt(0)}` }), "added new"),
      step(E(0, 0, { ...AT_14, "LAST-MODIFIED": `:${stampAt(1)}` }), "updated tie-break"),
    ],
    shows: E_AT_14,
  },
  {
    id: "M07",
    name: "sequence beats stamp",
    steps: [step(E(0, 5), "added new"), step(E(1, 2, AT_14), "updated newer")],
    shows: E_AT_14,
  },
  {
    id: "M08",
    name: "lower sequence, later stamp",
    steps: [step(E(2, 2), "added new"), step(E(1, 5, AT_14), "no_action stale")],
    shows: E_AT_10,
  },
  {
    id: "M09",
    name: "no SEQUENCE at all",
    steps: [step(E(undefined, 0), "added new"), step(E(undefined, 1, AT_14), "updated newer")],
    shows: E_AT_14,
  },
  {
    id: "M10",
    name: "Microsoft sequence",
    steps: [
      step(E(2, 0), "added new"),
      step(E(0, 1, { ...AT_14, "X-MICROSOFT-CDO-APPT-SEQUENCE": ":3" }), "updated newer"),
    ],
    shows: E_AT_14,
  },
];

/** CANCEL of a whole event. */
const CANCELLATIONS: readonly CalendarCase[] = [
  {
    id: "M11",
    name: "cancel",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1), "cancelled series")],
    shows: NOTHING,
  },
  {
    id: "M12",
    name: "cancel, equal sequence",
    steps: [step(E(0, 0), "added new"), step(CE(0, 1), "cancelled series")],
    shows: NOTHING,
  },
  {
    id: "M13",
    name: "old cancel",
    steps: [step(E(2, 3), "added new"), step(CE(1, 1), "no_action stale")],
    shows: E_AT_10,
  },
  {
    id: "M14",
    name: "cancel first",
    steps: [step(CE(1, 1), "no_action held-cancel"), step(E(0, 0), "no_action stale")],
    shows: NOTHING,
  },
  {
    id: "M15",
    name: "cancel, then re-invited",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1), "cancelled series"), step(E(2, 2), "added new")],
    shows: E_AT_10,
  },
  {
    id: "M16",
    name: "cancel, then old update",
    steps: [step(E(0, 0), "added new"), step(CE(2, 3), "cancelled series"), step(E(1, 1), "no_action stale")],
    shows: NOTHING,
  },
  {
    id: "M17",
    name: "status without method",
    steps: [
      step(E(0, 0), "added new"),
      step(file([eventE(1, 1, CANCELLED)], { date: 1 }), "cancelled series"),
    ],
    shows: NOTHING,
  },
  {
    id: "M18",
    name: "request with cancelled status",
    steps: [step(E(0, 0), "added new"), step(E(1, 1, CANCELLED), "cancelled series")],
    shows: NOTHING,
  },
  {
    id: "M19",
    name: "somebody else removed",
    steps: [step(E(0, 0), "added new"), step(UNINVITED("bob@example.org"), "no_action uninvite-other")],
    shows: E_AT_10,
  },
  {
    id: "M20",
    name: "I was removed",
    steps: [step(E(0, 0), "added new"), step(UNINVITED("u@example.net"), "cancelled series")],
    shows: NOTHING,
  },
];

/** Overrides and cancellations of single dates. */
const INSTANCES: readonly CalendarCase[] = [
  {
    id: "M21",
    name: "instance cancel",
    steps: [step(S(0, 0), "added new"), step(CI("03-12", [1, 1]), "updated instance-cancelled")],
    shows: WITHOUT_12,
    lines: [EXDATE_12],
  },
  {
    id: "M22",
    name: "instance cancel of an override",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(CI("03-12", [1, 2]), "updated instance-cancelled"),
    ],
    shows: WITHOUT_12,
    lines: [EXDATE_12],
    without: [NO_OVERRIDE],
  },
  {
    id: "M23",
    name: "instance cancel first",
    steps: [step(CI("03-12", [0, 1]), "no_action held-cancel"), step(S(0, 0), "added new")],
    shows: WITHOUT_12,
    lines: [EXDATE_12],
  },
  {
    id: "M24",
    name: "override",
    steps: [step(S(0, 0), "added new"), step(O(["03-12", "11:00"], [0, 1]), "updated instance")],
    shows: MOVED,
    lines: [`DTSTART${berlin("03-05", "09:00")}`, "RRULE:FREQ=WEEKLY;COUNT=6"],
  },
  {
    id: "M25a",
    name: "override alone",
    steps: [step(O(["03-12", "11:00"], [0, 1]), "added orphan")],
    shows: { "s1@example.org-20260312T080000Z": ["03-12 11:00-11:30"] },
    without: [NO_OVERRIDE],
  },
  {
    id: "M25",
    name: "override first",
    steps: [step(O(["03-12", "11:00"], [0, 1]), "added orphan"), step(S(0, 0), "updated newer")],
    shows: MOVED,
  },
  {
    id: "M26",
    name: "override out of order",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [1, 2]), "updated instance"),
      step(O(["03-12", "12:00"], [1, 1]), "no_action stale"),
    ],
    shows: MOVED,
  },
  {
    id: "M27",
    name: "RECURRENCE-ID in UTC",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1], { "RECURRENCE-ID": ":20260312T080000Z" }), "updated instance"),
    ],
    shows: MOVED,
    lines: [`RECURRENCE-ID${berlin("03-12", "09:00")}`],
  },
];

/** What a new version of the master leaves of its dates. */
const MASTER_UPDATES: readonly CalendarCase[] = [
  {
    id: "M28",
    name: "late master, newer override (K1)",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 5]), "updated instance"),
      step(S(1, 3, { SUMMARY: ":New" }), "updated newer"),
    ],
    shows: MOVED,
    lines: ["SUMMARY:New", "SUMMARY:Standup"],
  },
  {
    id: "M29",
    name: "pattern change (K4)",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(S(1, 2, between("03-05", "09:00", 60)), "updated newer"),
    ],
    shows: { "s1@example.org": THURSDAYS.map((day) => `${day} 09:00-10:00`) },
  },
  {
    id: "M30",
    name: "moved series (K2)",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(S(1, 2, between("03-05", "10:00", 30)), "updated newer"),
    ],
    shows: { "s1@example.org": THURSDAYS.map((day) => `${day} 10:00-10:30`) },
  },
  {
    id: "M31",
    name: "text change (K5)",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(S(1, 2, { SUMMARY: ":New" }), "updated newer"),
    ],
    shows: MOVED,
    lines: ["SUMMARY:New", "SUMMARY:Standup"],
  },
  {
    id: "M32",
    name: "complete set (K3)",
    steps: [
      step(
        scheduling("REQUEST", [
          eventS(0, 0),
          eventO(["03-12", "11:00"], 0, 0),
          eventO(["03-19", "11:00"], 0, 0),
        ]),
        "added new",
        "updated instance",
        "updated instance",
      ),
      step(
        scheduling("REQUEST", [eventS(1, 2), eventO(["03-12", "11:00"], 1, 2)], { date: 2 }),
        "updated newer",
        "updated instance",
      ),
    ],
    shows: MOVED,
  },
  {
    id: "M33",
    name: "new EXDATE (K2)",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-19", "11:00"], [0, 1]), "updated instance"),
      step(S(1, 2, { EXDATE: berlin("03-19", "09:00") }), "updated newer"),
    ],
    shows: { "s1@example.org": standup({ "03-19": undefined }) },
    without: [NO_OVERRIDE],
  },
  {
    id: "M34",
    name: "extended series",
    steps: [
      step(S(0, 0), "added new"),
      step(CI("03-12", [0, 1]), "updated instance-cancelled"),
      step(S(1, 2, { RRULE: ":FREQ=WEEKLY;COUNT=8" }), "updated newer"),
    ],
    shows: {
      "s1@example.org": [...standup({ "03-12": undefined }), "04-16 09:00-09:30", "04-23 09:00-09:30"],
    },
    lines: [EXDATE_12],
  },
  {
    id: "M35",
    name: "forgotten exclusion",
    steps: [
      step(S(0, 0), "added new"),
      step(CI("03-12", [0, 1]), "updated instance-cancelled"),
      step(S(1, 2, between("03-06", "09:00", 30)), "updated newer"),
    ],
    shows: {
      "s1@example.org": ["03-06", "03-13", "03-20", "03-27", "04-03", "04-10"].map(
        (day) => `${day} 09:00-09:30`,
      ),
    },
    without: [NO_EXDATE],
  },
  {
    id: "M36",
    name: "master with cancelled override inside",
    steps: [
      step(
        scheduling("REQUEST", [eventS(0, 0), eventO(["03-12", "09:00"], 0, 0, CANCELLED)]),
        "added new",
        "updated instance-cancelled",
      ),
    ],
    shows: WITHOUT_12,
    lines: [EXDATE_12],
  },
];

/** RANGE=THISANDFUTURE, last dates, revivals, orphans. */
const RANGES_AND_ORPHANS: readonly CalendarCase[] = [
  {
    id: "M37",
    name: "cancel the rest",
    steps: [step(S(0, 0), "added new"), step(CI("03-26", [1, 2], andFuture("03-26")), "updated truncated")],
    shows: { "s1@example.org": standup().slice(0, 3) },
    lines: ["RRULE:FREQ=WEEKLY;UNTIL=20260319T080000Z"],
  },
  {
    id: "M38",
    name: "cancel the rest from the first",
    steps: [step(S(0, 0), "added new"), step(CI("03-05", [1, 2], andFuture("03-05")), "cancelled series")],
    shows: NOTHING,
  },
  {
    id: "M39",
    name: "change the rest",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-26", "10:00"], [1, 2], andFuture("03-26")), "updated instance"),
    ],
    shows: {
      "s1@example.org": standup().slice(0, 3),
      "s1@example.org-from-20260326T080000Z": ["03-26", "04-02", "04-09"].map((day) => `${day} 10:00-10:30`),
    },
    lines: [
      "RRULE:FREQ=WEEKLY;UNTIL=20260319T080000Z",
      `DTSTART${berlin("03-26", "10:00")}`,
      "RRULE:FREQ=WEEKLY;COUNT=3",
    ],
    without: [/RANGE=/],
  },
  {
    id: "M40",
    name: "last instance",
    steps: [
      step(S(0, 0, { RRULE: ":FREQ=WEEKLY;COUNT=2" }), "added new"),
      step(CI("03-05", [0, 1]), "updated instance-cancelled"),
      step(CI("03-12", [0, 2]), "cancelled last-instance"),
    ],
    shows: NOTHING,
  },
  {
    id: "M41",
    name: "restored instance",
    steps: [
      step(S(0, 0), "added new"),
      step(CI("03-12", [0, 1]), "updated instance-cancelled"),
      step(O(["03-12", "11:00"], [1, 2]), "updated instance"),
    ],
    shows: MOVED,
    without: [NO_EXDATE],
  },
  {
    id: "M42",
    name: "revive is clean",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(CS(1, 2), "cancelled series"),
      step(S(2, 3), "added new"),
    ],
    shows: WHOLE,
    without: [NO_OVERRIDE, NO_EXDATE],
  },
  {
    id: "M43",
    name: "instance of a single event",
    steps: [
      step(E(0, 0), "added new"),
      step(
        E(1, 1, { "RECURRENCE-ID": berlin("03-10", "10:00"), ...between("03-10", "11:00", 60) }),
        "updated newer",
      ),
    ],
    shows: { "e1@example.org": ["03-10 11:00-12:00"] },
    without: [NO_OVERRIDE],
  },
  {
    id: "M44",
    name: "orphan cancelled",
    steps: [
      step(O(["03-12", "11:00"], [0, 1]), "added orphan"),
      step(CI("03-12", [1, 2]), "cancelled last-instance"),
    ],
    shows: NOTHING,
  },
  {
    id: "M45",
    name: "unknown instance",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-13", "09:00"], [0, 1], { "RECURRENCE-ID": berlin("03-13", "09:00") }), "added orphan"),
    ],
    shows: { ...WHOLE, "s1@example.org-20260313T080000Z": ["03-13 09:00-09:30"] },
  },
  {
    id: "M46",
    name: "ADD",
    steps: [step(S(0, 0), "added new"), step(added(), "updated add")],
    shows: { "s1@example.org": [...standup(), "03-14 09:00-09:30"].sort() },
    lines: [`RDATE${berlin("03-14", "09:00")}`],
    without: [NO_OVERRIDE],
  },
  {
    id: "M47",
    name: "ADD, different",
    steps: [step(S(0, 0), "added new"), step(added({ SUMMARY: ":Extra" }), "updated add")],
    shows: { "s1@example.org": [...standup(), "03-14 09:00-09:30"].sort() },
    lines: [
      `RDATE${berlin("03-14", "09:00")}`,
      `RECURRENCE-ID${berlin("03-14", "09:00")}`,
      "SUMMARY:Standup",
      "SUMMARY:Extra",
    ],
  },
  {
    id: "M48",
    name: "ADD, unknown UID",
    steps: [step(added(), "added orphan")],
    shows: { "s1@example.org-20260314T080000Z": ["03-14 09:00-09:30"] },
  },
];

const answer = (method: string, changes = {}) => scheduling(method, [eventE(0, 1, changes)], { date: 1 });
const FROM_BOB = { ATTENDEE: ";PARTSTAT=ACCEPTED:mailto:bob@example.org" };

/** Methods that change no calendar, and what stands in for missing properties. */
const METHODS_AND_UIDS: readonly CalendarCase[] = [
  {
    id: "M49",
    name: "REPLY",
    steps: [
      step(E(0, 0), "added new"),
      step(answer("REPLY", FROM_BOB), "no_action method-ignored"),
      step(answer("REPLY", { ...FROM_BOB, UID: ":unknown@example.org" }), "no_action method-ignored"),
    ],
    shows: E_AT_10,
  },
  {
    id: "M50",
    name: "COUNTER",
    steps: [step(E(0, 0), "added new"), step(answer("COUNTER", AT_14), "no_action method-ignored")],
    shows: E_AT_10,
  },
  {
    id: "M51",
    name: "REFRESH, DECLINECOUNTER, METHOD:FOO",
    steps: [
      step(E(0, 0), "added new"),
      ...["REFRESH", "DECLINECOUNTER", "FOO"].map((method) =>
        step(answer(method, AT_14), "no_action method-ignored"),
      ),
    ],
    shows: E_AT_10,
  },
  {
    id: "M52",
    name: "no UID",
    steps: [
      step(E(0, 0, { UID: undefined }), "added new"),
      step(E(0, 0, { UID: undefined }), "no_action duplicate"),
    ],
    shows: { "nouid-4df265114ca4e95e91da112cc548adf8@example.net": ["03-10 10:00-11:00"] },
  },
  {
    id: "M53",
    name: "CANCEL without UID",
    steps: [step(CE(1, 1, { UID: undefined }), "error no-uid-cancel")],
    shows: NOTHING,
  },
  {
    id: "M53a",
    name: "CANCEL with a DTSTART that does not exist",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1, { DTSTART: ":20260230T100000" }), "cancelled series")],
    shows: NOTHING,
  },
  {
    id: "M54",
    name: "no DTSTAMP",
    steps: [
      step(E(0, 0, { DTSTAMP: undefined }), "added new"),
      step(E(0, 2, { DTSTAMP: undefined, ...AT_14 }), "updated newer"),
    ],
    shows: E_AT_14,
  },
  {
    id: "M55",
    name: "exported DTSTAMP",
    steps: [
      step(E(0, 5), "added new"),
      step(
        file([eventE(0, 9, { ...AT_14, "LAST-MODIFIED": `:${stampAt(1)}` })], { date: 9 }),
        "no_action stale",
      ),
    ],
    shows: E_AT_10,
  },
  {
    id: "M56",
    name: "two UIDs in one REQUEST",
    steps: [
      step(
        scheduling("REQUEST", [eventE(0, 0, { UID: ":a" }), eventE(0, 0, { UID: ":b" })]),
        "added new",
        "added new",
      ),
    ],
    shows: { a: ["03-10 10:00-11:00"], b: ["03-10 10:00-11:00"] },
  },
  {
    id: "M57",
    name: "mixed kinds",
    steps: [
      step(
        scheduling("REQUEST", [eventE(0, 0)], {
          others: ["BEGIN:VTODO", "UID:t1", `DTSTAMP:${stampAt(0)}`, "END:VTODO"],
        }),
        "no_action unsupported-component",
        "added new",
      ),
    ],
    shows: E_AT_10,
  },
  {
    id: "M58",
    name: "VFREEBUSY, VJOURNAL only",
    steps: ["VFREEBUSY", "VJOURNAL"].map((kind) =>
      step(
        scheduling("REQUEST", [], { others: [`BEGIN:${kind}`, "UID:x1", `END:${kind}`] }),
        "no_action unsupported-component",
      ),
    ),
    shows: NOTHING,
  },
  {
    id: "M59",
    name: "same override twice in one payload",
    steps: [
      step(
        scheduling("REQUEST", [
          eventS(0, 0),
          eventO(["03-12", "11:00"], 0, 0),
          eventO(["03-12", "12:00"], 0, 0),
        ]),
        "added new",
        "no_action stale",
        "updated instance",
      ),
    ],
    shows: { "s1@example.org": standup({ "03-12": "03-12 12:00-12:30" }) },
  },
  {
    id: "M60",
    name: "wrapped Outlook UID",
    steps: [
      step(E(0, 0, { UID: ":abc-123@example.com" }), "added new"),
      step(CE(1, 1, { UID: `:${WRAPPED_UID}` }), "cancelled series"),
    ],
    shows: NOTHING,
  },
  {
    id: "M61",
    name: "all orders",
    steps: [
      step(S(0, 0), "added new"),
      step(O(["03-12", "11:00"], [0, 1]), "updated instance"),
      step(CI("03-19", [0, 2]), "updated instance-cancelled"),
    ],
    shows: { "s1@example.org": standup({ "03-12": "03-12 11:00-11:30", "03-19": undefined }) },
  },
  {
    id: "M66",
    name: "ICS spaces in UID",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1, { UID: ": e1@example.org " }), "cancelled series")],
    shows: NOTHING,
  },
];

/** The mailbox is the store: a cancellation counts as long as its message is there, however old it is. */
const TOMBSTONES: readonly CalendarCase[] = [
  {
    id: "M62",
    name: "tombstone alive",
    steps: [
      step(CE(1, 1), "no_action held-cancel"),
      stepAt("2026-05-30T12:00:00Z", E(0, 0), "no_action stale"),
    ],
    shows: NOTHING,
  },
  {
    // Differs from the rules' 90 days: no tombstone expires while its message is in the mailbox.
    id: "M63",
    name: "tombstone does not expire",
    steps: [
      step(CE(1, 1), "no_action held-cancel"),
      stepAt("2026-06-02T12:00:00Z", E(0, 0), "no_action stale"),
    ],
    shows: NOTHING,
  },
  {
    id: "M64",
    name: "tombstone, unknown end",
    steps: [
      step(CE(1, 1, { DTSTART: undefined, DTEND: undefined }), "no_action held-cancel"),
      stepAt("2027-03-30T12:00:00Z", E(0, 0), "no_action stale"),
    ],
    shows: NOTHING,
  },
];

export const MERGING_CASES: readonly CalendarCase[] = [
  ...VERSIONS,
  ...CANCELLATIONS,
  ...INSTANCES,
  ...MASTER_UPDATES,
  ...RANGES_AND_ORPHANS,
  ...METHODS_AND_UIDS,
  ...TOMBSTONES,
];
