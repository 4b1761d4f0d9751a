import type { OctetString } from "../mime/mime.ts";
import { type ListCommand, STATUS_ITEMS, type StatusItem } from "./command.ts";
import type { Cursor } from "./cursor.ts";

const SELECT_OPTIONS = ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"] as const;
const RETURN_OPTIONS = ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS"] as const;

const MAX_PATTERNS = 100;
/** Of all patterns together and the reference name: they are tried on each name, in time that grows with both. */
const MAX_PATTERN_OCTETS = 1000;

/** The arguments of LIST: basic, or extended with options and several patterns (RFC 5258 §6). */
export function parseList(cursor: Cursor): ListCommand {
  const hasSelect = cursor.peek("(");
  const select = hasSelect ? cursor.list(() => cursor.oneOf(SELECT_OPTIONS, "a selection option")) : [];
  if (hasSelect) cursor.space();
  const reference = cursor.astring("a reference name");
  cursor.space();
  const hasPatterns = cursor.peek("(");
  const patterns = hasPatterns
    ? cursor.list(() => listMailbox(cursor, reference))
    : [listMailbox(cursor, reference)];
  if (patterns.length > MAX_PATTERNS) cursor.fail("Too many patterns");
  if (patterns.join("").length + reference.length > MAX_PATTERN_OCTETS) cursor.fail("Patterns too long");
  if (
    select.includes("RECURSIVEMATCH") &&
    select.every((option) => /^(RECURSIVEMATCH|REMOTE)$/.test(option))
  ) {
    cursor.fail("RECURSIVEMATCH needs something to match"); // RFC 5258 §3.1
  }
  const status: StatusItem[] = [];
  const hasReturn = cursor.take(" RETURN ");
  const returned = hasReturn ? cursor.list(() => returnOption(cursor, status)) : [];
  return {
    name: "LIST",
    reference,
    patterns,
    select,
    returned: returned.filter((option) => option !== "STATUS"),
    status,
    isExtended: hasSelect || hasPatterns || hasReturn,
  };
}

/** `STATUS (…)` is an option with items of its own (RFC 5819 §2). */
function returnOption(cursor: Cursor, status: StatusItem[]): (typeof RETURN_OPTIONS)[number] {
  const option = cursor.oneOf(RETURN_OPTIONS, "a return option");
  if (option === "STATUS") {
    cursor.space();
    status.push(...parseStatusItems(cursor));
  }
  return option;
}

/** `(MESSAGES UNSEEN …)`. */
export function parseStatusItems(cursor: Cursor): StatusItem[] {
  const items = cursor.list(() => cursor.oneOf(STATUS_ITEMS, "a status item"));
  if (items.length === 0) cursor.fail("Expected status items");
  return STATUS_ITEMS.filter((item) => items.includes(item));
}

/** `list-mailbox`: an atom that may have wildcards, or a string; it is read as following the reference name. */
export function listMailbox(cursor: Cursor, reference: OctetString): OctetString {
  const pattern = cursor.isAtString() ? cursor.string() : cursor.match(/[^\x00-\x20\x7f-\xff(){"\\]+/y)?.[0];
  if (pattern === undefined) cursor.fail("Expected a pattern");
  if ((pattern?.length ?? 0) + reference.length > MAX_PATTERN_OCTETS) cursor.fail("Pattern too long");
  return pattern ?? "";
}
