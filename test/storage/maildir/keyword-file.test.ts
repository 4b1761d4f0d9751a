import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  extendKeywordTable,
  keywordsOf,
  MAX_KEYWORDS,
  marksOfKeywords,
  readKeywordTable,
  TooManyKeywords,
} from "../../../src/storage/maildir/keyword-file.ts";
import { lettersOf } from "../../../src/storage/maildir/marks.ts";
import { ownFolder } from "./sandbox.ts";

test("extendKeywordTable writes a line for each keyword, as Dovecot does", async (t) => {
  const folder = ownFolder(t);
  await extendKeywordTable(folder, ["$Approved"]);
  const table = await extendKeywordTable(folder, ["$approved", "$Junk", "$Junk"]);
  assert.equal(readFileSync(join(folder, "dovecot-keywords"), "utf8"), "0 $Approved\n1 $Junk\n");
  assert.equal(lettersOf(marksOfKeywords(table, ["$Junk", "$APPROVED", "unknown"])), "ab");
  assert.deepEqual(keywordsOf(table, marksOfKeywords(table, ["$junk"])), ["$Junk"]);
});

test("extendKeywordTable does not lose keywords added at the same time", async (t) => {
  const folder = ownFolder(t);
  const names = Array.from({ length: 20 }, (_, at) => `keyword${at}`);
  await Promise.all(names.map((name) => extendKeywordTable(folder, [name])));
  assert.deepEqual(await readKeywordTable(folder), names);
});

test("extendKeywordTable refuses the 27th keyword and keeps the others", async (t) => {
  const folder = ownFolder(t);
  const names = Array.from({ length: MAX_KEYWORDS }, (_, at) => `keyword${at}`);
  await extendKeywordTable(folder, names);
  await assert.rejects(extendKeywordTable(folder, ["one-more"]), TooManyKeywords);
  assert.deepEqual(await readKeywordTable(folder), names);
});

test("readKeywordTable passes over nonsense and never gives a gap's letter to another keyword", async (t) => {
  const folder = ownFolder(t);
  writeFileSync(join(folder, "dovecot-keywords"), "2 third\nx\n99 far\n0 first\n-1 no\n3\n");
  assert.deepEqual(await readKeywordTable(folder), ["first", undefined, "third"]);
  assert.deepEqual(await extendKeywordTable(folder, ["new"]), ["first", undefined, "third", "new"]);
});
