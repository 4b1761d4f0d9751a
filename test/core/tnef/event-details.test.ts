import assert from "node:assert/strict";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { eventLines } from "./content-lines.ts";
import { codesOf, linesOf, MARCH_5_10, message, request } from "./messages.ts";
import {
  ascii,
  binary,
  hex,
  int32,
  messageHead,
  messageProperties,
  named,
  stream,
  tag,
  time,
  type WrittenProperty,
  wide,
  wideList,
} from "./tnef-writer.ts";
import { SERIES_ID } from "./vectors.ts";

const SUMMARIES: readonly {
  name: string;
  properties: readonly WrittenProperty[];
  outer?: string;
  summary: string[];
}[] = [
  {
    name: "the normalized subject as it is",
    properties: [wide(tag(0x0e1d), "TV: Ü"), wide(tag(0x0037), "x")],
    summary: ["SUMMARY:TV: Ü"],
  },
  {
    name: "the subject without one prefix",
    properties: [wide(tag(0x0037), "AW: WG: Plan")],
    summary: ["SUMMARY:WG: Plan"],
  },
  {
    name: "the subject without a known prefix",
    properties: [wide(tag(0x0037), "Abgesagt: Plan")],
    summary: ["SUMMARY:Plan"],
  },
  {
    name: "the subject with a word of its own",
    properties: [wide(tag(0x0037), "Plan: A")],
    summary: ["SUMMARY:Plan: A"],
  },
  {
    name: "the topic where there is no subject",
    properties: [wide(tag(0x0070), "Plan")],
    outer: "FW: x",
    summary: ["SUMMARY:Plan"],
  },
  {
    name: "the subject of the mail around it",
    properties: [wide(tag(0x0e1d), "  ")],
    outer: "FW: Plan",
    summary: ["SUMMARY:Plan"],
  },
  { name: "nothing", properties: [], summary: [] },
];

for (const { name, properties, outer, summary } of SUMMARIES) {
  test(`the summary is ${name}`, () => {
    assert.deepEqual(linesOf(request(...properties), ["SUMMARY"], { subject: outer }), summary);
  });
}

const BUSY: readonly { status: number; lines: string[] }[] = [
  { status: 0, lines: ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"] },
  { status: 1, lines: ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"] },
  { status: 2, lines: [] },
  { status: 3, lines: ["X-MICROSOFT-CDO-BUSYSTATUS:OOF"] },
  { status: 4, lines: ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"] },
  { status: -1, lines: [] },
];
const BUSY_NAMES = ["STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"];

for (const { status, lines } of BUSY) {
  test(`busy status ${status}, as intended in a request, as stored in an appointment`, () => {
    const intended = request(
      int32(named("appointment", 0x8224), status),
      int32(named("appointment", 0x8205), 1),
    );
    assert.deepEqual(linesOf(intended, BUSY_NAMES), lines);
    const stored = message("IPM.Appointment", int32(named("appointment", 0x8205), status));
    assert.deepEqual(linesOf(stored, BUSY_NAMES), lines);
  });
}

test("the busy status of a request that tells no intention is the recipient's, and says nothing", () => {
  assert.deepEqual(linesOf(request(int32(named("appointment", 0x8205), 1)), BUSY_NAMES), []);
});

test("a meeting is cancelled by its class, or by its state", () => {
  const cancelled = int32(named("appointment", 0x8217), 7);
  assert.deepEqual(linesOf(request(cancelled, int32(named("appointment", 0x8224), 1)), ["STATUS"]), [
    "STATUS:CANCELLED",
  ]);
  assert.deepEqual(linesOf(message("IPM.Schedule.Meeting.Canceled"), ["STATUS"]), ["STATUS:CANCELLED"]);
});

test("a cancellation without a start says at least what it cancels (RFC 5546 §3.2.5)", () => {
  const cancel = (...properties: readonly WrittenProperty[]): Uint8Array =>
    stream(messageHead("IPM.Schedule.Meeting.Canceled"), messageProperties(...properties));
  assert.deepEqual(eventLines(readTnef(cancel(binary(named("meeting", 0x0003), hex(SERIES_ID)))).value), [
    [`UID:${SERIES_ID}`, "STATUS:CANCELLED"],
  ]);
  assert.deepEqual(codesOf(cancel(wide(tag(0x0037), "x"))), ["unreadable"]);
});

test("stamp, sequence, categories and priority", () => {
  const octets = request(
    time(named("meeting", 0x001a), Date.UTC(2026, 2, 1, 8) / 1000),
    time(named("meeting", 0x0001), Date.UTC(2026, 2, 2, 8) / 1000),
    int32(named("appointment", 0x8201), 4),
    wideList(named("public", "Keywords"), ["Red Category", "A, B"]),
    int32(tag(0x0017), 2),
  );
  assert.deepEqual(linesOf(octets, ["DTSTAMP", "SEQUENCE", "CATEGORIES", "PRIORITY"]), [
    "DTSTAMP:20260301T080000Z",
    "SEQUENCE:4",
    "CATEGORIES:Red Category,A, B",
    "PRIORITY:1",
  ]);
  const date = Date.UTC(2026, 2, 3, 8) / 1000;
  assert.deepEqual(linesOf(request(), ["DTSTAMP"], { date }), ["DTSTAMP:20260303T080000Z"]);
});

test("the UID is that of the meeting, of its clean id, or a text", () => {
  const uid = (...properties: readonly WrittenProperty[]): string[] =>
    linesOf(
      stream(
        messageHead("IPM.Appointment"),
        messageProperties(time(named("appointment", 0x820d), MARCH_5_10), ...properties),
      ),
      ["UID"],
    );
  assert.deepEqual(uid(binary(named("meeting", 0x0023), hex(SERIES_ID))), [`UID:${SERIES_ID}`]);
  assert.deepEqual(uid(wide(named("public", "urn:schemas:calendar:uid"), "abc@example.org")), [
    "UID:abc@example.org",
  ]);
  assert.deepEqual(uid(), []);
  const idOf = (octets: Uint8Array) => uid(binary(named("meeting", 0x0003), octets));
  assert.deepEqual(idOf(hex("0102030405")), ["UID:0102030405"]);
  const longerThanItself = `${SERIES_ID.slice(0, 72)}FFFFFF7F00`;
  assert.deepEqual(idOf(hex(longerThanItself)), [`UID:${longerThanItself}`]);
  assert.deepEqual(idOf(ascii("5624421ab8-e890@example.org")), ["UID:5624421ab8-e890@example.org"]);
  assert.deepEqual(idOf(new Uint8Array(4096)), []);
});

test("a description ends after 20,000 characters, and not within one", () => {
  const [line = ""] = linesOf(request(wide(tag(0x1000), `x${"😀".repeat(15_000)}`)), ["DESCRIPTION"]);
  assert.ok(line.length <= "DESCRIPTION:".length + 20_000);
  assert.ok(line.isWellFormed());
});

test("half a surrogate pair is no character", () => {
  const lone = { id: tag(0x0e1d), type: 0x001f, values: [hex("41003dd84200")] };
  assert.deepEqual(linesOf(request(lone), ["SUMMARY"]), ["SUMMARY:A\ufffdB"]);
});

test("a property of another type than it should have is none", () => {
  const octets = request(
    wide(named("appointment", 0x8201), "4"),
    int32(tag(0x0e1d), 5),
    wide(tag(0x0037), "Plan"),
  );
  assert.deepEqual(linesOf(octets, ["SEQUENCE", "SUMMARY"]), ["SUMMARY:Plan"]);
});
