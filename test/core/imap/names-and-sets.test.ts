import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  composeMailboxName,
  decodeMailboxName,
  encodeMailboxName,
  formatDateTime,
  formatNString,
  formatNumberSet,
  formatString,
  isComposed,
  isInRanges,
  matchesPattern,
  resolveRanges,
} from "../../../src/core/imap/imap.ts";
import { encodeUtf8 } from "../../../src/core/mime/mime.ts";

const STAR = Number.POSITIVE_INFINITY;

const NAMES: Readonly<Record<string, string>> = {
  INBOX: "INBOX",
  "A&-B": "A&B",
  "Entw&APw-rfe": "Entwürfe",
  "~peter/mail/&U,BTFw-/&ZeVnLIqe-": "~peter/mail/台北/日本語",
  "&2D3eAA-": "😀",
};

for (const [utf7, text] of Object.entries(NAMES)) {
  test(`mailbox name ${utf7} is ${text} (RFC 3501 §5.1.3)`, () => {
    assert.equal(decodeMailboxName(utf7, "utf-7"), utf7);
    assert.equal(decodeMailboxName(encodeUtf8(text), "utf-8"), utf7);
    assert.equal(encodeMailboxName(utf7, "utf-8"), encodeUtf8(text));
    assert.equal(encodeMailboxName(utf7, "utf-7"), utf7);
  });
}

for (const name of ["&", "a&b", "&AGE-", "&APw", "&APw-&APw-", "&A-", "&2D0-x", "\xfc", "a\tb"]) {
  test(`decodeMailboxName refuses ${JSON.stringify(name)}: not the one way to write a name`, () => {
    assert.equal(decodeMailboxName(name, "utf-7"), undefined);
  });
}

for (const name of ["a&AA0ACg-", "&AAAAAQ-", "&2AA-", "&AH8-"]) {
  test(`no client makes a mailbox ${name}, and one on disk is told as it is written there`, () => {
    assert.equal(decodeMailboxName(name, "utf-7"), undefined);
    assert.equal(encodeMailboxName(name, "utf-8"), name);
  });
}

test("mailbox names in UTF-8 come back as they were", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const told = text.replace(/[\x00-\x1f\x7f]/g, "");
      const name = decodeMailboxName(encodeUtf8(told), "utf-8");
      assert.ok(name !== undefined);
      assert.match(name, /^[\x20-\x7e]*$/);
      if (name !== "INBOX") assert.equal(encodeMailboxName(name, "utf-8"), encodeUtf8(told));
      assert.equal(decodeMailboxName(name, "utf-7"), name);
    }),
  );
});

/** A name in levels, which mailboxes there are, and which one is meant. */
const MEANT: readonly [name: string, known: readonly string[], meant: string][] = [
  ["u\u0308", [], "ü"],
  ["u\u0308", ["ü"], "ü"],
  ["u\u0308", ["u\u0308", "ü"], "u\u0308"],
  ["u\u0308.o\u0308", ["u\u0308"], "u\u0308.ö"],
  ["u\u0308.o\u0308", ["ü", "o\u0308"], "ü.ö"],
  ["a&.o\u0308.", ["a&"], "a&.ö."],
];

for (const [name, known, meant] of MEANT) {
  test(`${JSON.stringify(name)} beside ${JSON.stringify(known)} means ${meant} (RFC 9051 §5.1)`, () => {
    const encoded = (text: string) => decodeMailboxName(encodeUtf8(text), "utf-8") ?? assert.fail(text);
    assert.equal(composeMailboxName(encoded(name), new Set(known.map(encoded))), encoded(meant));
    assert.ok(!isComposed(encoded(name)));
    assert.ok(isComposed(encoded(meant.normalize("NFC"))));
  });
}

const PATTERNS: readonly [name: string, pattern: string, fits: boolean][] = [
  ["a.b", "*", true],
  ["a.b", "%", false],
  ["a.b", "%.%", true],
  ["a.b", "a.%", true],
  ["a.b", "a%", false],
  ["a.b", "a*", true],
  ["a.b.c", "%.c", false],
  ["a.b.c", "*.c", true],
  ["a", "", false],
  ["a", "A", false],
  ["INBOX", "inbox", true],
  ["INBOX", "inb*", false],
  ["INBOX.a", "inbox.%", true],
  ["INBOXES", "inboxes", false],
  ["aaa", "%%*%", true],
];

for (const [name, pattern, fits] of PATTERNS) {
  test(`pattern "${pattern}" ${fits ? "fits" : "does not fit"} ${name} (RFC 9051 §6.3.9)`, () => {
    assert.equal(matchesPattern(name, pattern), fits);
  });
}

test("matchesPattern takes no long time over any pattern", () => {
  assert.equal(matchesPattern("a".repeat(250), `${"*a".repeat(400)}b`), false);
});

test("resolveRanges orders, joins and reads * (RFC 9051 §9)", () => {
  const resolve = (...ranges: [number, number][]) =>
    resolveRanges(ranges, 7).map(({ first, last }) => `${first}:${last}`);
  assert.deepEqual(resolve([4, 2], [9, STAR]), ["2:4", "7:9"]);
  assert.deepEqual(resolve([STAR, STAR]), ["7:7"]);
  assert.deepEqual(resolve([5, 6], [1, 2], [3, 3], [6, 10]), ["1:3", "5:10"]);
});

test("isInRanges finds numbers", () => {
  const ranges = resolveRanges(
    [
      [1, 3],
      [7, 7],
      [10, 20],
    ],
    20,
  );
  const found = Array.from({ length: 25 }, (_, number) => number).filter((n) => isInRanges(ranges, n));
  assert.deepEqual(found, [1, 2, 3, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  assert.equal(isInRanges([], 1), false);
});

test("formatNumberSet writes runs as ranges and keeps the order", () => {
  assert.equal(formatNumberSet([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
  assert.equal(formatNumberSet([5, 3, 4]), "5,3:4");
  assert.equal(formatNumberSet([]), "");
});

test("formatString quotes what may be quoted and writes the rest as literals (RFC 9051 §4.3)", () => {
  assert.equal(formatString('a"b\\'), '"a\\"b\\\\"');
  assert.equal(formatString(""), '""');
  assert.equal(formatString("a\r\nb"), "{4}\r\na\r\nb");
  assert.equal(formatString("\xc3\xbc"), "{2}\r\n\xc3\xbc");
  assert.equal(formatString("a\0b"), "{3}\r\na b");
  assert.equal(formatString("x".repeat(2000)), `{2000}\r\n${"x".repeat(2000)}`);
  assert.equal(formatNString(undefined), "NIL");
});

test("formatDateTime writes UTC", () => {
  assert.equal(formatDateTime(new Date(Date.UTC(1996, 6, 7, 2, 4, 5))), '"07-Jul-1996 02:04:05 +0000"');
});
