import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGlobalObjectId, seriesUidOf } from "../../../src/core/icalendar/global-object-id.ts";
import { ascii, concat, hex, uint32 } from "../tnef/tnef-writer.ts";

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
    name: "wraps nothing, and is a UID itself",
    octets: idAround(hex(FOREIGN)),
    uid: `${SERIES}${"00".repeat(16)}0C000000${FOREIGN}`,
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

test("octets of another class, or shorter than they say, are no GlobalObjectId", () => {
  assert.equal(parseGlobalObjectId(new Uint8Array()), undefined);
  assert.equal(parseGlobalObjectId(hex("0102030405")), undefined);
  assert.equal(parseGlobalObjectId(hex(SERIES)), undefined);
  assert.equal(parseGlobalObjectId(idAround(hex("AABB"), 0x7fffffff)), undefined);
});

test("seriesUidOf hex is the UID that its octets have", () => {
  for (const { octets, uid } of CASES) {
    const digits = Buffer.from(octets).toString("hex");
    assert.equal(seriesUidOf(digits), uid);
    assert.equal(seriesUidOf(digits.toUpperCase()), uid);
  }
});

test("seriesUidOf damaged hex has no date either, and other UIDs belong to no series of Outlook", () => {
  const damaged = SERIES.replace(/00000000$/, "07D803190");
  assert.equal(seriesUidOf(damaged), `${SERIES}0`);
  assert.equal(seriesUidOf("abc-123@example.com"), undefined);
  assert.equal(seriesUidOf(`${SERIES}@example.com`), undefined);
});
