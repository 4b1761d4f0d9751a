import { foldText, type OctetString } from "../mime/mime.ts";
import { dayOf } from "./imap-date-time.ts";
import type { SummaryPart } from "./message-summary.ts";
import type { DateKind, SearchKey } from "./search-keys.ts";
import {
  type FieldSearch,
  fieldSearchOf,
  foldHeaderNeedle,
  readAddresses,
  readHeaderText,
  sentDayOf,
} from "./searched-fields.ts";
import { isInRanges, type NumberRange, resolveRanges, type SequenceSet } from "./sequence-set.ts";

/** What a search may ask about a message. What is not known yet is undefined. */
export interface SearchedMessage {
  readonly sequenceNumber: number;
  readonly uid: number;
  readonly modSeq: number;
  readonly isRecent: boolean;
  /** A system flag or keyword, in any case. */
  hasFlag(flag: string): boolean;
  readonly facts: SearchedFacts | undefined;
  /** In milliseconds since 1970; known when the facts are. */
  readonly savedAt: number | undefined;
  readonly ids: SearchedIds | undefined;
  /** What the index answers. */
  answerOf(search: FieldSearch): boolean | undefined;
  /** The values of all header fields of that name, as written. */
  fields(name: string): readonly OctetString[] | undefined;
  /** Whether the folded text stands in the body, or in header and body. */
  hasText(where: "body" | "text", needle: string): boolean | undefined;
}

/** From the index, without opening the message. Times in milliseconds since 1970. */
export interface SearchedFacts {
  readonly octets: number;
  readonly internalDate: number;
}

/** RFC 8474. */
export interface SearchedIds {
  readonly emailId: string;
  readonly threadId: string | undefined;
}

/** What the keys mean depends on when and where they are asked. */
export interface SearchContext {
  readonly now: number;
  readonly largestSequenceNumber: number;
  readonly largestUid: number;
  /** UIDs that `$` stands for (RFC 5182). */
  readonly saved: readonly NumberRange[];
}

/** Whether the message matches; undefined when that depends on what is not known yet. */
export type SearchMatcher = (message: SearchedMessage) => boolean | undefined;

/** Prepares search keys to be tried on many messages. */
export function compileSearch(key: SearchKey, context: SearchContext): SearchMatcher {
  switch (key.key) {
    case "all":
    case "save-date-supported":
      return () => true;
    case "and":
      return combine(
        key.operands.map((operand) => compileSearch(operand, context)),
        false,
      );
    case "or":
      return combine(
        key.operands.map((operand) => compileSearch(operand, context)),
        true,
      );
    case "not": {
      const matches = compileSearch(key.operand, context);
      return (message) => negate(matches(message));
    }
    case "flag":
      return (message) => message.hasFlag(key.flag);
    case "recent":
      return (message) => message.isRecent;
    case "sequence":
    case "uid":
      return compileSet(key.set, key.key, context);
    case "mod-seq":
      return (message) => message.modSeq >= key.modSeq;
    case "email-id":
      return (message) => message.ids && message.ids.emailId === key.id;
    case "thread-id":
      return (message) => message.ids && message.ids.threadId === key.id;
    case "size":
      return ({ facts }) =>
        facts && (key.relation === "larger" ? facts.octets > key.octets : facts.octets < key.octets);
    case "date":
      return compileDate(key);
    case "age": {
      const since = context.now - key.seconds * 1000;
      return ({ facts }) => facts && facts.internalDate >= since === (key.relation === "younger");
    }
    case "header":
      return compileHeader(key, readHeaderText);
    case "addresses":
      return compileHeader(key, readAddresses);
    case "body":
    case "text": {
      const needle = foldText(key.text);
      return (message) => message.hasText(key.key, needle);
    }
  }
}

/** Flags that whatever matches has, or has not, and sets that its number is in. */
export interface SearchConditions {
  readonly has: readonly string[];
  readonly lacks: readonly string[];
  readonly within: readonly NumberSet[];
  /** Whether that is all that the keys ask. */
  readonly isAll: boolean;
}

/** Of UIDs or sequence numbers. */
export type NumberSet = Extract<SearchKey, { readonly key: "sequence" | "uid" }>;

const NO_CONDITIONS: SearchConditions = { has: [], lacks: [], within: [], isAll: true };

