import assert from "node:assert/strict";
import { berlin, type EventLines, eventE, S, scheduling } from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";

const SHOWN = { "e1@example.org": ["03-10 10:00-11:00"] };
const THURSDAYS = ["03-05", "03-12", "03-19", "03-26", "04-02", "04-09"];
const standup = (...without: string[]) => ({
  "s1@example.org": THURSDAYS.filter((day) => !without.includes(day)).map((day) => `${day} 09:00-09:30`),
});

/** E with some properties changed, and what readers see of it. */
function changed(
  id: string,
  name: string,
  changes: EventLines,
  expected: Partial<CalendarCase> & { readonly others?: readonly string[] } = {},
): CalendarCase {
  const { others = [], ...rest } = expected;
  const mail = scheduling("REQUEST", [eventE(0, 0, changes)], { others });
  return { id, name, steps: [step(mail, "added new")], shows: SHOWN, ...rest };
}

/** A VTIMEZONE with one offset all year. */
function fixedZone(tzid: string, offset: string): string[] {
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${tzid}`,
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    `TZOFFSETFROM:${offset}`,
    `TZOFFSETTO:${offset}`,
    "END:STANDARD",
    "END:VTIMEZONE",
  ];
}

const ZONE_OF_BERLIN = [
  "BEGIN:VTIMEZONE",
  "TZID:W. Europe Standard Time",
  "BEGIN:STANDARD",
  "DTSTART:16010101T030000",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "END:STANDARD",
  "BEGIN:DAYLIGHT",
  "DTSTART:16010101T020000",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "END:DAYLIGHT",
  "END:VTIMEZONE",
];

/** From 10:00 to 11:00 on 10 March by the clocks of that zone. */
function inZone(tzid: string): EventLines {
  return { DTSTART: `;TZID=${tzid}:20260310T100000`, DTEND: `;TZID=${tzid}:20260310T110000` };
}
const IN_BERLIN = [`DTSTART${berlin("03-10", "10:00")}`, "TZID:Europe/Berlin"];

const DAYS: readonly CalendarCase[] = [
  changed(
    "N16",
    "end before start",
    { DTEND: berlin("03-10", "09:00") },
    {
      shows: { "e1@example.org": ["03-10 10:00"] },
      without: [/^DTEND/],
    },
  ),
  changed(
    "N17",
    "all-day end",
    { DTSTART: ";VALUE=DATE:20260310", DTEND: ";VALUE=DATE:20260310" },
    {
      shows: { "e1@example.org": ["03-10"] },
      lines: ["DTEND;VALUE=DATE:20260311"],
    },
  ),
  changed(
    "N18",
    "Outlook all-day",
    {
      "X-MICROSOFT-CDO-ALLDAYEVENT": ":TRUE",
      DTSTART: berlin("03-10", "00:00"),
      DTEND: berlin("03-11", "00:00"),
    },
    { shows: { "e1@example.org": ["03-10"] }, lines: ["DTSTART;VALUE=DATE:20260310"] },
  ),
];

const ZONES: readonly CalendarCase[] = [
  changed(
    "N07",
    "floating",
    { DTSTART: ":20260310T100000", DTEND: ":20260310T110000" },
    { lines: IN_BERLIN },
  ),
  changed("N08", "Windows zone", inZone("W. Europe Standard Time"), {
    others: ZONE_OF_BERLIN,
    lines: IN_BERLIN,
  }),
  changed("N09", "display name", inZone('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"'), {
    lines: IN_BERLIN,
  }),
  changed("N10", "prefixed", inZone("/freeassociation.sourceforge.net/Tzfile/America/New_York"), {
    shows: { "e1@example.org": ["03-10 15:00-16:00"] },
    lines: ["DTSTART;TZID=America/New_York:20260310T100000"],
  }),
  changed(
    "N09",
    "quotes closed after the value",
    {
      DTSTART: ';TZID="W. Europe Standard Time:20260310T100000"',
      DTEND: ';TZID="W. Europe Standard Time:20260310T110000"',
    },
    { lines: IN_BERLIN },
  ),
  changed("N11", "unknown zone", inZone("Foo/Bar"), { lines: IN_BERLIN }),
  changed("N12", "custom zone", inZone("Customized Time Zone"), {
    others: fixedZone("Customized Time Zone", "+0137"),
    shows: { "e1@example.org": ["03-10 09:23-10:23"] },
    lines: ["TZOFFSETTO:+0137"],
    check({ lines }) {
      const start = lines.find((line) => line.startsWith("DTSTART;TZID=Custom-"));
      assert.match(start ?? "", /^DTSTART;TZID=Custom-[0-9a-f]{12}:20260310T100000$/);
    },
  }),
  {
    id: "N13",
    name: "same TZID, two meanings",
    steps: ["+0100", "-0500"].map((offset, index) => {
      const event = eventE(0, 0, { UID: `:${index}`, ...inZone("My Zone") });
      return step(scheduling("REQUEST", [event], { others: fixedZone("My Zone", offset) }), "added new");
    }),
    shows: { 0: ["03-10 10:00-11:00"], 1: ["03-10 16:00-17:00"] },
  },
  changed("N14", "IANA name, wrong rules", inZone("Europe/Berlin"), {
    others: fixedZone("Europe/Berlin", "+0300"),
    lines: IN_BERLIN,
  }),
  changed("N15", "UTC as TZID", inZone("UTC"), {
    shows: { "e1@example.org": ["03-10 11:00-12:00"] },
    lines: ["DTSTART:20260310T100000Z"],
    without: [/TZID.*UTC/],
  }),
  changed(
    "N26",
    "UTC events",
    { DTSTART: ":20260310T090000Z", DTEND: ":20260310T100000Z" },
    {
      lines: ["DTSTART:20260310T090000Z"],
    },
  ),
];

const RULES: readonly CalendarCase[] = [
  {
    id: "N19",
    name: "local UNTIL",
    steps: [step(S(0, 0, { RRULE: ":FREQ=WEEKLY;UNTIL=20260409T090000" }), "added new")],
    shows: standup(),
    lines: ["RRULE:FREQ=WEEKLY;UNTIL=20260409T070000Z"],
  },
  {
    id: "N20",
    name: "EXDATE list in UTC",
    steps: [step(S(0, 0, { EXDATE: ":20260312T080000Z,20260402T070000Z" }), "added new")],
    shows: standup("03-12", "04-02"),
    lines: [`EXDATE${berlin("03-12", "09:00")}`, `EXDATE${berlin("04-02", "09:00")}`],
  },
  {
    id: "N22",
    name: "one occurrence",
    steps: [step(S(0, 0, { RRULE: ":FREQ=WEEKLY;COUNT=1" }), "added new")],
    shows: { "s1@example.org": ["03-05 09:00-09:30"] },
    without: [/^RRULE/],
  },
];

const COLOURLESS = ["X-FOO", "STYLED-DESCRIPTION", "COLOR", "CLASS", "COMMENT"];
const EMOJI = "🎉".repeat(200);

const TEXTS: readonly CalendarCase[] = [
  changed(
    "N01",
    "people",
    {
      ORGANIZER: ";CN=Ann Example:mailto:ann@example.org",
      ATTENDEE: [
        ":mailto:u@example.net",
        ":mailto:secretary@example.net",
        ";CN=Bob:mailto:bob@example.org",
        ":mailto:carol@example.org",
      ],
      DESCRIPTION: ":About money",
    },
    {
      lines: [
        "ORGANIZER;CN=Secretary:mailto:secretary@example.net",
        "ATTENDEE;CN=u;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:u@example.net",
        "DESCRIPTION:About money\\n\\nOrganizer: Ann Example <ann@example.org>\\n" +
          "Invited: Bob <bob@example.org>\\, carol@example.org",
      ],
      without: [/^ATTENDEE.*(bob|carol)/, /^ORGANIZER.*ann/],
    },
  ),
  changed(
    "N02",
    "declined",
    { ATTENDEE: ";PARTSTAT=DECLINED:mailto:u@example.net" },
    {
      without: [/DECLINED/],
    },
  ),
  changed(
    "N03",
    "alarms",
    {
      SUMMARY: [
        ":Budget",
        ...["DISPLAY", "EMAIL"].map(
          (action) =>
            `:x\r\nBEGIN:VALARM\r\nACTION:${action}\r\nTRIGGER:-PT15M\r\nSUMMARY:Soon\r\nEND:VALARM`,
        ),
      ],
    },
    { without: [/VALARM|TRIGGER|Soon/] },
  ),
  changed(
    "N04",
    "attachments",
    {
      ATTACH: [";ENCODING=BASE64;VALUE=BINARY:AAAA", ":cid:x", ":https://example.org/a.pdf"],
    },
    { lines: ["ATTACH:https://example.org/a.pdf"], without: [/^ATTACH.*(AAAA|cid)/] },
  ),
  changed(
    "N05",
    "X-",
    {
      ...Object.fromEntries(COLOURLESS.map((name) => [name, ":dropped"])),
      "X-ALT-DESC": ";FMTTYPE=text/html:<b>dropped</b>",
      DESCRIPTION: ":kept",
      "X-MICROSOFT-CDO-BUSYSTATUS": ":OOF",
    },
    { lines: ["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], without: [/dropped/] },
  ),
  changed(
    "N05a",
    "text of the HTML where there is no other",
    { "X-ALT-DESC": ";FMTTYPE=text/html:<html><body><p>First &amp\\; last</p><p>Second</p></body></html>" },
    { lines: ["DESCRIPTION:First & last\\nSecond\\n\\nOrganizer: ann@example.org"] },
  ),
  changed(
    "N06",
    "meeting link",
    { "X-MICROSOFT-SKYPETEAMSMEETINGURL": ":https://meet.example.org/1" },
    {
      lines: ["URL:https://meet.example.org/1"],
    },
  ),
  changed("N21", "no title", { SUMMARY: undefined }, { lines: ["SUMMARY:(no title)"] }),
  changed("N21", "empty title", { SUMMARY: ":" }, { lines: ["SUMMARY:(no title)"] }),
  changed(
    "N23",
    "RFC 6868",
    { ATTENDEE: ";CN=\"Ann ^'A^' Ex^nample\":mailto:other@example.org" },
    {
      lines: ['DESCRIPTION:Organizer: ann@example.org\\nInvited: Ann "A" Ex ample <other@example.org>'],
    },
  ),
  changed(
    "N24",
    "injection",
    { SUMMARY: ":a\\nEND:VEVENT\\nBEGIN:VEVENT" },
    {
      check({ lines }) {
        assert.equal(lines.filter((line) => line === "BEGIN:VEVENT").length, 2, "ours and the unrelated one");
      },
    },
  ),
  changed(
    "N24",
    "injection into a link",
    { URL: ":https://example.org/END:VEVENT" },
    {
      lines: ["URL:https://example.org/END:VEVENT"],
    },
  ),
  changed("N25", "folding", { SUMMARY: `:${EMOJI}` }, { lines: [`SUMMARY:${EMOJI}`] }),
];

/** How what was received is written: times, zones, rules, people, texts. */
export const NORMALISING_CASES: readonly CalendarCase[] = [...DAYS, ...ZONES, ...RULES, ...TEXTS];
