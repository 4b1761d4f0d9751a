import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CalendarText,
  type Component,
  findValue,
  readCalendarText,
} from "../../../src/core/icalendar/icalendar.ts";

function read(text: string | Uint8Array, charset?: string): CalendarText {
  return readCalendarText(Buffer.from(text), charset);
}

function calendar(...lines: readonly string[]): string {
  return ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n");
}

function event(...lines: readonly string[]): string[] {
  return ["BEGIN:VEVENT", ...lines, "END:VEVENT"];
}

function onlyCalendar({ calendars, faults }: CalendarText): Component {
  assert.deepEqual(faults, []);
  assert.equal(calendars.length, 1);
  return calendars[0] as Component;
}

function summaryOf(text: CalendarText): string | undefined {
  const [first] = onlyCalendar(text).components;
  return first && findValue(first, "SUMMARY");
}

const repeat = (count: number, make: (index: number) => string[]) =>
  Array.from({ length: count }, (_, index) => make(index)).flat();

const BUDGET = calendar(...event("UID:1", "SUMMARY:Budget"));

/** What real senders get wrong, and what is read all the same: the summary of the first event. */
const REPAIRS: readonly { name: string; text: string | Uint8Array; charset?: string; summary: string }[] = [
  { name: "LF", text: BUDGET.replaceAll("\r\n", "\n"), summary: "Budget" },
  { name: "CR", text: BUDGET.replaceAll("\r\n", "\r"), summary: "Budget" },
  { name: "several CR before LF", text: BUDGET.replaceAll("\r\n", "\r\r\n"), summary: "Budget" },
  { name: "blank lines", text: BUDGET.replaceAll("\r\n", "\r\n\r\n"), summary: "Budget" },
  { name: "lower case", text: BUDGET.toLowerCase(), summary: "budget" },
  { name: "folds", text: BUDGET.replace("Budget", "Bud\r\n get"), summary: "Budget" },
  { name: "folds with a tab", text: BUDGET.replace("Budget", "Bud\r\n\tget"), summary: "Budget" },
  { name: "lost folds", text: BUDGET.replace("Budget", "Bud\r\nget"), summary: "Bud get" },
  { name: "no END", text: BUDGET.replace(/END:VEVENT[\s\S]*/, ""), summary: "Budget" },
  { name: "END of an outer component", text: BUDGET.replace("END:VEVENT\r\n", ""), summary: "Budget" },
  { name: "text before the calendar", text: `Hello\r\n${BUDGET}`, summary: "Budget" },
  { name: "control characters", text: BUDGET.replace("Budget", "Bud\u0000\u0007get"), summary: "Budget" },
  { name: "a byte order mark", text: `\ufeff${BUDGET}`, summary: "Budget" },
  { name: "UTF-16LE with a mark", text: Buffer.from(`\ufeff${BUDGET}`, "utf16le"), summary: "Budget" },
  {
    name: "UTF-16BE with a mark",
    text: Buffer.from(`\ufeff${BUDGET}`, "utf16le").swap16(),
    summary: "Budget",
  },
  {
    name: "UTF-16BE without a mark",
    text: Buffer.from(BUDGET.replace("Bud", "Bud\r\n "), "utf16le").swap16(),
    charset: "utf-16",
    summary: "Budget",
  },
  {
    name: "a fold inside of a character",
    text: Buffer.from(BUDGET.replace("Budget", "B\u00fc"))
      .toString("latin1")
      .replace("\u00c3", "\u00c3\r\n "),
    charset: "latin1",
    summary: "Bü",
  },
  {
    name: "ISO-2022-JP",
    text: Buffer.from(BUDGET.replace("Budget", "\u001b$BF|K\\\u001b(B"), "latin1"),
    charset: "iso-2022-jp",
    summary: "日本",
  },
  {
    name: "an unknown charset",
    text: Buffer.from(BUDGET.replace("Budget", "B\u00fc"), "latin1"),
    charset: "x-nobody-knows",
    summary: "Bü",
  },
];

for (const { name, text, charset, summary } of REPAIRS) {
  test(`readCalendarText reads through ${name}`, () => {
    const octets = name.startsWith("a fold inside") ? Buffer.from(String(text), "latin1") : text;
    assert.equal(summaryOf(read(octets, charset)), summary);
  });
}

test("readCalendarText drops a property that has no value, and faults the event for one it needs", () => {
  const broken = (line: string) => read(calendar(...event("UID:1", line, "SUMMARY:Budget")));
  assert.equal(summaryOf(broken("LOCATION;X")), "Budget");
  for (const line of ["DTSTART;X", "RRULE;X", "RECURRENCE-ID;X"]) {
    assert.deepEqual(broken(line).faults, [{ fault: "parse", uid: "1" }], line);
  }
});

test("readCalendarText refuses vCalendar 1.0 and what is no calendar", () => {
  for (const text of [
    BUDGET.replace("2.0", "1.0"),
    "",
    "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    "BEGIN:VCALENDAR\r\n",
  ]) {
    assert.deepEqual(read(text), { calendars: [], faults: [{ fault: "parse", uid: undefined }] });
  }
});

test("readCalendarText drops the content of inline attachments unread", () => {
  const attachment = "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA";
  const [first] = onlyCalendar(read(calendar(...event("UID:1", attachment)))).components;
  assert.deepEqual(
    first?.properties.map(({ name }) => name),
    ["UID"],
  );
});

test("readCalendarText keeps 1,000 events and 50 time zones of a carrier", () => {
  const events = (count: number) => read(calendar(...repeat(count, (index) => event(`UID:${index}`))));
  assert.equal(onlyCalendar(events(1_000)).components.length, 1_000);
  assert.deepEqual(events(1_001).faults, [{ fault: "too-many", uid: "1000" }]);
  const zones = (count: number) =>
    onlyCalendar(read(calendar(...repeat(count, () => ["BEGIN:VTIMEZONE", "TZID:X", "END:VTIMEZONE"]))));
  assert.equal(zones(50).components.length, 50);
  assert.equal(zones(51).components.length, 50);
});

test("readCalendarText keeps 2,000 properties, 50 parameters and 1,000 values", () => {
  const first = (...lines: readonly string[]) =>
    onlyCalendar(read(calendar(...event(...lines)))).components[0];
  for (const count of [2_000, 2_001]) {
    assert.equal(first(...repeat(count, (index) => [`X-${index}:1`]))?.properties.length, 2_000);
  }
  for (const count of [50, 51]) {
    const parameters = Array.from({ length: count }, (_, index) => `;P${index}=1`).join("");
    assert.equal(first(`UID${parameters}:1`)?.properties[0]?.parameters.size, 50);
  }
  for (const count of [1_000, 1_001]) {
    const values = Array.from({ length: count }, () => "20260101").join(",");
    assert.equal(first(`EXDATE:${values}`)?.properties[0]?.values.length, 1_000);
  }
});

test("readCalendarText goes four components deep", () => {
  const nested = (depth: number) =>
    calendar(
      ...repeat(depth, (index) => [`BEGIN:X-${index}`]),
      ...repeat(depth, (index) => [`END:X-${depth - 1 - index}`]),
    );
  const depthOf = (component: Component): number => 1 + Math.max(0, ...component.components.map(depthOf));
  assert.equal(depthOf(onlyCalendar(read(nested(3)))), 4);
  assert.equal(depthOf(onlyCalendar(read(nested(4)))), 4);
});