/** What the keys demand of flags and numbers, which can be told of a whole mailbox at once. */
export function searchConditions(key: SearchKey): SearchConditions {
  switch (key.key) {
    case "all":
      return NO_CONDITIONS;
    case "flag":
      return { ...NO_CONDITIONS, has: [key.flag] };
    case "sequence":
    case "uid":
      return { ...NO_CONDITIONS, within: [key] };
    case "and": {
      const operands = key.operands.map(searchConditions);
      return {
        has: operands.flatMap(({ has }) => has),
        lacks: operands.flatMap(({ lacks }) => lacks),
        within: operands.flatMap(({ within }) => within),
        isAll: operands.every(({ isAll }) => isAll),
      };
    }
    case "not":
      if (key.operand.key === "flag") return { ...NO_CONDITIONS, lacks: [key.operand.flag] };
  }
  return { ...NO_CONDITIONS, isAll: false };
}

/** The texts that BODY and TEXT keys look for, folded. */
export function textNeedles(key: SearchKey): { readonly where: "body" | "text"; readonly needle: string }[] {
  if (key.key === "body" || key.key === "text") return [{ where: key.key, needle: foldText(key.text) }];
  if (key.key === "and" || key.key === "or") return key.operands.flatMap(textNeedles);
  return key.key === "not" ? textNeedles(key.operand) : [];
}

/** Which parts of a summary the keys look into. */
export function searchedParts(key: SearchKey): SummaryPart[] {
  switch (key.key) {
    case "and":
    case "or":
      return [...new Set(key.operands.flatMap(searchedParts))];
    case "not":
      return searchedParts(key.operand);
    case "header":
    case "addresses":
      return ["header"];
    case "date":
      return key.of === "sent" ? ["header"] : [];
    case "email-id":
    case "thread-id":
      return ["structure"];
    default:
      return [];
  }
}

/** Whether the keys ask for mod-sequences, which then stand in the answer (RFC 7162 §3.1.5). */
export function asksForModSeq(key: SearchKey): boolean {
  if (key.key === "and" || key.key === "or") return key.operands.some(asksForModSeq);
  return key.key === "not" ? asksForModSeq(key.operand) : key.key === "mod-seq";
}

/** One operand that gives `decisive` decides; else one that is not known leaves it open. */
function combine(matchers: readonly SearchMatcher[], decisive: boolean): SearchMatcher {
  return (message) => {
    let isOpen = false;
    for (const matches of matchers) {
      const result = matches(message);
      if (result === decisive) return decisive;
      if (result === undefined) isOpen = true;
    }
    return isOpen ? undefined : !decisive;
  };
}

function negate(result: boolean | undefined): boolean | undefined {
  return result === undefined ? undefined : !result;
}

function compileSet(set: SequenceSet, kind: "sequence" | "uid", context: SearchContext): SearchMatcher {
  if (set.kind === "saved") return (message) => isInRanges(context.saved, message.uid);
  const isUid = kind === "uid";
  const ranges = resolveRanges(set.ranges, isUid ? context.largestUid : context.largestSequenceNumber);
  return (message) => isInRanges(ranges, isUid ? message.uid : message.sequenceNumber);
}

/** Days compare without regard to time and zone (RFC 9051 §6.4.4). */
function compileDate(key: Extract<SearchKey, { key: "date" }>): SearchMatcher {
  const search = fieldSearchOf(key);
  return (message) => {
    const answer = search && message.answerOf(search);
    if (answer !== undefined) return answer;
    const day = dayIn(message, key.of);
    if (day === undefined) return undefined;
    if (day === "none") return false;
    if (key.relation === "on") return day === key.day;
    return key.relation === "before" ? day < key.day : day >= key.day;
  };
}

function dayIn(message: SearchedMessage, kind: DateKind): number | "none" | undefined {
  if (kind === "sent") {
    const values = message.fields("date");
    return values && (sentDayOf(values) ?? "none");
  }
  const at = kind === "internal" ? message.facts?.internalDate : message.savedAt;
  return at === undefined ? undefined : dayOf(at);
}

function compileHeader(
  key: SearchKey & { readonly key: "header" | "addresses" },
  read: (value: OctetString) => string,
): SearchMatcher {
  const needle = foldHeaderNeedle(key.text);
  const search = fieldSearchOf(key);
  return (message) => {
    const isThere = search && message.answerOf(search);
    if (isThere === false || (isThere && search?.isExact)) return isThere;
    const values = message.fields(key.field);
    if (needle === "") return values && values.length > 0;
    return values?.some((value) => foldText(read(value)).includes(needle));
  };
}
