import {
  between,
  calendarPart,
  calendarText,
  E,
  embedded,
  eventE,
  mailOf,
  multipart,
  part,
  TEXT,
} from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";

const SHOWN = { "e1@example.org": ["03-10 10:00-11:00"] };
const NOTHING = {};
const REQUEST = calendarText("REQUEST", [eventE(0, 0)]);
const attached = (contentType: string, text: string | Uint8Array = REQUEST, options = {}) =>
  mailOf(multipart("mixed", TEXT, part(contentType, text, options)));

/** A REQUEST with a title that is not ASCII, in octets of that charset. */
function titled(encoding: "utf8" | "latin1"): Uint8Array {
  return Buffer.from(calendarText("REQUEST", [eventE(0, 0, { SUMMARY: ":Büro" })]), encoding);
}
const inCharset = (contentType: string, octets: Uint8Array) =>
  step(mailOf(multipart("alternative", TEXT, part(contentType, octets))), "added new");

const ALTERNATIVE = multipart("alternative", TEXT, calendarPart(REQUEST, "REQUEST"));

/** Quoted-printable with soft line breaks inside of property names and values, and bare line feeds. */
const SOFT_BREAKS = REQUEST.replaceAll("=", "=3D").replaceAll("\r\n", "\n").replace(/.{30}/g, "$&=\n");

const MARKUP = part(
  "text/html; charset=utf-8",
  '<script type="application/ld+json">{"@context":"http://schema.org","@type":"FlightReservation",' +
    '"reservationNumber":"RXJ34P"}</script>',
);

