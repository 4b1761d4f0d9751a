import type { OctetString } from "./octet-string.ts";

/** A piece of a structured header field (RFC 5322 §3.2). */
export interface Token {
  readonly kind: "word" | "quoted" | "comment" | "literal" | "special";
  /** Unquoted: without quotes, parentheses or brackets, and with `\x` read as `x`. */
  readonly text: OctetString;
  /** Whether white space or a comment stood before it. */
  readonly isSpaced: boolean;
}

/**
 * Comments nest (RFC 5322 §3.2.2). Deeper ones are read as text of the comment at this depth: no
 * program writes them, and the depth is no recursion here anyway.
 */
const MAX_COMMENT_DEPTH = 100;

/**
 * Cuts a structured field value into tokens. `specials` are the characters that stand alone; any
 * other run of octets up to white space, a quote or a special is a word, 8-bit octets included
 * (RFC 6532 §3.2). An unfinished quote or comment ends with the value. `[…]` is a token only where
 * `[` is special.
 */
export function tokenize(value: OctetString, specials: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isSpaced = false;
  while (at < value.length) {
    if (WHITE_SPACE.includes(value.charAt(at))) {
      at++;
      isSpaced = true;
      continue;
    }
    const [kind, text, end] = nextToken(value, at, specials);
    tokens.push({ kind, text, isSpaced });
    isSpaced = kind === "comment";
    at = end;
  }
  return tokens;
}

function nextToken(value: OctetString, at: number, specials: string): [Token["kind"], OctetString, number] {
  const character = value.charAt(at);
  if (character === '"') return ["quoted", ...readQuoted(value, at + 1, '"')];
  if (character === "(") return ["comment", ...readComment(value, at + 1)];
  if (specials.includes(character)) {
    return character === "["
      ? ["literal", ...readQuoted(value, at + 1, "]")]
      : ["special", character, at + 1];
  }
  let end = at + 1;
  while (end < value.length && !isEndOfWord(value.charAt(end), specials)) end++;
  return ["word", value.slice(at, end), end];
}

function isEndOfWord(character: string, specials: string): boolean {
  return (
    WHITE_SPACE.includes(character) || character === '"' || character === "(" || specials.includes(character)
  );
}

const WHITE_SPACE = " \t\r\n";

/** Reads to the closing character or the end of the value: unescaped text, and where reading goes on. */
function readQuoted(value: OctetString, start: number, close: string): [OctetString, number] {
  let text = "";
  for (let at = start; at < value.length; at++) {
    let character = value.charAt(at);
    if (character === close) return [text, at + 1];
    if (character === "\\" && at + 1 < value.length) character = value.charAt(++at);
    text += character;
  }
  return [text, value.length];
}

function readComment(value: OctetString, start: number): [OctetString, number] {
  let text = "";
  let depth = 1;
  for (let at = start; at < value.length; at++) {
    let character = value.charAt(at);
    if (character === "(" && depth < MAX_COMMENT_DEPTH) depth++;
    if (character === ")" && --depth === 0) return [text, at + 1];
    if (character === "\\" && at + 1 < value.length) character = value.charAt(++at);
    text += character;
  }
  return [text, value.length];
}
