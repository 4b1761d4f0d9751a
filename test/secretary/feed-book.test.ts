import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FeedBook, type FeedEntry } from "../../src/secretary/feed-book.ts";

const SETTINGS = { name: "Calendar", zone: "UTC", refresh: "PT1H", version: "1" };

function entryOf(uidKey: string, uid = uidKey): FeedEntry {
  return { uidKey, uid, ownsUid: true, inUse: { zones: {}, definitions: {} }, endsAt: 0 };
}

function eventOf(uid: string, title: string): Uint8Array {
  return Buffer.from(`BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:${title}\r\nEND:VEVENT\r\n`);
}

const NOTHING = new Uint8Array();
const all = () => true;

function textOf(book: FeedBook, isShown: (entry: FeedEntry) => boolean = all): string {
  return Buffer.from(book.assemble(isShown).octets).toString();
}

test("FeedBook takes out every event that goes, also several before the next feed", () => {
  const book = new FeedBook(SETTINGS);
  for (const uid of ["a", "b", "c"]) book.put(entryOf(uid), eventOf(uid, "Budget"));
  book.assemble(all);
  for (const uid of ["a", "b"]) book.put(entryOf(uid), NOTHING);
  assert.equal(book.size, 1);
  assert.deepEqual(textOf(book).match(/UID:.*/g), ["UID:c"]);
});

/** What happens to a book: the text of a UID in one of its spellings, or the feed without some of them. */
const step = fc.oneof(
  fc.record({ key: fc.nat(4), spelling: fc.constantFrom("", "-x"), title: fc.constantFrom("A", "BB", "") }),
  fc.record({ hidden: fc.array(fc.nat(4)) }),
);

test("FeedBook gives the feed of a new book that is told the last text of each UID", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const book = new FeedBook(SETTINGS);
      const last = new Map<string, [FeedEntry, Uint8Array]>();
      for (const one of steps) {
        if ("hidden" in one) {
          const isShown = ({ uidKey }: FeedEntry) => !one.hidden.includes(Number(uidKey));
          const expected = new FeedBook(SETTINGS);
          for (const [entry, text] of last.values()) if (isShown(entry)) expected.put(entry, text);
          assert.equal(textOf(book, isShown), textOf(expected));
        } else {
          const entry = entryOf(String(one.key), one.key + one.spelling);
          const text = one.title === "" ? NOTHING : eventOf(entry.uid, one.title);
          last.set(entry.uidKey, [entry, text]);
          book.put(entry, text);
        }
      }
      const expected = new FeedBook(SETTINGS);
      for (const [entry, text] of last.values()) expected.put(entry, text);
      assert.equal(textOf(book), textOf(expected));
      assert.equal(book.size, expected.size);
    }),
    { seed: 1, numRuns: 500 },
  );
});