/** Where calendar data is found in a message, and where it is not looked for. */
export const FINDING_CASES: readonly CalendarCase[] = [
  { id: "F01", name: "alternative", steps: [step(E(0, 0), "added new")], shows: SHOWN },
  {
    id: "F02",
    name: "attachment",
    steps: [step(attached("application/ics; name=invite.ics"), "added new")],
    shows: SHOWN,
  },
  {
    id: "F03",
    name: "google double",
    steps: [
      step(
        mailOf(multipart("mixed", ALTERNATIVE, part("application/ics; name=invite.ics", REQUEST))),
        "added new",
        "no_action lower-ranked-carrier",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "F04",
    name: "octet-stream named",
    steps: [
      step(attached('application/octet-stream; name="invite.ics"', REQUEST, { base64: true }), "added new"),
    ],
    shows: SHOWN,
  },
  {
    id: "F05",
    name: "octet-stream nameless",
    steps: [step(attached("application/octet-stream", REQUEST, { base64: true }), "added new")],
    shows: SHOWN,
  },
  {
    id: "F06",
    name: "wrong type",
    steps: [step(attached("application/pdf; name=x.pdf"), "no_action no-calendar")],
    shows: NOTHING,
  },
  {
    id: "F07",
    name: "pasted text",
    steps: [step(mailOf(part("text/plain; charset=utf-8", REQUEST)), "no_action no-calendar")],
    shows: NOTHING,
  },
  {
    id: "F08",
    name: "forward as attachment",
    steps: [
      step(
        mailOf(multipart("mixed", TEXT, embedded(E(0, 0))), { from: "u@example.net", date: 20 }),
        "added new",
      ),
      // The Date that counts is the inner one: this mail, older than the forward, is newer than what it carries.
      step(E(undefined, 5, { DTSTAMP: undefined, ...between("03-10", "14:00", 60) }), "updated newer"),
    ],
    shows: { "e1@example.org": ["03-10 14:00-15:00"] },
  },
  {
    id: "F09",
    name: "signed",
    steps: [
      step(
        mailOf(
          multipart(
            'signed; protocol="application/pkcs7-signature"',
            ALTERNATIVE,
            part("application/pkcs7-signature; name=smime.p7s", "MIIB", { base64: true }),
          ),
        ),
        "added new",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "F10",
    name: "delivery report",
    steps: [
      step(
        mailOf(
          multipart(
            "report; report-type=delivery-status",
            TEXT,
            part("message/delivery-status", "Action: failed\r\n"),
            embedded(E(0, 0)),
          ),
        ),
        "no_action bounce",
      ),
    ],
    shows: NOTHING,
  },
  ...["us-ascii", "iso-8859-1"].map((charset) => ({
    id: "F11",
    name: `wrong label (${charset})`,
    steps: [inCharset(`text/calendar; method=REQUEST; charset=${charset}`, titled("utf8"))],
    shows: SHOWN,
    lines: ["SUMMARY:Büro"],
  })),
  {
    id: "F12",
    name: "real latin-1",
    steps: [inCharset("text/calendar; method=REQUEST; charset=iso-8859-1", titled("latin1"))],
    shows: SHOWN,
    lines: ["SUMMARY:Büro"],
  },
  {
    id: "F13",
    name: "no charset, 8-bit",
    steps: [inCharset("text/calendar; method=REQUEST", titled("latin1"))],
    shows: SHOWN,
    lines: ["SUMMARY:Büro"],
  },
  {
    id: "F14",
    name: "UTF-8 BOM",
    steps: [step(attached("text/calendar; method=REQUEST", `\ufeff${REQUEST}`), "added new")],
    shows: SHOWN,
  },
  {
    id: "F15",
    name: "method mismatch",
    steps: [step(mailOf(multipart("alternative", TEXT, calendarPart(REQUEST, "CANCEL"))), "added new")],
    shows: SHOWN,
  },
  {
    id: "F16",
    name: "method in header only",
    steps: [
      step(E(0, 0), "added new"),
      step(
        mailOf(
          multipart("alternative", TEXT, calendarPart(calendarText(undefined, [eventE(1, 0)]), "CANCEL")),
        ),
        "cancelled series",
      ),
    ],
    shows: NOTHING,
  },
  {
    id: "F17",
    name: "LF and soft breaks",
    steps: [
      step(
        mailOf({
          fields: [
            "Content-Type: text/calendar; method=REQUEST",
            "Content-Transfer-Encoding: quoted-printable",
          ],
          body: Buffer.from(SOFT_BREAKS),
        }),
        "added new",
      ),
    ],
    shows: SHOWN,
    lines: ["SUMMARY:Budget"],
  },
  {
    id: "F17",
    name: "bare CR, and more of them than needed",
    steps: [
      step(attached("text/calendar", REQUEST.replaceAll("\r\n", "\r"), { base64: true }), "added new"),
      step(
        attached("text/calendar", REQUEST.replaceAll("\r\n", "\r\r\n").replace("Bud", "Bud\r\r\r\n "), {
          base64: true,
        }),
        "no_action duplicate",
      ),
    ],
    shows: SHOWN,
    lines: ["SUMMARY:Budget"],
  },
  {
    id: "F17",
    name: "a whole message with bare CR",
    steps: [
      step(
        { octets: Buffer.from(Buffer.from(E(0, 0).octets).toString().replaceAll("\r\n", "\r")) },
        "added new",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "F18",
    name: "two objects",
    steps: [
      step(
        attached(
          "text/calendar",
          ["a", "b"].map((uid) => calendarText("REQUEST", [eventE(0, 0, { UID: `:${uid}` })])).join(""),
        ),
        "added new",
        "added new",
      ),
    ],
    shows: { a: ["03-10 10:00-11:00"], b: ["03-10 10:00-11:00"] },
  },
  {
    id: "F19",
    name: "vCalendar",
    steps: [step(attached("text/x-vcalendar", REQUEST.replace("VERSION:2.0", "VERSION:1.0")), "error parse")],
    shows: NOTHING,
  },
  {
    id: "F20",
    name: "truncated",
    steps: [step(attached("text/calendar", REQUEST.replace(/END:VEVENT[\s\S]*/, "")), "added new")],
    shows: SHOWN,
  },
  {
    id: "F21",
    name: "RFC 2231 name",
    steps: [step(attached("application/octet-stream; name*=UTF-8''Einl%C3%A4dung.ics"), "added new")],
    shows: SHOWN,
  },
  {
    id: "F22",
    name: "lost folding",
    steps: [
      step(
        attached(
          "text/calendar",
          calendarText("REQUEST", [eventE(0, 0, { DESCRIPTION: ":What we\r\nspend next year" })]),
        ),
        "added new",
      ),
    ],
    shows: SHOWN,
    lines: ["DESCRIPTION:What we spend next year\\n\\nOrganizer: ann@example.org"],
  },
  {
    // Markup is not read yet: that it loses against the file is all there is to see.
    id: "F23",
    name: "ics beats markup",
    steps: [
      step(
        mailOf(multipart("mixed", multipart("alternative", TEXT, MARKUP), calendarPart(REQUEST, "REQUEST"))),
        "added new",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "F24",
    name: "bad part, good part",
    steps: [
      step(
        mailOf(
          multipart(
            "mixed",
            part("text/calendar; name=bad.ics", "BEGIN:VCALENDAR\r\n\u0001\u0002;;;\r\n"),
            part("text/calendar; name=good.ics", REQUEST),
          ),
        ),
        "error parse",
        "added new",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "F25",
    name: "recipient decides",
    steps: [step(E(0, 0, { ATTENDEE: ":mailto:list@example.org" }), "added new")],
    shows: SHOWN,
  },
  {
    id: "F27",
    name: "spam",
    steps: [step(E(0, 0, {}, { fields: ["X-Spam-Flag: YES"] }), "no_action sender-not-allowed")],
    shows: NOTHING,
  },
];
