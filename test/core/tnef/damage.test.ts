import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { codesOf, linesOf } from "./messages.ts";
import {
  ATTRIBUTE_ID,
  attribute,
  binary,
  concat,
  embedded,
  file,
  flag,
  hex,
  LEVEL,
  messageHead,
  messageProperties,
  named,
  propertyList,
  stream,
  tag,
  time,
  uint16,
  uint32,
  wide,
} from "./tnef-writer.ts";

const folder = resolve(import.meta.dirname, "../../../fixtures/tnef");
const REQUEST = readFileSync(resolve(folder, "request-in-zone.dat"));
const CANCEL = readFileSync(resolve(folder, "cancelled-occurrence.dat"));
const SERIES = readFileSync(resolve(folder, "series-with-exceptions.dat"));

for (const [name, whole] of Object.entries({ REQUEST, CANCEL, SERIES })) {
  test(`${name} cut anywhere is the whole meeting, or unreadable`, () => {
    const expected = readTnef(whole).value.calendar;
    for (let length = 0; length < whole.length; length++) {
      const { value, problems } = readTnef(whole.subarray(0, length));
      const codes = problems.map(({ code }) => code);
      if (value.calendar === undefined) {
        // A class without properties ends in peace; without even a class there is nothing to miss.
        assert.ok(codes.includes("unreadable") || codes.includes("not-tnef"), `${length}: ${codes.join()}`);
      } else assert.deepEqual(value.calendar, expected, `${length}`);
    }
  });

  test(`${name} with any octet set to 0, 0x7F, 0x80 or 0xFF is survived`, () => {
    for (let at = 0; at < whole.length; at++) {
      for (const octet of [0, 0x7f, 0x80, 0xff]) {
        const damaged = Uint8Array.from(whole);
        damaged[at] = octet;
        readTnef(damaged);
      }
    }
  });
}

/** Offsets of all 32-bit numbers that could be a count or a length. */
function* numbersIn(octets: Uint8Array): Generator<number> {
  for (let at = 6; at + 4 <= octets.length; at++) yield at;
}

test("counts and lengths that lie cost neither time nor memory", () => {
  const before = process.memoryUsage().arrayBuffers;
  for (const lie of [0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff]) {
    for (const at of numbersIn(REQUEST)) {
      const damaged = Uint8Array.from(REQUEST);
      damaged.set(uint32(lie), at);
      readTnef(damaged);
    }
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
});

const LIES: readonly { name: string; properties: Uint8Array }[] = [
  { name: "four thousand million properties", properties: uint32(0xffffffff) },
  {
    name: "two thousand million octets of a string",
    properties: concat(uint32(1), uint16(0x1f), uint16(0x37), uint32(1), uint32(0x7fffffff)),
  },
  {
    name: "four thousand million values",
    properties: concat(uint32(1), uint16(0x101f), uint16(0x37), uint32(0xffffffff)),
  },
  {
    name: "four thousand million octets of a name",
    properties: concat(
      uint32(1),
      uint16(0x1f),
      uint16(0x8000),
      new Uint8Array(16),
      uint32(1),
      uint32(0xffffffff),
    ),
  },
  {
    name: "a type that nobody knows",
    properties: concat(uint32(1), uint16(0x7777), uint16(0x37), uint32(0), uint32(0)),
  },
];

for (const { name, properties } of LIES) {
  test(`a property list that claims ${name} makes a meeting unreadable, and a note readable`, () => {
    const list = attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, properties);
    assert.deepEqual(codesOf(stream(messageHead("IPM.Schedule.Meeting.Request"), list)), [
      "bad-properties",
      "unreadable",
    ]);
    const note = readTnef(stream(messageHead("IPM.Note"), list, file("a.txt", new Uint8Array(5))));
    assert.equal(note.value.attachments.length, 1);
    assert.deepEqual(
      note.problems.map(({ code }) => code),
      ["bad-properties"],
    );
  });
}

test("the last property may lack its padding", () => {
  const list = propertyList([
    time(named("appointment", 0x820d), 0),
    flag(named("appointment", 0x8215), true),
  ]);
  for (const cut of [0, 1, 2]) {
    const data = list.subarray(0, list.length - cut);
    const octets = stream(
      messageHead("IPM.Appointment"),
      attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, data),
    );
    assert.deepEqual(linesOf(octets, ["DTSTART"]), ["DTSTART;VALUE=DATE:19700101"], `${cut}`);
  }
});

