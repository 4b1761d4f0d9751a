import {
  embedded as embeddedInTnef,
  file as fileInTnef,
  messageHead,
  messageProperties,
  stream,
  tag,
  time,
  wide,
} from "../core/tnef/tnef-writer.ts";
import { calendarText, E, embedded, eventE, type Mail, mailOf, multipart } from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";
import { fixture, MEETING_UID, SEE_BELOW, winmail } from "./outlook-mails.ts";
import type { Agenda } from "./read-feed.ts";

const REQUEST = fixture("request-in-zone");
const SHOWN = { [MEETING_UID]: ["03-05 10:00-11:00"] };
const SHOWN_E = { "e1@example.org": ["03-10 10:00-11:00"] };

/** A note with files or messages in it. */
function note(...attachments: readonly Uint8Array[]): Uint8Array {
  return stream(messageHead("IPM.Note"), ...attachments);
}

/** A message as a file of another. */
function eml(mail: Mail): Uint8Array {
  return fileInTnef("Budget.eml", mail.octets);
}

const times = (count: number, wrap: (octets: Uint8Array) => Uint8Array, octets: Uint8Array): Uint8Array =>
  count === 0 ? octets : wrap(times(count - 1, wrap, octets));

function found(name: string, mail: Mail, shows: Agenda = SHOWN): CalendarCase {
  return { id: "Outlook", name, steps: [step(mail, "added new")], shows };
}

function tooDeep(name: string, mail: Mail): CalendarCase {
  return { id: "Outlook", name, steps: [step(mail, "error too-deep")], shows: {} };
}

const asObject = (octets: Uint8Array) => note(embeddedInTnef(octets));
const asWinmail = (octets: Uint8Array) => note(fileInTnef("winmail.dat", octets));
const asMail = (octets: Uint8Array) => note(eml(winmail(octets)));

const NESTS: readonly CalendarCase[] = [
  found("meeting forwarded as an object", winmail(asObject(REQUEST))),
  found("meeting in a winmail.dat in a winmail.dat", winmail(asWinmail(REQUEST))),
  found("meeting in a mail in a winmail.dat", winmail(asMail(REQUEST))),
  found("invitation in a mail in a winmail.dat", winmail(note(eml(E(0, 0)))), SHOWN_E),
  found(
    "calendar file in a winmail.dat",
    winmail(note(fileInTnef("invite.ics", Buffer.from(calendarText("REQUEST", [eventE(0, 0)]))))),
    SHOWN_E,
  ),
  found(
    "meeting in a winmail.dat of a mail forwarded as an attachment",
    mailOf(multipart("mixed", SEE_BELOW, embedded(winmail(REQUEST)))),
  ),
  ...[asObject, asWinmail, asMail].flatMap((wrap) => [
    found(`three levels of ${wrap.name}`, winmail(times(3, wrap, REQUEST))),
    tooDeep(`four levels of ${wrap.name}`, winmail(times(4, wrap, REQUEST))),
  ]),
  tooDeep(
    "two messages around two objects",
    mailOf(embedded(mailOf(embedded(winmail(times(2, asObject, REQUEST)))))),
  ),
];

const MARCH_1_8 = Date.UTC(2026, 2, 1, 8) / 1000;

/** A message sent at 8:00 on 1 March, with a calendar file that does not say when it was made. */
const OLD_FILE = stream(
  messageHead("IPM.Note"),
  messageProperties(time(tag(0x0039), MARCH_1_8), wide(tag(0x0037), "Budget")),
  fileInTnef(
    "invite.ics",
    Buffer.from(calendarText("REQUEST", [eventE(0, 0, { DTSTAMP: undefined, SUMMARY: ":Old" })])),
  ),
);

const DATES: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "an embedded message counts with its own date",
    steps: [
      step(E(0, 2, { SUMMARY: ":New" }), "added new"),
      step(winmail(asObject(OLD_FILE), { date: 24 }), "no_action stale"),
    ],
    shows: SHOWN_E,
    lines: ["SUMMARY:New"],
  },
];

const files = Array.from({ length: 21 }, (_, index) => {
  const text = calendarText("REQUEST", [eventE(0, 0, { UID: `:${index}@example.org` })]);
  return fileInTnef(`${index}.ics`, Buffer.from(text));
});

const COUNTS: readonly CalendarCase[] = [
  {
    id: "Outlook",
    name: "carriers in a winmail.dat count like those beside it",
    steps: [
      step(
        winmail(note(...files)),
        ...Array<string>(19).fill("added new"),
        "error too-many",
        "error too-many",
      ),
    ],
    shows: Object.fromEntries(
      files.slice(0, 19).map((_, index) => [`${index}@example.org`, ["03-10 10:00-11:00"]]),
    ),
  },
];

/** Where meetings are found inside of winmail.dat, and how deep. */
export const OUTLOOK_NESTING_CASES: readonly CalendarCase[] = [...NESTS, ...DATES, ...COUNTS];
