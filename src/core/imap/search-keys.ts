import { decodeCharset, fromOctetString } from "../mime/mime.ts";
import type { Cursor } from "./cursor.ts";
import { type Day, parseDate } from "./imap-date-time.ts";
import { parseSequenceSet, type SequenceSet } from "./sequence-set.ts";

/** A condition on messages (RFC 9051 §6.4.4). */
export type SearchKey =
  | { readonly key: "and"; readonly operands: readonly SearchKey[] }
  | { readonly key: "or"; readonly operands: readonly [SearchKey, SearchKey] }
  | { readonly key: "not"; readonly operand: SearchKey }
  | { readonly key: "all" }
  /** A system flag, or a keyword in any case. */
  | { readonly key: "flag"; readonly flag: string }
  | { readonly key: "recent" }
  | { readonly key: "sequence"; readonly set: SequenceSet }
  | { readonly key: "uid"; readonly set: SequenceSet }
  | { readonly key: "date"; readonly of: DateKind; readonly relation: DateRelation; readonly day: Day }
  /** Received within, or not within, the last seconds (RFC 5032). */
  | { readonly key: "age"; readonly relation: "older" | "younger"; readonly seconds: number }
  | { readonly key: "save-date-supported" }
  | { readonly key: "size"; readonly relation: "larger" | "smaller"; readonly octets: number }
  | { readonly key: "mod-seq"; readonly modSeq: number }
  | { readonly key: "email-id"; readonly id: string }
  | { readonly key: "thread-id"; readonly id: string }
  /** A header field that has the text in it; the empty text asks whether there is such a field. */
  | { readonly key: "header"; readonly field: string; readonly text: string }
  /** A field of addresses that has the text in it as it is written or as ENVELOPE has it. */
  | { readonly key: "addresses"; readonly field: string; readonly text: string }
  | { readonly key: "body"; readonly text: string }
  | { readonly key: "text"; readonly text: string };

export type DateKind = "internal" | "sent" | "saved";
export type DateRelation = "before" | "on" | "since";

/** Keys in all, in one command. Real programs stay below a hundred. */
const MAX_KEYS = 1000;

/** Parentheses, NOT and OR in each other. */
const MAX_NESTING = 50;

const FLAG_KEYS: Readonly<Record<string, string>> = {
  ANSWERED: "\\Answered",
  DELETED: "\\Deleted",
  DRAFT: "\\Draft",
  FLAGGED: "\\Flagged",
  SEEN: "\\Seen",
};

/** Keys for a header field of the same name that has addresses in it. */
const ADDRESS_KEYS: readonly string[] = ["BCC", "CC", "FROM", "TO"];

const DATE_KEYS: Readonly<Record<string, readonly [DateKind, DateRelation]>> = {
  BEFORE: ["internal", "before"],
  ON: ["internal", "on"],
  SINCE: ["internal", "since"],
  SENTBEFORE: ["sent", "before"],
  SENTON: ["sent", "on"],
  SENTSINCE: ["sent", "since"],
  SAVEDBEFORE: ["saved", "before"],
  SAVEDON: ["saved", "on"],
  SAVEDSINCE: ["saved", "since"],
};

/** `search-key *(SP search-key)` with strings in that charset. */
export function parseSearchKeys(cursor: Cursor, charset: string): SearchKey {
  return new SearchReader(cursor, charset).readAll();
}

class SearchReader {
  readonly #cursor: Cursor;
  readonly #charset: string;
  #count = 0;
  #depth = 0;

  constructor(cursor: Cursor, charset: string) {
    this.#cursor = cursor;
    this.#charset = charset;
  }

