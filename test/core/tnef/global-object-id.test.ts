import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGlobalObjectId } from "../../../src/core/tnef/global-object-id.ts";
import { ascii, concat, hex, uint32 } from "./tnef-writer.ts";

const SERIES = "040000008200E00074C5B7101A82E00800000000";
const FOREIGN = "7643616C2D55696401000000";

/** A GlobalObjectId of the series around that data. */
function idAround(data: Uint8Array, length = data.length): Uint8Array {
  return concat(hex(SERIES), new Uint8Array(16), uint32(length), data);
}

const CASES = [
  {
    name: "of an occurrence loses the date in the UID ([MS-OXOCAL] 4.1.3)",
    octets: hex(
      "040000008200E00074C5B7101A82E00807D803195025D461E473C8010000000000000000100000002A5844B3A444F74A9C246C60886F116B",
    ),
    uid: "040000008200E00074C5B7101A82E008000000005025D461E473C8010000000000000000100000002A5844B3A444F74A9C246C60886F116B",
    day: "2008-03-25",
  },
  {
    name: "wraps a foreign UID ([MS-OXCICAL] 2.1.3.1.1.20.26)",
    octets: hex(
      "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000200000007643616C2D556964010000006162632D313233406578616D706C652E636F6D00",
    ),
    uid: "abc-123@example.com",
  },
  {
    name: "wraps a foreign UID in UTF-8",
    octets: idAround(concat(hex(FOREIGN), new TextEncoder().encode("grüße@example.org"))),
    uid: "grüße@example.org",
  },
  {
    name: "wraps a foreign UID in windows-1252",
    octets: idAround(concat(hex(FOREIGN), ascii("gr\u00fc\u00dfe@example.org"))),
    uid: "grüße@example.org",
  },
  {
    name: "wraps nothing, and is its own UID",
    octets: idAround(hex(FOREIGN)),
    uid: `${SERIES}${"00".repeat(16)}0C000000${FOREIGN}`,
  },
  { name: "of another class is its own UID", octets: hex("0102030405"), uid: "0102030405" },
  {
    name: "whose data is longer than itself is its own UID",
    octets: idAround(hex("AABB"), 0x7fffffff),
    uid: `${SERIES}${"00".repeat(16)}FFFFFF7FAABB`,
  },
  {
    name: "that is text is that text",
    octets: ascii("5624421ab8-e890@example.org"),
    uid: "5624421ab8-e890@example.org",
  },
];

for (const { name, octets, uid, day } of CASES) {
  test(`a GlobalObjectId ${name}`, () => {
    const identity = parseGlobalObjectId(octets);
    assert.equal(identity?.uid, uid);
    assert.equal(identity?.occurrenceDay, day === undefined ? undefined : Date.parse(day) / 86_400_000);
  });
}

test("a GlobalObjectId with a date that is none belongs to the whole meeting", () => {
  const octets = idAround(hex("01"));
  octets.set([0x07, 0xd8, 13, 40], 16);
  assert.equal(parseGlobalObjectId(octets)?.occurrenceDay, undefined);
});

test("a GlobalObjectId that is empty, or longer than any UID, is none", () => {
  assert.equal(parseGlobalObjectId(new Uint8Array()), undefined);
  assert.equal(parseGlobalObjectId(new Uint8Array(4096)), undefined);
});
