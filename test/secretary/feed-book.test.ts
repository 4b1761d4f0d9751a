import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FeedBook, type IsShown } from "../../src/secretary/feed-book.ts";
import type { GroupEntry } from "../../src/storage/agenda-db/agenda-db.ts";

const SETTINGS = { name: "Calendar", zone: "UTC", refresh: "PT1H", version: "1" };
const ZONES = JSON.stringify({ zones: {}, definitions: {} });

/** What a book is told, and reads when it needs it; by UID. */
type Texts = Map<string, { readonly entry: GroupEntry; readonly text: Uint8Array }>;

function bookOf(texts: Texts): FeedBook {
  return new FeedBook(SETTINGS, (uidKey) => texts.get(uidKey)?.text ?? assert.fail(`There is no ${uidKey}`));
}

/** A book of entries alone, as after a start. */
function newBookOf(texts: Texts): FeedBook {
  const book = bookOf(texts);
  for (const { entry } of texts.values()) book.put(entry);
  return book;
}

function eventOf(uid: string, title: string): Uint8Array {
  return Buffer.from(title === "" ? "" : `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:${title}\r\nEND:VEVENT\r\n`);
}

/** Puts an event, whose end is the number of its key, into book and texts. */
function put(book: FeedBook, texts: Texts, { key, spelling = "", title }: Told): void {
  const uid = key + spelling;
  const text = eventOf(uid, title);
  const own = { ownsUid: true, madeUids: [], zones: ZONES, endsAt: key };
  const entry = { uidKey: String(key), uid, ...own, octets: text.length };
  texts.set(entry.uidKey, { entry, text });
  book.put(entry, text);
}

interface Told {
  readonly key: number;
  readonly spelling?: string;
  readonly title: string;
}

const all = () => true;

function textOf(book: FeedBook, isShown: IsShown = all): string {
  return Buffer.from(book.assemble(isShown).octets).toString();
}

test("FeedBook takes out every event that goes, also several before the next feed", () => {
  const texts: Texts = new Map();
  const book = bookOf(texts);
  for (const key of [1, 2, 3]) put(book, texts, { key, title: "Budget" });
  book.assemble(all);
  for (const key of [1, 2]) put(book, texts, { key, title: "" });
  assert.equal(book.size, 1);
  assert.deepEqual(textOf(book).match(/UID:.*/g), ["UID:3"]);
});

/** What happens to a book: the text of a UID in one of its spellings, the feed without some of them, a restart. */
const step = fc.oneof(
  fc.record({ key: fc.nat(4), spelling: fc.constantFrom("", "-x"), title: fc.constantFrom("A", "BB", "") }),
  fc.record({ hidden: fc.array(fc.nat(4)), isRestart: fc.boolean() }),
);

test("FeedBook gives the feed of a new book that is told the last text of each UID", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const texts: Texts = new Map();
      let book = bookOf(texts);
      for (const one of steps) {
        if (!("hidden" in one)) {
          put(book, texts, one);
          continue;
        }
        const isShown: IsShown = ({ endsAt }) => !one.hidden.includes(Number(endsAt));
        const { octets, events } = book.assemble(isShown);
        assert.equal(Buffer.from(octets).toString(), textOf(newBookOf(texts), isShown));
        if (!one.isRestart) continue;
        book = newBookOf(texts);
        assert.equal(book.adopt(octets, isShown), events > 0 ? events : undefined);
      }
      const expected = newBookOf(texts);
      assert.equal(textOf(book), textOf(expected));
      assert.equal(book.size, expected.size);
    }),
    { seed: 1, numRuns: 500 },
  );
});
