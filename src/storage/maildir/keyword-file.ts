import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../atomic-file/atomic-file.ts";
import { KEYWORD_MARKS, type Marks } from "./marks.ts";
import { isMissing } from "./missing.ts";
import { Turns } from "./turns.ts";

/**
 * The keywords of a mailbox, each at the place of its letter. Dovecot's file `dovecot-keywords` has a line
 * for each: its place, a space, its name. A place that was never given away is undefined.
 */
export type KeywordTable = readonly (string | undefined)[];

/** Letters `a` to `z` (Maildir keywords as Dovecot does them). */
export const MAX_KEYWORDS = 26;

/** The mailbox has no letter left for another keyword. */
export class TooManyKeywords extends Error {
  constructor(keyword: string) {
    super(`Cannot add the keyword "${keyword}": the mailbox has ${MAX_KEYWORDS} already`);
  }
}

/** Writing one table at a time, since each is read, extended and replaced. */
const turns = new Turns();

function pathIn(folder: string): string {
  return join(folder, "dovecot-keywords");
}

/** The keywords of the mailbox in this folder; none where there is no file. Lines that make no sense are passed over. */
export async function readKeywordTable(folder: string): Promise<KeywordTable> {
  return parseKeywordTable(await readFile(pathIn(folder), "utf8").catch(emptyWhenMissing));
}

function emptyWhenMissing(error: unknown): string {
  if (isMissing(error)) return "";
  throw error;
}

function parseKeywordTable(text: string): KeywordTable {
  const table: (string | undefined)[] = [];
  for (const line of text.split("\n")) {
    const [, place, keyword] = /^(\d{1,2}) (.+)$/.exec(line) ?? [];
    if (keyword !== undefined && Number(place) < MAX_KEYWORDS) table[Number(place)] = keyword;
  }
  return Array.from(table);
}

/**
 * The mailbox's keywords, with a letter for each of these. Letters that are `used` although the table has no
 * name for them, because the file was lost say, are given to nobody. Throws `TooManyKeywords`.
 */
export async function extendKeywordTable(
  folder: string,
  keywords: readonly string[],
  used: Marks = 0,
): Promise<KeywordTable> {
  if (keywords.length === 0) return readKeywordTable(folder);
  return turns.take(async () => {
    const table = beyond(await readKeywordTable(folder), used);
    const missing = keywords.filter((keyword) => placeOf(table, keyword) < 0);
    if (missing.length === 0) return table;
    const extended = missing.reduce(withKeyword, table);
    await writeFileAtomically(pathIn(folder), new TextEncoder().encode(formatKeywordTable(extended)));
    return extended;
  });
}

/** The table, at least so long that the next place is above every used letter. */
function beyond(table: KeywordTable, used: Marks): KeywordTable {
  const places = 32 - Math.clz32(used & KEYWORD_MARKS);
  return [...table, ...new Array<undefined>(Math.max(0, places - table.length))];
}

function withKeyword(table: KeywordTable, keyword: string): KeywordTable {
  if (placeOf(table, keyword) >= 0) return table; // the same one twice
  // A gap stays one: messages may still carry its letter.
  if (table.length >= MAX_KEYWORDS) throw new TooManyKeywords(keyword);
  return [...table, keyword];
}

function formatKeywordTable(table: KeywordTable): string {
  return table.map((keyword, place) => (keyword === undefined ? "" : `${place} ${keyword}\n`)).join("");
}

/** Keywords are compared without regard to case (RFC 9051 §2.3.2). */
function placeOf(table: KeywordTable, keyword: string): number {
  const wanted = keyword.toLowerCase();
  return table.findIndex((known) => known?.toLowerCase() === wanted);
}

/** The bits of the keywords; one that the table does not have has none. */
export function marksOfKeywords(table: KeywordTable, keywords: readonly string[]): Marks {
  return keywords.reduce((marks, keyword) => {
    const place = placeOf(table, keyword);
    return place < 0 ? marks : marks | (1 << place);
  }, 0);
}

/** The names of the keywords among the bits. */
export function keywordsOf(table: KeywordTable, marks: Marks): string[] {
  const ours = marks & KEYWORD_MARKS;
  return table.flatMap((keyword, place) =>
    keyword !== undefined && (ours & (1 << place)) !== 0 ? [keyword] : [],
  );
}
