import {
  decodeHeaderText,
  findFields,
  foldText,
  type HeaderField,
  type OctetString,
  parseAddressList,
  parseMessageDate,
} from "../mime/mime.ts";
import type { Day } from "./imap-date-time.ts";
import type { DateRelation, SearchKey } from "./search-keys.ts";

/** Header fields that are searched so often that an index has them in the form in which searches compare them. */
const FIELD_NAMES = {
  from: "from",
  to: "to",
  cc: "cc",
  bcc: "bcc",
  subject: "subject",
  messageId: "message-id",
} as const;

type TextField = keyof typeof FIELD_NAMES;

const TEXT_FIELDS = Object.keys(FIELD_NAMES) as TextField[];

/** The fields whose addresses are looked into, too. */
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(["from", "to", "cc", "bcc"]);

/** What an index has for searches: all values of each field, folded, and a day; null where a search has to read the header. */
export interface SearchedFields extends Readonly<Record<TextField, string | null>> {
  /** See `sentDayOf`. */
  readonly sentDay: Day | null;
}

/** Of a message whose header is too long for the index. */
export const UNKNOWN_FIELDS: SearchedFields = {
  ...{ from: null, to: null, cc: null, bcc: null, subject: null, messageId: null },
  sentDay: null,
};

/** Before each value. A needle that does not have it is found in all values together when it is in one of them. */
const BEFORE_VALUE = "\x1e";

/** Longer texts are not in the index. With `MAX_NEEDLE` it bounds how long a hostile one can be looked through. */
const MAX_TEXT = 4000;

/** Longer needles are looked for in the header. */
const MAX_NEEDLE = 200;

/** What of a header the index shall have for searches. */
export function readSearchedFields(fields: readonly HeaderField[]): SearchedFields {
  const texts: Record<TextField, string | null> = { ...UNKNOWN_FIELDS };
  for (const field of TEXT_FIELDS) {
    texts[field] = formatText(findFields(fields, FIELD_NAMES[field]), readerOf(field));
  }
  return { ...texts, sentDay: sentDayOf(findFields(fields, "Date")) ?? null };
}

/** The day of the last of some Date fields as its writer's calendar showed it, which SENTON compares (RFC 9051 §6.4.4). */
export function sentDayOf(dates: readonly OctetString[]): Day | undefined {
  return parseMessageDate(dates.at(-1) ?? "")?.day;
}

function formatText(values: readonly OctetString[], read: (value: OctetString) => string): string | null {
  let text = "";
  for (const value of values) {
    if (value.length + text.length > MAX_TEXT) return null;
    text += BEFORE_VALUE + foldText(read(value));
  }
  // SQLite takes a NUL for an end, and gives a half of a surrogate pair another form.
  return text.length > MAX_TEXT || text.includes("\0") || !text.isWellFormed() ? null : text;
}

/** A question about a field that the index may answer. */
export type FieldSearch = (TextSearch | DaySearch) & {
  /** Whether a message of which the answer is yes matches for sure; one of which it is no, never does. */
  readonly isExact: boolean;
  /** The same for the same question. */
  readonly name: string;
};

/** Whether the text has the needle in it. */
interface TextSearch {
  readonly part: TextField;
  readonly needle: string;
}

/** Whether the message was sent before, on, or on or after that day. */
interface DaySearch {
  readonly part: "sentDay";
  readonly relation: DateRelation;
  readonly day: Day;
}

/** What to ask an index for that key, if it is of that kind. */
export function fieldSearchOf(key: SearchKey): FieldSearch | undefined {
  if (key.key === "date" && key.of === "sent") {
    const { relation, day } = key;
    return { part: "sentDay", relation, day, isExact: true, name: `${relation} ${day}` };
  }
  if (key.key !== "header" && key.key !== "addresses") return undefined;
  const part = TEXT_FIELDS.find((field) => FIELD_NAMES[field] === key.field);
  const folded = foldHeaderNeedle(key.text);
  if (part === undefined || folded.length > MAX_NEEDLE || /[\0\x1e]/.test(folded) || !folded.isWellFormed())
    return undefined;
  const needle = folded === "" ? BEFORE_VALUE : folded; // the empty one asks whether there is such a field
  // HEADER looks at what is written, of which the text has more where it is addresses.
  const isExact = folded === "" || key.key === "addresses" || !ADDRESS_FIELDS.has(part);
  return { part, needle, isExact, name: `${part} ${needle}` };
}

/** All such questions in the keys. */
export function fieldSearches(key: SearchKey): FieldSearch[] {
  if (key.key === "and" || key.key === "or") return key.operands.flatMap(fieldSearches);
  if (key.key === "not") return fieldSearches(key.operand);
  const search = fieldSearchOf(key);
  return search === undefined ? [] : [search];
}

/** The text of a HEADER key, or of one like it, as it is compared. */
export function foldHeaderNeedle(text: string): string {
  return foldText(withSingleSpaces(text));
}

/** Folding adds white space that nobody meant (RFC 5322 §2.2.3). */
function withSingleSpaces(text: string): string {
  return text.replace(/[ \t]+/g, " ");
}

function readerOf(field: TextField): (value: OctetString) => string {
  return ADDRESS_FIELDS.has(field) ? readAddresses : readHeaderText;
}

/** A field's value as HEADER looks into it. */
export function readHeaderText(value: OctetString): string {
  return withSingleSpaces(decodeHeaderText(value));
}

/** What addresses may have in them that ENVELOPE does not: comments, quotes, obsolete white space (RFC 5322 §4.4). */
const NOT_IN_ENVELOPE = /[("\\]|\s[@.]|[@.]\s/;

/** The addresses as they are written and, where it is something else, without what only syntax needs. */
export function readAddresses(value: OctetString): string {
  const written = readHeaderText(value);
  if (!NOT_IN_ENVELOPE.test(value)) return written;
  const plain = parseAddressList(value).map((entry) =>
    entry.kind === "address" ? `${decodeHeaderText(entry.name ?? "")} <${entry.mailbox}@${entry.host}>` : "",
  );
  return `${written}\n${plain.join("\n")}`;
}
