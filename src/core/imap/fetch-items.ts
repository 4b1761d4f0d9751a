import type { OctetString, SectionText } from "../mime/mime.ts";
import type { Cursor } from "./cursor.ts";

/** Items whose answer is one value under their own name. */
export type FetchAttribute =
  | "UID"
  | "FLAGS"
  | "INTERNALDATE"
  | "RFC822.SIZE"
  | "ENVELOPE"
  | "BODY"
  | "BODYSTRUCTURE"
  | "MODSEQ"
  | "EMAILID"
  | "THREADID"
  | "SAVEDATE"
  | "PREVIEW";

/** Fields of a header by their names. */
export interface SectionFields {
  /** As they were written. */
  readonly names: readonly OctetString[];
  readonly lowerCase: ReadonlySet<OctetString>;
  readonly keep: "named" | "others";
}

/** Which octets of a message (RFC 9051 §6.4.5.1). */
export interface Section {
  /** Part numbers; empty for the message itself. */
  readonly path: readonly number[];
  readonly text: SectionText | undefined;
  /** HEADER.FIELDS and HEADER.FIELDS.NOT: which fields of the header. */
  readonly fields: SectionFields | undefined;
}

/** `<offset.length>` (RFC 9051 §6.4.5.1). */
export interface PartialRange {
  readonly offset: number;
  readonly length: number;
}

export type FetchItem =
  | { readonly kind: "attribute"; readonly name: FetchAttribute }
  | {
      readonly kind: "section";
      readonly section: Section;
      readonly partial: PartialRange | undefined;
      /** Whether reading leaves the message unseen. */
      readonly isPeek: boolean;
      /** What the answer is called, without the partial's origin: `BODY[1.MIME]`, `RFC822`. */
      readonly label: OctetString;
    }
  | {
      readonly kind: "binary";
      readonly path: readonly number[];
      readonly partial: PartialRange | undefined;
      readonly isPeek: boolean;
    }
  | { readonly kind: "binary-size"; readonly path: readonly number[] };

const ATTRIBUTES: readonly FetchAttribute[] = [
  "UID",
  "FLAGS",
  "INTERNALDATE",
  "RFC822.SIZE",
  "ENVELOPE",
  "BODY",
  "BODYSTRUCTURE",
  "MODSEQ",
  "EMAILID",
  "THREADID",
  "SAVEDATE",
  "PREVIEW",
];

/** Short forms for several items (RFC 9051 §6.4.5). */
const MACROS: Readonly<Record<string, readonly FetchAttribute[]>> = {
  ALL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
  FAST: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
  FULL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
};

/** A message nests no deeper than this in our parser; longer paths lead nowhere. */
const MAX_PATH_LENGTH = 100;

/** More items than there are kinds of them, with room for many sections. */
const MAX_ITEMS = 200;

/** Everything after the sequence set: one item, a macro, or a list of items. */
export function parseFetchItems(cursor: Cursor): FetchItem[] {
  if (cursor.peek("(")) {
    const items = cursor.list(() => parseFetchItem(cursor));
    if (items.length === 0) cursor.fail("Expected what to fetch");
    if (items.length > MAX_ITEMS) cursor.fail("Too many items to fetch");
    return items;
  }
  const macro = cursor.match(/(ALL|FAST|FULL)(?=$| )/iy)?.[1]?.toUpperCase() ?? "";
  return MACROS[macro]?.map(attribute) ?? [parseFetchItem(cursor)];
}

function attribute(name: FetchAttribute): FetchItem {
  return { kind: "attribute", name };
}

const ITEM_NAME = /[A-Z0-9.]+/iy;

function parseFetchItem(cursor: Cursor): FetchItem {
  const name = cursor.match(ITEM_NAME)?.[0].toUpperCase() ?? "";
  if ((name === "BODY" || name === "BODY.PEEK") && cursor.peek("[")) {
    return parseBodySection(cursor, name === "BODY.PEEK");
  }
  if ((name === "BINARY" || name === "BINARY.PEEK") && cursor.peek("[")) {
    const path = parseBracketedPath(cursor);
    return { kind: "binary", path, partial: parsePartial(cursor), isPeek: name === "BINARY.PEEK" };
  }
  if (name === "BINARY.SIZE") return { kind: "binary-size", path: parseBracketedPath(cursor) };
  const old = OLD_SECTIONS[name];
  if (old !== undefined) return old;
  const known = ATTRIBUTES.find((candidate) => candidate === name);
  if (known === undefined) cursor.fail("Unknown item to fetch");
  // LAZY allows a server to answer NIL; ours need not (RFC 8970 §3.2).
  if (known === "PREVIEW" && cursor.take(" (")) cursor.expect("LAZY)");
  return attribute(known ?? "UID");
}

