import {
  ATTRIBUTE_ID,
  attribute,
  binary,
  flag,
  hex,
  LEVEL,
  messageHead,
  named,
  stream,
  tag,
  wide,
} from "../core/tnef/tnef-writer.ts";
import {
  DAILY_WITH_DELETIONS,
  DEFINITION_OF_BERLIN,
  MONTH_ENDS,
  SECOND_SATURDAYS,
  STRUCT_OF_BERLIN,
  WEEKLY_WITH_EXCEPTION,
} from "../core/tnef/vectors.ts";
import { calendarPart, calendarText, type Mail, mailOf, multipart, part, scheduling } from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";
import {
  fixture,
  MEETING_UID,
  meeting,
  meetingEvent,
  SEE_BELOW,
  winmail,
  winmailPart,
} from "./outlook-mails.ts";

const REQUEST = fixture("request-in-zone");
const SHOWN = { [MEETING_UID]: ["03-05 10:00-11:00"] };

/** What `request-in-zone` says, in whatever way it comes. */
const REQUEST_LINES = [
  `UID:${MEETING_UID}`,
  "DTSTART;TZID=Europe/Berlin:20260305T100000",
  "DTEND;TZID=Europe/Berlin:20260305T110000",
  "SUMMARY:Budget Ü",
  "LOCATION:Room 4",
  "DESCRIPTION:Agenda\\n1. Plan\\n\\nOrganizer: Ann Example <ann@example.org>",
];

function requestCase(id: string, name: string, mail: Mail): CalendarCase {
  return {
    id,
    name,
    steps: [step(mail, "added new")],
    shows: SHOWN,
    lines: REQUEST_LINES,
    without: [/^STATUS|^TRANSP/],
  };
}

/** The numbers that stand for names are of one message only ([MS-OXTNEF] 2.1.3.4); here they are others. */
function withShiftedIds(octets: Uint8Array): Uint8Array {
  const digits = Buffer.from(octets).toString("hex");
  return hex(digits.replace(/(..)80(?=90dad86e|02200600)/g, "$181"));
}

/** The last two octets are a checksum. */
export function withLastOctetChanged(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(octets, (octet, index) => (index === octets.length - 1 ? octet ^ 0xff : octet));
}

const CONTAINER: readonly CalendarCase[] = [
  requestCase("W01", "request", winmail(REQUEST)),
  requestCase("W12", "checksum", winmail(withLastOctetChanged(REQUEST))),
  requestCase(
    "W13",
    "by content",
    mailOf(multipart("mixed", SEE_BELOW, part("application/octet-stream", REQUEST, { base64: true }))),
  ),
  requestCase("W14", "mapped ids", winmail(withShiftedIds(REQUEST))),
  {
    id: "W09",
    name: "response",
    steps: [step(winmail(fixture("accepted")), "no_action method-ignored")],
    shows: {},
  },
  {
    id: "W10",
    name: "both forms",
    steps: [
      step(
        mailOf(
          multipart(
            "mixed",
            calendarPart(calendarText("REQUEST", [meetingEvent(2, "20260301T080000Z")]), "REQUEST"),
            winmailPart(REQUEST),
          ),
        ),
        "added new",
        "no_action lower-ranked-carrier",
      ),
    ],
    shows: SHOWN,
    lines: ["SUMMARY:Budget"],
  },
];

/** GlobalObjectIds ([MS-OXOCAL] 2.2.1.27): of the date 2008-03-25 of a series, and around a UID of another program. */
const ID_OF_DATE =
  "040000008200E00074C5B7101A82E00807D803195025D461E473C8010000000000000000100000002A5844B3A444F74A9C246C60886F116B";
const UID_OF_ITS_SERIES = ID_OF_DATE.replace("07D80319", "00000000");
const WRAPPING_ID =
  "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000200000007643616C2D556964010000006162632D" +
  "313233406578616D706C652E636F6D00";

