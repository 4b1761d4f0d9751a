import type { Random } from "./damage.ts";

type Damage = (message: Buffer, random: Random, other: Buffer) => Buffer;

/** Octets, whatever they mean. */
const OCTETS: readonly Damage[] = [
  function cut(message, random) {
    return message.subarray(0, random(message.length + 1));
  },
  function setOctet(message, random) {
    const changed = Buffer.from(message);
    changed[random(message.length)] = random(256);
    return changed;
  },
  function removeOctets(message, random) {
    const from = random(message.length);
    return Buffer.concat([message.subarray(0, from), message.subarray(from + 1 + random(64))]);
  },
  function repeatOctets(message, random) {
    const from = random(message.length);
    return Buffer.concat([message.subarray(0, from + 1 + random(200)), message.subarray(from)]);
  },
  function splice(message, random, other) {
    return Buffer.concat([message.subarray(0, random(message.length)), other.subarray(random(other.length))]);
  },
];

/** Lines, in all of the message. */
const LINES: readonly Damage[] = [
  onLines((lines, random) => lines.toSpliced(random(lines.length), 1)),
  onLines((lines, random) => {
    const line = lines[random(lines.length)] ?? "";
    return lines.toSpliced(random(lines.length), 0, ...Array.from({ length: 1 + random(50) }, () => line));
  }),
  onLines((lines, random) => {
    const [from, to] = [random(lines.length), random(lines.length)];
    return lines.with(from, lines[to] ?? "").with(to, lines[from] ?? "");
  }),
  onLines((lines, random, others) => {
    const from = random(others.length);
    return lines.toSpliced(random(lines.length), 0, ...others.slice(from, from + 1 + random(20)));
  }),
  onLines((lines, random) => lines.map((line) => (random(8) === 0 ? ` ${line}` : line))),
];

/** What stands behind the name of a property. */
const VALUES = [
  ":",
  ":20260310T100000",
  ":20260310T100000Z",
  ";VALUE=DATE:20260310",
  ";TZID=Nowhere/At/All:20260310T100000",
  ";TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260312T090000",
  ':";:,\\n\\;"',
  ":99991231T235959Z",
  ":00000000T000000Z",
  ":-PT1H",
  ":P99999999999D",
  ":FREQ=SECONDLY",
  ":FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
  ":FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2",
  ":FREQ=WEEKLY;INTERVAL=0",
  ":FREQ=YEARLY;BYDAY=53SU;BYYEARDAY=366",
  ":FREQ=HOURLY;COUNT=9999999999",
  ":RSCALE=CHINESE;FREQ=MONTHLY;SKIP=FORWARD",
  ":2147483648",
  ":-1",
  ":CANCELLED",
  ":REQUEST",
  ":ADD",
  ":mailto:%E0%A4%A",
  `:${"9".repeat(5_000)}`,
  ";X=^n^^^'^:x",
];
const NAMES =
  /^(UID|DTSTART|DTEND|DURATION|DTSTAMP|SEQUENCE|RRULE|RDATE|EXDATE|EXRULE|RECURRENCE-ID|METHOD|STATUS|ORGANIZER|ATTENDEE|SUMMARY|TZID|TZOFFSETTO|TZOFFSETFROM|VERSION|LAST-MODIFIED)[;:]/;

const PROPERTIES: readonly Damage[] = [
  onLines((lines, random) => {
    const known = lines.flatMap((line, index) => (NAMES.test(line) ? index : []));
    const index = known[random(Math.max(known.length, 1))];
    if (index === undefined) return lines;
    const name = NAMES.exec(lines[index] ?? "")?.[1] ?? "";
    return lines.with(index, name + VALUES[random(VALUES.length)]);
  }),
  onLines((lines, random) => {
    const end = lines.indexOf("END:VEVENT");
    if (end < 0) return lines;
    const names = ["RECURRENCE-ID", "RDATE", "EXDATE", "RRULE", "EXRULE", "DURATION", "UID", "STATUS"];
    const name = names[random(names.length)] ?? "";
    return lines.toSpliced(end, 0, name + VALUES[random(VALUES.length)]);
  }),
];

const FIELDS = [
  "Content-Type: multipart/mixed; boundary=x",
  "Content-Type: multipart/report; boundary=x",
  "Content-Type: message/rfc822",
  "Content-Type: text/calendar; method=CANCEL; charset=utf-16",
  "Content-Type: application/octet-stream; name*0*=utf-8''%FF; name*1=.ics",
  "Content-Transfer-Encoding: base64",
  "Content-Transfer-Encoding: quoted-printable",
  "Content-Transfer-Encoding: x-uuencode",
  "From: =?utf-8?B?////?= <a@b@c>, (",
  "Date: Thu, 99 Foo 9999 99:99:99 +9999",
];

/** The tree of parts. */
const STRUCTURE: readonly Damage[] = [
  onLines((lines, random) => {
    const fields = lines.flatMap((line, index) => (/^Content-/i.test(line) ? index : []));
    const index = fields[random(Math.max(fields.length, 1))];
    const field = FIELDS[random(FIELDS.length)] ?? "";
    return index === undefined ? [field, ...lines] : lines.with(index, field);
  }),
  onLines((lines, random) => {
    const borders = lines.flatMap((line, index) => (line.startsWith("--") ? index : []));
    const index = borders[random(Math.max(borders.length, 1))];
    return index === undefined ? lines : lines.toSpliced(index, random(2), lines[index] ?? "", "", "");
  }),
  function embed(message, random) {
    const type = random(3) === 0 ? "multipart/digest" : "multipart/mixed";
    const head = `From: u@example.net\r\nContent-Type: ${type}; boundary=fuzz\r\n\r\n--fuzz\r\n`;
    const part = "Content-Type: message/rfc822\r\n\r\n";
    return Buffer.concat([Buffer.from(head + part), message, Buffer.from("\r\n--fuzz--\r\n")]);
  },
];

const KINDS = [OCTETS, LINES, PROPERTIES, PROPERTIES, STRUCTURE];

function onLines(change: (lines: string[], random: Random, others: string[]) => string[]): Damage {
  return (message, random, other) => {
    const lines = message.toString("latin1").split("\r\n");
    return Buffer.from(change(lines, random, other.toString("latin1").split("\r\n")).join("\r\n"), "latin1");
  };
}

/** Changes a message a few times: its octets, lines, properties or structure. */
export function damage(message: Buffer, random: Random, other: Buffer): Buffer {
  let changed = message;
  for (let rounds = 1 + random(5); rounds > 0 && changed.length > 0; rounds--) {
    const kind = KINDS[random(KINDS.length)] ?? OCTETS;
    changed = kind[random(kind.length)]?.(changed, random, other) ?? changed;
  }
  return changed;
}