/** Names from before there were sections (RFC 3501 §6.4.5). */
const OLD_SECTIONS: Readonly<Record<string, FetchItem>> = {
  RFC822: oldSection("RFC822", undefined, false),
  "RFC822.HEADER": oldSection("RFC822.HEADER", "header", true),
  "RFC822.TEXT": oldSection("RFC822.TEXT", "text", false),
};

function oldSection(label: string, text: SectionText | undefined, isPeek: boolean): FetchItem {
  return {
    kind: "section",
    section: { path: [], text, fields: undefined },
    partial: undefined,
    isPeek,
    label,
  };
}

/** `[` section `]` and an optional partial. */
function parseBodySection(cursor: Cursor, isPeek: boolean): FetchItem {
  cursor.expect("[");
  const path = parsePath(cursor);
  const isAtText = !cursor.peek("]");
  if (path.length > 0 && isAtText) cursor.expect(".");
  const word = isAtText ? sectionWord(cursor) : "";
  const fields = word.startsWith("HEADER.FIELDS") ? parseFieldNames(cursor, word) : undefined;
  cursor.expect("]");
  if (word === "MIME" && path.length === 0) cursor.fail("MIME is a section of parts only");
  const text = word === "" ? undefined : word === "TEXT" ? "text" : word === "MIME" ? "mime" : "header";
  const section: Section = { path, text, fields };
  return { kind: "section", section, partial: parsePartial(cursor), isPeek, label: labelOf(section, word) };
}

const SECTION_WORDS = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;

function sectionWord(cursor: Cursor): string {
  const word = cursor.match(SECTION_WORDS)?.[0].toUpperCase();
  if (word === undefined) cursor.fail("Expected a section");
  return word ?? "";
}

function parseFieldNames(cursor: Cursor, word: string): NonNullable<Section["fields"]> {
  cursor.space();
  const names = cursor.list(() => cursor.astring("a field name"));
  if (names.length === 0) cursor.fail("Expected field names");
  // The names stand again in the answer, where only atoms and quoted strings are sure to fit.
  if (names.some((name) => !/^[!-9;-~]+$/.test(name))) cursor.fail("No such field name");
  const lowerCase = new Set(names.map((name) => name.toLowerCase()));
  return { names, lowerCase, keep: word === "HEADER.FIELDS.NOT" ? "others" : "named" };
}

function labelOf(section: Section, word: string): OctetString {
  const names = section.fields?.names.map(formatFieldName).join(" ");
  const text = names === undefined ? word : `${word} (${names})`;
  return `BODY[${[...section.path, ...(text === "" ? [] : [text])].join(".")}]`;
}

function formatFieldName(name: OctetString): OctetString {
  return /[(){%*"\\\]]/.test(name) ? `"${name.replace(/["\\]/g, "\\$&")}"` : name;
}

function parseBracketedPath(cursor: Cursor): number[] {
  cursor.expect("[");
  const path = parsePath(cursor);
  cursor.expect("]");
  return path;
}

/** Part numbers with dots between them; the dot before a word is left. */
function parsePath(cursor: Cursor): number[] {
  const text = cursor.match(/\d{1,10}(?:\.\d{1,10})*/y)?.[0];
  const path = text?.split(".").map(Number) ?? [];
  if (path.length > MAX_PATH_LENGTH || path.includes(0)) cursor.fail("No such part");
  return path;
}

function parsePartial(cursor: Cursor): PartialRange | undefined {
  if (!cursor.take("<")) return undefined;
  const offset = cursor.number();
  cursor.expect(".");
  const length = cursor.nzNumber();
  cursor.expect(">");
  return { offset, length };
}