const IDENTITY: readonly CalendarCase[] = [
  {
    id: "W02",
    name: "cancelled occurrence",
    steps: [
      step(
        scheduling(
          "REQUEST",
          [meetingEvent(1, "20260301T090000Z", { RRULE: ":FREQ=WEEKLY;COUNT=3", SUMMARY: ":Jour fixe" })],
          { date: 1 },
        ),
        "added new",
      ),
      step(winmail(fixture("cancelled-occurrence"), { date: 24 }), "updated instance-cancelled"),
    ],
    shows: { [MEETING_UID]: ["03-05 10:00-11:00", "03-19 10:00-11:00"] },
    lines: ["EXDATE;TZID=Europe/Berlin:20260312T100000"],
  },
  {
    id: "W03",
    name: "UID of a series, with the date of an occurrence",
    steps: [
      step(
        scheduling("REQUEST", [
          meetingEvent(0, "20260301T080000Z", {
            UID: `:${UID_OF_ITS_SERIES}`,
            DTSTART: ";TZID=Europe/Berlin:20080318T100000",
            DTEND: ";TZID=Europe/Berlin:20080318T110000",
            RRULE: ":FREQ=WEEKLY;COUNT=2",
          }),
        ]),
        "added new",
      ),
      step(
        winmail(meeting({ messageClass: "IPM.Schedule.Meeting.Canceled", id: ID_OF_DATE })),
        "updated instance-cancelled",
      ),
    ],
    shows: { [UID_OF_ITS_SERIES]: ["2008-03-18 10:00-11:00"] },
  },
  {
    id: "W03",
    name: "UID of another program, wrapped",
    steps: [step(winmail(meeting({ id: WRAPPING_ID })), "added new")],
    shows: { "abc-123@example.com": ["03-10 10:00-11:00"] },
  },
];

function zoneCase(name: string, zoneProperty: number, structure: string): CalendarCase {
  return {
    id: "W04",
    name,
    steps: [
      step(winmail(meeting({}, binary(named("appointment", zoneProperty), hex(structure)))), "added new"),
    ],
    shows: { [MEETING_UID]: ["03-10 10:00-11:00"] },
    lines: ["DTSTART;TZID=Europe/Berlin:20260310T100000"],
  };
}

/** A series in Berlin that starts where its blob says. */
function seriesOf(blob: string): Uint8Array {
  return meeting(
    {},
    flag(named("appointment", 0x8223), true),
    binary(named("appointment", 0x8216), hex(blob)),
    binary(named("appointment", 0x8233), hex(STRUCT_OF_BERLIN)),
  );
}

function series(id: string, name: string, blob: string, expected: Partial<CalendarCase>): CalendarCase {
  return { id, name, steps: [step(winmail(seriesOf(blob)), "added new")], shows: {}, ...expected };
}

