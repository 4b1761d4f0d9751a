import { isKnownCharset } from "../mime/mime.ts";
import {
  type Command,
  type FetchCommand,
  type ReturnOptions,
  type SearchCommand,
  SORT_KEYS,
  type SortCommand,
  type SortCriterion,
  type StoreCommand,
  type ThreadCommand,
  type Window,
} from "./command.ts";
import type { Cursor } from "./cursor.ts";
import { parseFetchItems } from "./fetch-items.ts";
import { parseFlags } from "./flag-names.ts";
import { parseSearchKeys } from "./search-keys.ts";
import { parseSequenceSet } from "./sequence-set.ts";

/** FETCH with the modifiers of RFC 7162 §3.1.4.1, §3.2.6 and RFC 9394 §3.3. */
export function parseFetch(cursor: Cursor, isUid: boolean): FetchCommand {
  const set = parseSequenceSet(cursor);
  cursor.space();
  const items = parseFetchItems(cursor);
  let changedSince: number | undefined;
  let isVanished = false;
  let window: Window | undefined;
  if (cursor.take(" ")) {
    cursor.list(() => {
      const modifier = cursor.oneOf(["CHANGEDSINCE", "VANISHED", "PARTIAL"], "a fetch modifier");
      if (modifier === "VANISHED") isVanished = true;
      else {
        cursor.space();
        if (modifier === "PARTIAL") window = parseWindow(cursor);
        else changedSince = cursor.number64();
      }
    });
  }
  if (isVanished && (!isUid || changedSince === undefined)) {
    cursor.fail("VANISHED needs UID FETCH and CHANGEDSINCE"); // RFC 7162 §3.2.6
  }
  return { name: "FETCH", isUid, set, items, changedSince, isVanished, window };
}

/** `1:100` or `-1:-100` (RFC 9394 §4): both from the same end. */
function parseWindow(cursor: Cursor): Window {
  const sign = cursor.take("-") ? -1 : 1;
  const from = cursor.nzNumber();
  cursor.expect(":");
  if (sign < 0) cursor.expect("-");
  return { from: sign * from, to: sign * cursor.nzNumber() };
}

/** STORE with UNCHANGEDSINCE (RFC 7162 §3.1.3). */
export function parseStore(cursor: Cursor, isUid: boolean): StoreCommand {
  const set = parseSequenceSet(cursor);
  cursor.space();
  let unchangedSince: number | undefined;
  if (cursor.take("(UNCHANGEDSINCE ")) {
    unchangedSince = cursor.number64();
    cursor.expect(") ");
  }
  const mode = cursor.take("+") ? "add" : cursor.take("-") ? "remove" : "replace";
  cursor.expect("FLAGS");
  const isSilent = cursor.take(".SILENT");
  cursor.space();
  return { name: "STORE", isUid, set, mode, isSilent, flags: parseFlags(cursor), unchangedSince };
}

export function parseCopy(cursor: Cursor, name: "COPY" | "MOVE", isUid: boolean): Command {
  const set = parseSequenceSet(cursor);
  cursor.space();
  return { name, isUid, set, mailbox: cursor.mailbox() };
}

/** SEARCH with RETURN (RFC 4731 §3.1) and CHARSET. */
export function parseSearch(cursor: Cursor, isUid: boolean): SearchCommand {
  const returned = cursor.take("RETURN ") ? parseReturnOptions(cursor) : undefined;
  if (returned !== undefined) cursor.space();
  const charset = cursor.take("CHARSET ") ? cursor.astring("a charset") : undefined;
  if (charset !== undefined) cursor.space();
  const { keys, hasUnknownCharset } = keysIn(cursor, charset ?? "utf-8");
  return { name: "SEARCH", isUid, returned, keys, hasUnknownCharset };
}

function parseReturnOptions(cursor: Cursor): ReturnOptions {
  let window: Window | undefined;
  const options = cursor.list(() => {
    const option = cursor.oneOf(["MIN", "MAX", "ALL", "COUNT", "SAVE", "PARTIAL"], "a return option");
    if (option === "PARTIAL") {
      cursor.space();
      if (window !== undefined) cursor.fail("PARTIAL may be there once"); // RFC 9394 §3.1
      window = parseWindow(cursor);
    }
    return option;
  });
  if (window !== undefined && options.includes("ALL")) cursor.fail("PARTIAL and ALL exclude each other"); // RFC 9394 §3.1
  return { options: options.filter((option) => option !== "PARTIAL"), window };
}

/** SORT (RFC 5256 §3). */
export function parseSort(cursor: Cursor, isUid: boolean): SortCommand {
  const criteria = cursor.list((): SortCriterion => {
    const isReverse = cursor.take("REVERSE ");
    return { key: cursor.oneOf(SORT_KEYS, "a sort key"), isReverse };
  });
  if (criteria.length === 0 || criteria.length > MAX_CRITERIA) cursor.fail("Expected sort keys");
  cursor.space();
  const charset = cursor.astring("a charset");
  cursor.space();
  return { name: "SORT", isUid, criteria, ...keysIn(cursor, charset) };
}

/** More levels than there are keys order nothing more. */
const MAX_CRITERIA = 20;

/** THREAD (RFC 5256 §3). */
export function parseThread(cursor: Cursor, isUid: boolean): ThreadCommand {
  const algorithm = cursor.word("a threading algorithm");
  cursor.space();
  const charset = cursor.astring("a charset");
  cursor.space();
  return { name: "THREAD", isUid, algorithm, ...keysIn(cursor, charset) };
}

function keysIn(cursor: Cursor, charset: string): Pick<SearchCommand, "keys" | "hasUnknownCharset"> {
  const isKnown = isKnownCharset(charset);
  return { keys: parseSearchKeys(cursor, isKnown ? charset : "utf-8"), hasUnknownCharset: !isKnown };
}
