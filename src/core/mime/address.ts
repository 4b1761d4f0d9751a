import type { OctetString } from "./octet-string.ts";
import { type Token, tokenize } from "./tokens.ts";

/**
 * One entry of an address list as ENVELOPE lists it (RFC 9051 §2.3.5): a group is its name, its
 * members and an end. Texts are as sent: RFC 2047 words are not decoded.
 */
export type AddressEntry =
  | {
      readonly kind: "address";
      readonly name: OctetString | undefined;
      /** Obsolete source route (RFC 5322 §4.4), `@a,@b`. */
      readonly route: OctetString | undefined;
      /** The local part, unquoted; empty when there was none. */
      readonly mailbox: OctetString;
      /** The domain; empty when there was none, since IMAP gives its absence another meaning. */
      readonly host: OctetString;
    }
  | { readonly kind: "group-start"; readonly name: OctetString }
  | { readonly kind: "group-end" };

/** Real lists reach a few thousand recipients; beyond this a list only makes answers long. */
const MAX_ADDRESSES = 10_000;

const SPECIALS = "<>[]:;@,";

/**
 * Parses the value of From, To and their kin (RFC 5322 §3.4, with the obsolete forms of §4.4). Any
 * value gives a list: what is no address gives the parts of one that can be read, and an empty
 * element gives nothing. With a limit the entries behind it are not to be relied upon.
 */
export function parseAddressList(value: OctetString, limit = MAX_ADDRESSES): AddressEntry[] {
  return parsePlain(value, limit) ?? parseTokens(value, limit);
}

/**
 * `local@domain`, `A Name <local@domain>` or `"A Name" <local@domain>` with the comma behind it, as most programs
 * write them. The runs are the tokenizer's words, and no more is matched than what both ways read alike.
 */