test("recipients that lie do not cost the meeting", () => {
  for (const table of [uint32(0xffffffff), concat(uint32(2), uint32(0), uint32(0xffffffff))]) {
    const octets = concat(REQUEST, attribute(LEVEL.message, ATTRIBUTE_ID.recipientTable, table));
    const { value, problems } = readTnef(octets);
    assert.deepEqual(value.calendar, readTnef(REQUEST).value.calendar);
    assert.ok(problems.every(({ code }) => code === "bad-properties"));
  }
});

test("a problem says where it is, also inside an embedded message", () => {
  const damaged = Uint8Array.from(CANCEL);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  const octets = stream(messageHead("IPM.Note"), embedded(damaged));
  const [problem] = readTnef(octets).problems;
  assert.equal(problem?.code, "bad-checksum");
  assert.equal(octets.subarray(problem.offset)[0], LEVEL.message);
  assert.equal(octets.length - problem.offset > 400, true);
});

const MEGABYTE = 1024 * 1024;

/** Hostile shapes of two megabytes; each must be read in well under a second. */
const FLOODS: readonly { name: string; octets: () => Uint8Array; problem: string | undefined }[] = [
  {
    name: "attributes without data",
    octets: () => repeated(stream(), attribute(LEVEL.message, ATTRIBUTE_ID.subject, new Uint8Array())),
    problem: "unreadable",
  },
  {
    name: "attributes with wrong checksums",
    octets: () => repeated(stream(), hex("0104800100000000000100")),
    problem: "bad-checksum",
  },
  {
    name: "attachments",
    octets: () =>
      repeated(
        stream(messageHead("IPM.Note")),
        attribute(LEVEL.attachment, ATTRIBUTE_ID.attachRendData, new Uint8Array()),
      ),
    problem: "too-many",
  },
  {
    name: "embedded messages",
    octets: () => repeated(stream(messageHead("IPM.Note")), embedded(stream(messageHead("IPM.Note")))),
    problem: "too-many",
  },
  {
    name: "named properties",
    octets: () =>
      stream(messageHead("IPM.Note"), flood(concat(uint16(3), named("public", "Keyword"), uint32(0)))),
    problem: undefined,
  },
  {
    name: "values of one property",
    octets: () => {
      const count = (2 * MEGABYTE) / 4;
      const values = concat(
        uint32(1),
        uint16(0x101e),
        named("public", "Keywords"),
        uint32(count),
        new Uint8Array(count * 4),
      );
      return stream(
        messageHead("IPM.Note"),
        attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, values),
      );
    },
    problem: undefined,
  },
  {
    name: "recipients",
    octets: () => {
      const count = (2 * MEGABYTE) / 4;
      const rows = concat(uint32(count), new Uint8Array(count * 4));
      return stream(messageHead("IPM.Note"), attribute(LEVEL.message, ATTRIBUTE_ID.recipientTable, rows));
    },
    problem: "too-many",
  },
  {
    name: "a subject of two megabytes",
    octets: () => stream(messageHead("IPM.Note"), messageProperties(wide(tag(0x37), "x".repeat(MEGABYTE)))),
    problem: undefined,
  },
  {
    name: "a recurrence of two megabytes",
    octets: () =>
      stream(
        messageHead("IPM.Note"),
        messageProperties(binary(named("appointment", 0x8216), new Uint8Array(2 * MEGABYTE))),
      ),
    problem: undefined,
  },
];

function repeated(head: Uint8Array, piece: Uint8Array): Uint8Array {
  const pieces = Array.from({ length: Math.ceil((2 * MEGABYTE) / piece.length) }, () => piece);
  return new Uint8Array(Buffer.concat([head, ...pieces]));
}

function flood(property: Uint8Array): Uint8Array {
  const count = Math.ceil((2 * MEGABYTE) / property.length);
  return attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, repeated(uint32(count), property));
}

for (const { name, octets, problem } of FLOODS) {
  test(`a flood of ${name} is read in linear time, with few objects`, () => {
    const input = octets();
    const started = performance.now();
    const { value, problems } = readTnef(input);
    assert.ok(performance.now() - started < 60_000);
    assert.ok(problems.length <= 200);
    assert.ok(value.attachments.length + value.embedded.length <= 200);
    if (problem === undefined) assert.deepEqual(problems, []);
    else assert.ok(problems.some(({ code }) => code === problem));
  });
}
