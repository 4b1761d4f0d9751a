import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileSearch, parseCommand, type SearchedMessage } from "../../../src/core/imap/imap.ts";
import { encodeUtf8, findFields, parseHeader } from "../../../src/core/mime/mime.ts";
import { deliver, startImap } from "./imap-fixture.ts";

const NAMES = ["From", "To", "CC", "bcc", "Subject", "SUBJECT", "Message-ID", "X-Other"] as const;

/** What values are made of: what folds, what encodes, and what an index could stumble over. */
const PIECES = [
  ...[
    "ann",
    "Ann@Example.ORG",
    "<b@example.com>",
    '"Doe, \\"J\\""',
    "(away)",
    "doe (x) @ example.org",
    ",",
    ";",
  ],
  ...[
    "grüße",
    "STRASSE",
    "ﬁn",
    "Ὀδυσσεύς",
    "e\u0301",
    "ﷺ",
    "👋🏽",
    "ı",
    "İ",
    "%",
    "_",
    "*",
    "'",
    '"',
    "\\",
    "?",
  ],
  ...[
    "  two  spaces ",
    "tab\tbed",
    "a\r\n folded",
    "\x1e",
    "\x1f",
    "\0",
    "a\0b",
    "\x7f",
    "\xff\xfe",
    "\r\n\t",
  ],
  ...[
    "=?utf-8?q?a=0Ab?=",
    "=?utf-8?q?a=1Eb?=",
    "=?utf-8?b?AGI=?=",
    "=?utf-16le?b?PdgA?=",
    "=?x?q?=FF?=",
    "=?",
  ],
] as const;

const value = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }).map((some) => some.join("")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("x".repeat(4100), "ﷺ".repeat(400), `${"ann@example.org, ".repeat(300)}`),
  },
);

const field = fc
  .tuple(fc.constantFrom(...NAMES), value)
  .map(([name, text]) => `${name}: ${encodeUtf8(text)}\r\n`);

const date = fc
  .constantFrom(
    "Mon, 29 Jan 2024 23:30:00 -0800",
    "30 Jan 2024 00:30:00 +0100",
    "30 Jan 24",
    "31 Jan 2024 12:00 GMT (noon)",
    "(31 Jan 2024)",
    "99 Jan 2024",
    "1 Jan 70 00:00:00 +0000",
    "31 Dec 69",
    "yesterday",
    "",
  )
  .map((text) => `Date: ${text}\r\n`);

const fields = fc.array(fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: date }), {
  maxLength: 8,
});

const header = fc
  .tuple(fields, fc.integer({ min: 0, max: 30 }))
  .map(([some, size]) => [...some, size === 0 ? `X-Long: ${"x".repeat(260_000)}\r\n` : ""].join(""));

const needle = fc
  .tuple(
    fc.constantFrom("", ...PIECES),
    fc.constantFrom("", ...PIECES),
    fc.nat(3),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([one, other, from, length]) =>
    [...one.replaceAll("\0", ""), ...other.replaceAll("\0", "")].slice(from, from + length),
  )
  .map((characters) => characters.join(""));

const literal = fc.oneof(
  { weight: 20, arbitrary: needle },
  { weight: 1, arbitrary: fc.constantFrom("x".repeat(201), "ann@example.org, ".repeat(20)) },
);

const leaf = fc
  .tuple(
    fc.constantFrom("FROM", "TO", "CC", "BCC", "SUBJECT", ...NAMES.map((name) => `HEADER ${name}`)),
    literal,
  )
  .map(([key, text]) => `${key} {${encodeUtf8(text).length}+}\r\n${encodeUtf8(text)}`);

const day = fc
  .tuple(
    fc.constantFrom("SENTBEFORE", "SENTON", "SENTSINCE"),
    fc.constantFrom("29-Jan-2024", "30-Jan-2024", "31-Jan-2024", "1-Jan-1970", "8-Apr-2024"),
  )
  .map((words) => words.join(" "));

const numbers = fc.constantFrom(
  ...["2:20", "*", "9:4,30,50:70", "80:90", "70:*", "1:*"],
  ...["UID 7:30", "UID 50:*", "UID *:55", "UID 3,5,17,9:4", "UID 80:90", "UID 80:*", "$"],
);

const key: fc.Arbitrary<string> = fc.letrec<{ key: string }>((tie) => ({
  key: fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 2, arbitrary: day },
    { weight: 1, arbitrary: tie("key").map((one) => `NOT ${one}`) },
    { weight: 1, arbitrary: fc.tuple(tie("key"), tie("key")).map(([one, other]) => `OR ${one} ${other}`) },
    { weight: 1, arbitrary: fc.tuple(tie("key"), tie("key")).map(([one, other]) => `(${one} ${other})`) },
    { weight: 1, arbitrary: fc.constantFrom("UNSEEN", "LARGER 5000", "SMALLER 200") },
    { weight: 1, arbitrary: numbers },
  ),
})).key;

/** A message of which everything is read that these keys ask for. */
function readMessage([octets, uid]: readonly [string, number], nth: number): SearchedMessage {
  const fields = parseHeader(octets);
  const nothing = { isRecent: false, modSeq: 0, savedAt: undefined, ids: undefined };
  return {
    ...nothing,
    uid,
    sequenceNumber: nth + 1,
    facts: { octets: octets.length, internalDate: 0 },
    hasFlag: () => false,
    answerOf: () => undefined,
    fields: (name) => findFields(fields, name),
    hasText: () => undefined,
  };
}

/** UIDs of messages that are not there any more. */
const GONE: readonly number[] = [1, 8, 17, 18, 60];

for (const isListed of [false, true]) {
  test(`SEARCH of fields finds what reading every message finds, ${isListed ? "listed" : "not listed"} before`, async (t) => {
    const seed = Number(process.env.SEED ?? 1);
    t.diagnostic(`SEED=${seed}`);
    const imap = await startImap(t);
    const messages = fc.sample(header, { numRuns: 60, seed }).map((fields) => `${fields}\r\nbody\r\n`);
    await deliver(imap.maildir, "INBOX", ...messages);
    const client = await imap.login();
    await client.ok("SELECT INBOX");
    await client.ok(`UID STORE ${GONE.join()} +FLAGS.SILENT (\\Deleted)`);
    await client.ok("EXPUNGE");
    await client.ok("SEARCH RETURN (SAVE) UID 5:9,30");
    if (isListed) await client.ok("FETCH 1:* ENVELOPE");
    const numbered = messages.map((octets, nth) => [octets, nth + 1] as const);
    const read = numbered.filter(([, uid]) => !GONE.includes(uid)).map(readMessage);
    for (const text of fc.sample(key, { numRuns: 300, seed })) {
      const parsed = parseCommand(`a SEARCH CHARSET utf-8 ${text}`, "utf-8");
      assert.ok(parsed.ok && parsed.command.name === "SEARCH", text);
      const matches = compileSearch(parsed.command.keys, {
        now: 0,
        largestSequenceNumber: read.length,
        largestUid: read.at(-1)?.uid ?? 0,
        saved: [
          { first: 5, last: 9 },
          { first: 30, last: 30 },
        ],
      });
      const expected = read.filter((message) => matches(message)).map((message) => message.sequenceNumber);
      const [found = ""] = await client.ok(`SEARCH CHARSET utf-8 ${text}`);
      assert.deepEqual((found.match(/\d+/g) ?? []).map(Number), expected, JSON.stringify(text));
    }
  });
}
