import { decodeUtf8, type OctetString } from "../mime/mime.ts";
import type { Problem } from "./command-problem.ts";
import { decodeMailboxName, type EncodedName, type NameForm } from "./mailbox-names.ts";

/** ATOM-CHAR (RFC 9051 §9): neither white space, control, bracket nor wildcard. */
const ATOM = /[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y;
/** ASTRING-CHAR adds the closing bracket. */
const ASTRING_ATOM = /[^\x00-\x20\x7f-\xff(){%*"\\]+/y;
const NUMBER = /[0-9]+/y;
const QUOTED = /"((?:[^\x00\r\n"\\]|\\["\\])*)"/y;
const LITERAL_MARK = /~?\{([0-9]+)\+?\}\r?\n/y;

/** 2³² − 1, the largest `number` (RFC 9051 §9). */
export const MAX_NUMBER = 0xffff_ffff;

/**
 * Reads a command from left to right; the methods are called as the grammar's rules are (RFC 9051 §9).
 * At the first octet that does not fit, the problem is remembered: from then on every method gives a
 * harmless value and takes nothing, so that callers need to look for the problem only once, at the end.
 */
export class Cursor {
  readonly #text: OctetString;
  readonly #nameForm: NameForm;
  #at = 0;
  #problem: Problem | undefined;

  /** A client that writes names in UTF-8 may do so in all quoted strings (RFC 6855 §3, RFC 9051 §4.3). */
  constructor(text: OctetString, nameForm: NameForm) {
    this.#text = text;
    this.#nameForm = nameForm;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Remembers the first problem. */
  fail(message: string): void {
    this.#problem ??= { offset: this.#at, message };
  }

  /** Whether the command must end here; a problem if it does not. */
  end(): void {
    if (this.#problem === undefined && this.#at < this.#text.length)
      this.fail("Expected the end of the command");
  }

  isAtEnd(): boolean {
    return this.#problem !== undefined || this.#at >= this.#text.length;
  }

  /** Whether this comes next, in any case. */
  peek(text: string): boolean {
    const next = this.#text.slice(this.#at, this.#at + text.length);
    return this.#problem === undefined && next.toUpperCase() === text.toUpperCase();
  }

  /** Takes it when it comes next, in any case. */
  take(text: string): boolean {
    const isNext = this.peek(text);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(`Expected "${text}"`);
  }

  space(): void {
    if (!this.take(" ")) this.fail("Expected a space");
  }

  /** Whether the sticky expression matches here; nothing is taken. */
  looksLike(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    return this.#problem === undefined && expression.test(this.#text);
  }

  /** Takes what the sticky expression matches here. */
  match(expression: RegExp): RegExpExecArray | undefined {
    if (this.#problem !== undefined) return undefined;
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match !== null) this.#at = expression.lastIndex;
    return match ?? undefined;
  }

  atom(what = "an atom"): OctetString {
    const match = this.match(ATOM);
    if (match === undefined) this.fail(`Expected ${what}`);
    return match?.[0] ?? "";
  }

  /** An atom in upper case: a keyword of the protocol. */
  word(what: string): string {
    return this.atom(what).toUpperCase();
  }

  number(): number {
    return this.#numberUpTo(MAX_NUMBER);
  }

  /** A number above 0. */
  nzNumber(): number {
    const number = this.number();
    if (number === 0) this.fail("Expected a number above 0");
    return number;
  }

  /**
   * A number of 63 bits (RFC 9051 §9, `number64`). Ours stay below 2⁵³, so that larger ones need only be
   * known as larger.
   */
  number64(): number {
    return Math.min(this.#numberUpTo(2 ** 63), Number.MAX_SAFE_INTEGER);
  }

  #numberUpTo(max: number): number {
    const digits = this.match(NUMBER)?.[0];
    const number = Number(digits ?? Number.NaN);
    if (number <= max) return number;
    this.fail(digits === undefined ? "Expected a number" : "Number too large");
    return 0;
  }

  isAtString(): boolean {
    return this.peek('"') || this.peek("{") || this.peek("~{");
  }

  /** Quoted or a literal. */
  string(): OctetString {
    return this.peek('"') ? this.#quoted() : this.#literal();
  }

  /** An atom, quoted or a literal. */
  astring(what = "a string"): OctetString {
    if (this.isAtString()) return this.string();
    const match = this.match(ASTRING_ATOM);
    if (match === undefined) this.fail(`Expected ${what}`);
    return match?.[0] ?? "";
  }

  /** A string, or undefined for NIL. */
  nstring(): OctetString | undefined {
    if (this.isAtString()) return this.string();
    this.expect("NIL");
    return undefined;
  }

  /** A mailbox name in the form that this server uses. */
  mailbox(): EncodedName {
    const name = decodeMailboxName(this.astring("a mailbox name"), this.#nameForm);
    if (name === undefined) this.fail("Invalid mailbox name");
    return name ?? "";
  }

  /** One of these words. */
  oneOf<Word extends string>(words: readonly Word[], what: string): Word {
    const written = this.word(what);
    const known = words.find((word) => word === written);
    if (known === undefined) this.fail(`Expected ${what}`);
    return known ?? (words[0] as Word);
  }

  /** One thing or more in parentheses, or none at all. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    this.expect("(");
    if (this.take(")")) return items;
    do items.push(item());
    while (this.take(" "));
    this.expect(")");
    return items;
  }

  #quoted(): OctetString {
    const quoted = this.match(QUOTED)?.[1];
    if (quoted === undefined) {
      this.fail("Expected a quoted string");
      return "";
    }
    const text = quoted.replace(/\\(.)/g, "$1");
    const isUtf8 = this.#nameForm === "utf-8";
    const isAllowed = isUtf8 ? decodeUtf8(text) !== undefined : !/[\x80-\xff]/.test(text);
    if (!isAllowed) this.fail("Octets above 127 in a quoted string");
    return isAllowed ? text : "";
  }

  /** The command reader made sure that as many octets follow as the literal says. */
  #literal(): OctetString {
    const digits = this.match(LITERAL_MARK)?.[1];
    const start = this.#at;
    const end = start + Number(digits ?? Number.NaN);
    if (!(end <= this.#text.length)) {
      this.fail("Expected a string");
      return "";
    }
    this.#at = end;
    const text = this.#text.slice(start, end);
    if (text.includes("\0")) this.fail("NUL in a literal");
    return text;
  }
}