  readAll(): SearchKey {
    const operands = [this.#key()];
    while (this.#cursor.take(" ")) operands.push(this.#key());
    return conjunction(operands);
  }

  #key(): SearchKey {
    this.#count++;
    this.#depth++;
    if (this.#count > MAX_KEYS) this.#cursor.fail("Too many search keys");
    if (this.#depth > MAX_NESTING) this.#cursor.fail("Search keys nested too deep");
    const key = this.#cursor.peek("(") ? this.#group() : this.#simpleKey();
    this.#depth--;
    return key;
  }

  #group(): SearchKey {
    const operands = this.#cursor.list(() => this.#key());
    if (operands.length === 0) this.#cursor.fail("Expected search keys");
    return conjunction(operands);
  }

  #simpleKey(): SearchKey {
    const cursor = this.#cursor;
    if (cursor.looksLike(/[0-9*$]/y)) return { key: "sequence", set: parseSequenceSet(cursor) };
    const word = cursor.word("a search key");
    const isNegated = word.startsWith("UN");
    const flag = FLAG_KEYS[isNegated ? word.slice(2) : word];
    if (flag !== undefined) return negate({ key: "flag", flag }, isNegated);
    const date = DATE_KEYS[word];
    if (date !== undefined)
      return { key: "date", of: date[0], relation: date[1], day: this.#afterSpace(parseDate) };
    if (ADDRESS_KEYS.includes(word))
      return { key: "addresses", field: word.toLowerCase(), text: this.#text() };
    return this.#otherKey(word);
  }

  #otherKey(word: string): SearchKey {
    switch (word) {
      case "ALL":
        return { key: "all" };
      case "NEW":
        return conjunction([{ key: "recent" }, negate({ key: "flag", flag: "\\Seen" }, true)]);
      case "RECENT":
        return { key: "recent" };
      case "OLD":
        return negate({ key: "recent" }, true);
      case "NOT":
        return { key: "not", operand: this.#afterSpace(() => this.#key()) };
      case "OR":
        return {
          key: "or",
          operands: [this.#afterSpace(() => this.#key()), this.#afterSpace(() => this.#key())],
        };
      case "KEYWORD":
      case "UNKEYWORD":
        return negate({ key: "flag", flag: this.#afterSpace((cursor) => cursor.atom()) }, word !== "KEYWORD");
      case "UID":
        return { key: "uid", set: this.#afterSpace(parseSequenceSet) };
      case "LARGER":
      case "SMALLER": {
        const octets = this.#afterSpace((cursor) => cursor.number64());
        return { key: "size", relation: word === "LARGER" ? "larger" : "smaller", octets };
      }
      case "OLDER":
      case "YOUNGER": {
        const seconds = this.#afterSpace((cursor) => cursor.nzNumber());
        return { key: "age", relation: word === "OLDER" ? "older" : "younger", seconds };
      }
      case "HEADER":
        return {
          key: "header",
          field: this.#afterSpace((cursor) => cursor.astring()).toLowerCase(),
          text: this.#text(),
        };
      case "SUBJECT":
        return { key: "header", field: "subject", text: this.#text() };
      case "BODY":
        return { key: "body", text: this.#text() };
      case "TEXT":
        return { key: "text", text: this.#text() };
      case "MODSEQ":
        return this.#afterSpace(parseModSeqKey);
      case "EMAILID":
        return { key: "email-id", id: this.#afterSpace((cursor) => cursor.atom()) };
      case "THREADID":
        return { key: "thread-id", id: this.#afterSpace((cursor) => cursor.atom()) };
      case "SAVEDATESUPPORTED":
        return { key: "save-date-supported" };
      default:
        this.#cursor.fail("Unknown search key");
        return { key: "all" };
    }
  }

  #afterSpace<T>(read: (cursor: Cursor) => T): T {
    this.#cursor.space();
    return read(this.#cursor);
  }

  #text(): string {
    const octets = this.#afterSpace((cursor) => cursor.astring("a text to search for"));
    return decodeCharset(fromOctetString(octets), this.#charset);
  }
}

function conjunction(operands: readonly SearchKey[]): SearchKey {
  const [first] = operands;
  return first !== undefined && operands.length === 1 ? first : { key: "and", operands };
}

function negate(operand: SearchKey, isNegated: boolean): SearchKey {
  return isNegated ? { key: "not", operand } : operand;
}

/**
 * `MODSEQ ["/flags/…" priv|shared|all] n`. We count changes of a message, not of each flag, and so
 * pass over the flag's name, as a server may (RFC 7162 §3.1.5).
 */
function parseModSeqKey(cursor: Cursor): SearchKey {
  if (cursor.isAtString()) {
    cursor.string();
    cursor.space();
    cursor.atom();
    cursor.space();
  }
  return { key: "mod-seq", modSeq: cursor.number64() };
}