const TIMES: readonly CalendarCase[] = [
  zoneCase("zone by structure", 0x8233, STRUCT_OF_BERLIN),
  zoneCase("zone by definition", 0x825e, DEFINITION_OF_BERLIN),
  series("W05", "exception", WEEKLY_WITH_EXCEPTION, {
    steps: [step(winmail(seriesOf(WEEKLY_WITH_EXCEPTION)), "added new", "updated instance")],
    shows: {
      [MEETING_UID]: [
        ...["03-26", "03-29", "03-30", "04-02", "04-05", "04-06", "04-09", "04-12", "04-13"].map(
          (day) => `2007-${day} 10:00-10:30`,
        ),
        "2007-04-16 11:00-11:30",
        "2007-04-19 10:00-10:30",
        "2007-04-20 10:00-10:30",
      ],
    },
    lines: [
      "RRULE:FREQ=WEEKLY;COUNT=12;BYDAY=MO,TH,FR;WKST=SU",
      "RECURRENCE-ID;TZID=Europe/Berlin:20070416T100000",
      "SUMMARY:Simple Recurrence with exceptions",
      "LOCATION:34/4141",
    ],
    without: [/^EXDATE/],
  }),
  series("W06", "deletions", DAILY_WITH_DELETIONS, {
    shows: {
      [MEETING_UID]: ["04-07", "04-10", "04-13", "04-16", "04-25", "04-28", "05-01", "05-04"].map(
        (day) => `2011-${day} 08:00-08:30`,
      ),
    },
    lines: [
      "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20110504T060000Z",
      "EXDATE;TZID=Europe/Berlin:20110419T080000",
      "EXDATE;TZID=Europe/Berlin:20110422T080000",
    ],
  }),
  series("W07", "every second Saturday", SECOND_SATURDAYS, {
    shows: {
      [MEETING_UID]: [
        ...[
          "03-07",
          "03-21",
          "04-04",
          "04-18",
          "05-02",
          "05-16",
          "05-30",
          "06-13",
          "06-27",
          "07-11",
          "07-25",
        ],
        "08-08",
      ].map((day) => `${day} 10:00-10:30`),
    },
    lines: ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"],
  }),
  series("W07", "the ends of months", MONTH_ENDS, {
    shows: {
      [MEETING_UID]: [
        "01-31 23:00..02-01 01:00",
        "02-28 23:00..03-01 01:00",
        "03-31 23:00..04-01 01:00",
        "04-30 23:00..05-01 01:00",
      ],
    },
    lines: ["RRULE:FREQ=MONTHLY;UNTIL=20260430T210000Z;BYMONTHDAY=-1"],
  }),
];

/** A meeting with that compressed RTF ([MS-OXRTFCP]) for its text. */
function rtfCase(name: string, rtf: string, description: string): CalendarCase {
  const octets = meeting({}, binary(tag(0x1009), hex(rtf)));
  return {
    id: "W08",
    name,
    steps: [step(winmail(octets), "added new")],
    shows: { [MEETING_UID]: ["03-10 10:00-11:00"] },
    lines: [`DESCRIPTION:${description}\\n\\nOrganizer: ann@example.org`],
  };
}

const TEXTS: readonly CalendarCase[] = [
  rtfCase(
    "RTF",
    "2D0000002B0000004C5A4675F1C5C7A703000A007263706731323542320AF32068656C090020627705B06C647D0A800FA0",
    "hello world",
  ),
  rtfCase(
    "RTF that copies what it writes",
    "1A0000001C0000004C5A4675E2D44B51410004205758595A0D6E7D010EB0",
    "WXYZWXYZWXYZWXYZWXYZ",
  ),
];

/** PidLidAllAttendeesString ([MS-OXOCAL] 2.2.1.16), where no list of recipients says more. */
const PEOPLE: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "people known by name only are text, and nobody's address",
    steps: [
      step(
        winmail(
          meeting({}, wide(named("appointment", 0x8238), "Bob Example; Carol (carol@example.org); Dan")),
        ),
        "added new",
      ),
    ],
    shows: { [MEETING_UID]: ["03-10 10:00-11:00"] },
    lines: [
      "DESCRIPTION:See below.\\n\\nOrganizer: ann@example.org\\n" +
        "Invited: Carol <carol@example.org>\\, Bob Example\\, Dan",
    ],
    without: [/nomail/],
  },
];

/** The first octets of a message, and then a property list that promises more than there is. */
function lying(list: string): Uint8Array {
  return stream(
    messageHead("IPM.Schedule.Meeting.Request"),
    attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, hex(list)),
  );
}

const LIES: readonly CalendarCase[] = [
  { name: "property count", octets: lying("ffffffff1e003700") },
  { name: "string length", octets: lying("010000001e00370001000000ffffff7f41") },
].map(({ name, octets }) => ({
  id: "W15",
  name: `lying ${name}`,
  steps: [step(winmail(octets), "error tnef")],
  shows: {},
  withinMs: 200,
}));

export const OUTLOOK_CASES: readonly CalendarCase[] = [
  ...CONTAINER,
  ...IDENTITY,
  ...TIMES,
  ...TEXTS,
  ...PEOPLE,
  ...LIES,
];
