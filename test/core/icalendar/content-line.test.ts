import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContentLine } from "../../../src/core/icalendar/content-line.ts";

const CASES: readonly { line: string; parameters?: Record<string, string>; values: readonly string[] }[] = [
  { line: "SUMMARY:Lunch\\, then\\ncoffee\\; \\\\", values: ["Lunch, then\ncoffee; \\"] },
  {
    line: "DTSTART;TZID=Europe/Berlin:20260310T100000",
    parameters: { TZID: "Europe/Berlin" },
    values: ["20260310T100000"],
  },
  { line: "DTSTART;VALUE=DATE:20260310", parameters: { VALUE: "DATE" }, values: ["20260310"] },
  { line: 'DTSTART;TZID="A: b, c; d":1', parameters: { TZID: "A: b, c; d" }, values: ["1"] },
  { line: "X-A;CN=Ann ^'A^' Ex^nample^^:1", parameters: { CN: 'Ann "A" Ex\nample^' }, values: ["1"] },
  { line: "RRULE:FREQ=WEEKLY;BYDAY=MO,TU", values: ["FREQ=WEEKLY;BYDAY=MO,TU"] },
  { line: "EXDATE:20260310,20260311", values: ["20260310", "20260311"] },
  { line: "CATEGORIES:a\\,b,c", values: ["a,b", "c"] },
  { line: "URL:https://example.org/?a=1;b=2,3", values: ["https://example.org/?a=1;b=2,3"] },
  { line: "dtstart:20260310", values: ["20260310"] },
  { line: "CONSTRUCTOR:1", values: ["1"] },
  { line: "__PROTO__;X=1:1", values: [] },
  { line: "SUMMARY", values: [] },
  { line: ":no name", values: [] },
  { line: "DTSTART;TZID:20260310T100000", values: [] },
];

for (const { line, parameters = {}, values } of CASES) {
  test(`parseContentLine ${line}`, () => {
    const property = parseContentLine(line);
    assert.deepEqual(property?.values ?? [], values);
    if (values.length > 0) assert.deepEqual(Object.fromEntries(property?.parameters ?? []), parameters);
  });
}
