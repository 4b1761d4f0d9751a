import { binary, flag, hex, int32, named, time } from "../core/tnef/tnef-writer.ts";
import { SECOND_SATURDAYS, STRUCT_OF_BERLIN } from "../core/tnef/vectors.ts";
import { berlin, CANCELLED, type EventLines, scheduling } from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";
import { fixture, MEETING_UID, meeting, meetingEvent, winmail } from "./outlook-mails.ts";

const REQUEST = fixture("request-in-zone"); // sequence 2, made at t0
const CANCELLATION = "IPM.Schedule.Meeting.Canceled";
const MOVED: EventLines = {
  DTSTART: ";TZID=Europe/Berlin:20260306T140000",
  DTEND: ";TZID=Europe/Berlin:20260306T150000",
};

/** The meeting by iCalendar, in the hours of the cases: `stamp` is the hour of 1 March in UTC. */
function byCalendar(sequence: number, hour: number, changes: EventLines = {}, method = "REQUEST") {
  const stamp = `20260301T${String(hour).padStart(2, "0")}0000Z`;
  return scheduling(method, [meetingEvent(sequence, stamp, changes)], { date: hour - 8 });
}

/** The meeting by Outlook: `sequence` and the hour at which it was changed. */
function byOutlook(sequence: number, hour: number, ...more: Parameters<typeof meeting>) {
  const [options, ...properties] = more;
  const octets = meeting(
    { changedAt: Date.UTC(2026, 2, 1, hour) / 1000, ...options },
    int32(named("appointment", 0x8201), sequence),
    ...properties,
  );
  return winmail(octets, { date: hour - 8 });
}

const WRAPPING_ID =
  "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000200000007643616C2D556964010000006162632D" +
  "313233406578616D706C652E636F6D00";
const FOREIGN_UID = "abc-123@example.com";

/** `grüne@x` in windows-1252. */
const WESTERN_ID =
  "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000140000007643616C2D556964010000006772FC6E65407800";

const TWO_WAYS: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "winmail.dat, then an update by iCalendar",
    steps: [step(winmail(REQUEST), "added new"), step(byCalendar(3, 10, MOVED), "updated newer")],
    shows: { [MEETING_UID]: ["03-06 14:00-15:00"] },
  },
  {
    id: "Outlook",
    name: "iCalendar, then an update by winmail.dat",
    steps: [step(byCalendar(1, 7, MOVED), "added new"), step(winmail(REQUEST), "updated newer")],
    shows: { [MEETING_UID]: ["03-05 10:00-11:00"] },
  },
  {
    id: "Outlook",
    name: "winmail.dat, then its copy by iCalendar",
    steps: [
      step(byOutlook(0, 9, {}), "added new"),
      step(
        byCalendar(0, 9, { DTSTART: ":20260310T090000Z", DTEND: ":20260310T100000Z" }),
        "updated tie-break",
      ),
    ],
    shows: { [MEETING_UID]: ["03-10 10:00-11:00"] },
    without: [/See below/],
  },
  {
    id: "Outlook",
    name: "winmail.dat, then cancelled by iCalendar",
    steps: [
      step(winmail(REQUEST), "added new"),
      step(byCalendar(3, 10, CANCELLED, "CANCEL"), "cancelled series"),
    ],
    shows: {},
  },
  {
    id: "Outlook",
    name: "iCalendar, then cancelled by winmail.dat",
    steps: [
      step(byCalendar(1, 9), "added new"),
      step(byOutlook(2, 10, { messageClass: CANCELLATION }), "cancelled series"),
    ],
    shows: {},
  },
];

const FIRST_SPELLING = "the UID is written as in the mail that was received first";