const PLAIN =
  /[ \t]*(?:(?:([^ \t\r\n"(<>[\]:;@,]+(?: [^ \t\r\n"(<>[\]:;@,]+)*)[ \t]*|"([^"\\]*)"[ \t]*)?<([^ \t\r\n"(<>[\]:;@,]+)@([^ \t\r\n"(<>[\]:;@,]+)>|([^ \t\r\n"(<>[\]:;@,]+)@([^ \t\r\n"(<>[\]:;@,]+))[ \t]*(?:,|$)/y;

/** The same for nearly all lists in a fifth of the time; undefined where not everything is plain. */
function parsePlain(value: OctetString, limit: number): AddressEntry[] | undefined {
  const entries: AddressEntry[] = [];
  for (let end = 0; end < value.length && entries.length < limit; ) {
    PLAIN.lastIndex = end;
    const match = PLAIN.exec(value);
    if (match === null) return undefined;
    const [, words, quoted, inner, innerHost, mailbox = inner ?? "", host = innerHost ?? ""] = match;
    entries.push({ kind: "address", name: words ?? quoted, route: undefined, mailbox, host });
    end = PLAIN.lastIndex;
  }
  return entries;
}

function parseTokens(value: OctetString, limit: number): AddressEntry[] {
  const cursor = new TokenCursor(tokenize(value, SPECIALS));
  const entries: AddressEntry[] = [];
  let isInGroup = false;
  while (!cursor.isAtEnd() && entries.length < limit) {
    const phrase = cursor.takeWords();
    if (cursor.takeSpecial(":")) {
      // A colon inside a group starts no second one: groups do not nest (RFC 5322 §3.4).
      if (!isInGroup) entries.push({ kind: "group-start", name: joinPhrase(phrase) ?? "" });
      isInGroup = true;
      continue;
    }
    const address = parseMailbox(phrase, cursor);
    if (address !== undefined) entries.push(address);
    if (cursor.takeSpecial(";") && isInGroup) {
      entries.push({ kind: "group-end" });
      isInGroup = false;
    }
    cursor.takeSpecial(",");
  }
  if (isInGroup) entries.push({ kind: "group-end" });
  return entries;
}

/** `name-addr` or `addr-spec` (RFC 5322 §3.4) whose first words have been read already. */
function parseMailbox(phrase: readonly Token[], cursor: TokenCursor): AddressEntry | undefined {
  const words = phrase.filter((token) => token.kind !== "comment");
  if (cursor.takeSpecial("<")) {
    const route = takeRoute(cursor);
    const mailbox = joinWords(cursor.takeWords());
    const host = takeHost(cursor);
    cursor.skipTo([">", ",", ";"]);
    cursor.takeSpecial(">");
    const trailing = cursor.takeWords();
    cursor.skipTo([",", ";"]);
    return { kind: "address", name: joinPhrase(phrase) ?? commentOf(trailing), route, mailbox, host };
  }
  if (cursor.peekSpecial("@")) {
    const host = takeHost(cursor);
    const trailing = cursor.takeWords();
    cursor.skipTo([",", ";"]);
    const name = commentOf([...phrase, ...trailing]);
    return { kind: "address", name, route: undefined, mailbox: joinWords(words), host };
  }
  cursor.skipTo([",", ";"]);
  if (words.length === 0) return undefined;
  const isName = words.some((word, index) => index > 0 && word.isSpaced);
  const name = isName ? joinPhrase(words) : commentOf(phrase);
  return { kind: "address", name, route: undefined, mailbox: isName ? "" : joinWords(words), host: "" };
}

/** `@a,@b:` before the address (RFC 5322 §4.4). */
function takeRoute(cursor: TokenCursor): OctetString | undefined {
  const hosts: string[] = [];
  while (cursor.peekSpecial("@") || cursor.peekSpecial(",")) {
    if (!cursor.takeSpecial(",")) hosts.push(`@${takeHost(cursor)}`);
  }
  cursor.takeSpecial(":");
  return hosts.length === 0 ? undefined : hosts.join(",");
}

function takeHost(cursor: TokenCursor): OctetString {
  if (!cursor.takeSpecial("@")) return "";
  const literal = cursor.takeLiteral();
  if (literal !== undefined) return `[${literal}]`;
  return joinWords(cursor.takeDomain());
}

/** Words of a local part or domain: comments and white space between them mean nothing (RFC 5322 §4.4). */
function joinWords(tokens: readonly Token[]): OctetString {
  return tokens
    .filter((token) => token.kind !== "comment")
    .map((token) => token.text)
    .join("");
}

/** A display name: its words with single spaces where any white space was (RFC 5322 §3.2.5). */
function joinPhrase(tokens: readonly Token[]): OctetString | undefined {
  const words = tokens.filter((token) => token.kind !== "comment");
  if (words.length === 0) return commentOf(tokens);
  return words.map((word, index) => (index > 0 && word.isSpaced ? ` ${word.text}` : word.text)).join("");
}

/** Before there were display names, the name stood in a comment (RFC 822 §A.1.3). */
function commentOf(tokens: readonly Token[]): OctetString | undefined {
  return tokens.findLast((token) => token.kind === "comment")?.text;
}

class TokenCursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peekSpecial(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "special" && token.text === text;
  }

  takeSpecial(text: string): boolean {
    const isNext = this.peekSpecial(text);
    if (isNext) this.#at++;
    return isNext;
  }

  takeLiteral(): OctetString | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "literal") return undefined;
    this.#at++;
    return token.text;
  }

  /** Words, quoted strings and comments up to the next special. */
  takeWords(): Token[] {
    let end = this.#at;
    for (; end < this.#tokens.length; end++) {
      const kind = this.#tokens[end]?.kind;
      if (kind === "special" || kind === "literal") break;
    }
    return this.#takeUpTo(end);
  }

  /** Words up to the first white space that is not beside a dot, and the comments before them (RFC 5322 §4.4). */
  takeDomain(): Token[] {
    let start = this.#at;
    while (this.#tokens[start]?.kind === "comment") start++;
    let end = start;
    for (; end < this.#tokens.length; end++) {
      const token = this.#tokens[end];
      if (token?.kind !== "word") break;
      const isBesideDot = token.text.startsWith(".") || this.#tokens[end - 1]?.text.endsWith(".");
      if (end > start && token.isSpaced && !isBesideDot) break;
    }
    return this.#takeUpTo(end);
  }

  #takeUpTo(end: number): Token[] {
    const taken = this.#tokens.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  skipTo(specials: readonly string[]): void {
    while (!this.isAtEnd() && !specials.some((special) => this.peekSpecial(special))) this.#at++;
  }
}