const WRAPPED: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "a UID of another program, then wrapped by Exchange",
    steps: [
      step(byCalendar(0, 8, { UID: `:${FOREIGN_UID}` }), "added new"),
      step(byOutlook(1, 10, { id: WRAPPING_ID }), "updated newer"),
    ],
    shows: { [FOREIGN_UID]: ["03-10 10:00-11:00"] },
  },
  {
    id: "Outlook",
    name: "a UID wrapped by Exchange, then as it was",
    steps: [
      step(byOutlook(0, 8, { id: WRAPPING_ID }), "added new"),
      step(byCalendar(1, 10, { UID: `:${FOREIGN_UID}`, ...MOVED }), "updated newer"),
    ],
    shows: { [FOREIGN_UID]: ["03-06 14:00-15:00"] },
  },
  {
    id: "Outlook",
    name: "a UID wrapped by Exchange, then wrapped in iCalendar too",
    steps: [
      step(byOutlook(0, 8, { id: WRAPPING_ID }), "added new"),
      step(byCalendar(1, 10, { UID: `:${WRAPPING_ID}`, ...MOVED }), "updated newer"),
    ],
    shows: { [FOREIGN_UID]: ["03-06 14:00-15:00"] },
    orderMatters: FIRST_SPELLING,
  },
  {
    id: "Outlook",
    name: "a wrapped UID in windows-1252 is the same in both forms",
    steps: [
      step(byOutlook(0, 8, { id: WESTERN_ID }), "added new"),
      step(byCalendar(1, 10, { UID: `:${WESTERN_ID}`, ...MOVED }), "updated newer"),
    ],
    shows: { "grüne@x": ["03-06 14:00-15:00"] },
    orderMatters: FIRST_SPELLING,
  },
];

const FIRST_SATURDAY = Date.UTC(2026, 2, 7, 9) / 1000;
const THIRD_SATURDAY = Date.UTC(2026, 2, 21, 9) / 1000;
const SUMMER_SATURDAY = Date.UTC(2026, 3, 4, 8) / 1000;

/** Saturdays, every second, 10:00 in Berlin. */
const SERIES = byOutlook(
  0,
  8,
  { start: FIRST_SATURDAY },
  flag(named("appointment", 0x8223), true),
  binary(named("appointment", 0x8216), hex(SECOND_SATURDAYS)),
  binary(named("appointment", 0x8233), hex(STRUCT_OF_BERLIN)),
);

/** 21 March, two hours later. */
const MOVED_DATE = byOutlook(
  1,
  9,
  { start: THIRD_SATURDAY + 7200 },
  time(named("appointment", 0x8228), THIRD_SATURDAY),
);

const OCCURRENCES: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "a series, one date moved, one cancelled by iCalendar",
    steps: [
      step(SERIES, "added new"),
      step(MOVED_DATE, "updated instance"),
      step(
        byCalendar(
          1,
          10,
          { ...CANCELLED, "RECURRENCE-ID": berlin("04-04", "10:00"), DTSTART: berlin("04-04", "10:00") },
          "CANCEL",
        ),
        "updated instance-cancelled",
      ),
    ],
    shows: {
      [MEETING_UID]: [
        "03-07 10:00-10:30",
        "03-21 12:00-13:00",
        ...["04-18", "05-02", "05-16", "05-30", "06-13", "06-27", "07-11", "07-25", "08-08", "08-22"].map(
          (day) => `${day} 10:00-10:30`,
        ),
      ],
    },
  },
  {
    id: "Outlook",
    name: "a series by iCalendar, a date cancelled and all of it cancelled by winmail.dat",
    steps: [
      step(
        byCalendar(0, 8, {
          DTSTART: berlin("03-07", "10:00"),
          DTEND: berlin("03-07", "10:30"),
          RRULE: ":FREQ=WEEKLY;INTERVAL=2;BYDAY=SA",
        }),
        "added new",
      ),
      step(
        byOutlook(
          1,
          9,
          { messageClass: CANCELLATION, start: SUMMER_SATURDAY },
          time(named("appointment", 0x8228), SUMMER_SATURDAY),
        ),
        "updated instance-cancelled",
      ),
      step(byOutlook(2, 10, { messageClass: CANCELLATION, start: FIRST_SATURDAY }), "cancelled series"),
    ],
    shows: {},
  },
];

/** One meeting, told now by Outlook and now by iCalendar. */
export const OUTLOOK_MERGING_CASES: readonly CalendarCase[] = [...TWO_WAYS, ...WRAPPED, ...OCCURRENCES];
