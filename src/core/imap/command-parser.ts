import type { OctetString } from "../mime/mime.ts";
import type { Command } from "./command.ts";
import type { Problem } from "./command-problem.ts";
import { Cursor } from "./cursor.ts";
import { listMailbox, parseList, parseStatusItems } from "./list-arguments.ts";
import type { NameForm } from "./mailbox-names.ts";
import {
  parseCopy,
  parseFetch,
  parseSearch,
  parseSort,
  parseStore,
  parseThread,
} from "./message-arguments.ts";
import { parseSelect } from "./select-arguments.ts";
import { parseSequenceSet } from "./sequence-set.ts";

/** A command with the tag that its answer carries, or what is wrong with it. */
export type ParsedCommand =
  | { readonly ok: true; readonly tag: OctetString; readonly command: Command }
  /** Without a tag the answer is untagged (RFC 9051 §7.1.3). */
  | { readonly ok: false; readonly tag: OctetString | undefined; readonly problem: Problem };

/** `tag`: any ASTRING-CHAR but `+`. */
const TAG = /[^\x00-\x20\x7f-\xff(){%*"\\+]+/y;

/** Parses a whole command as the reader gives it: literals inside, without the final line end. */
export function parseCommand(text: OctetString, form: NameForm): ParsedCommand {
  const cursor = new Cursor(text, form);
  const tag = cursor.match(TAG)?.[0];
  if (tag === undefined) {
    cursor.fail("Expected a tag");
    return { ok: false, tag, problem: cursor.problem as Problem };
  }
  cursor.space();
  const command = parseNamed(cursor, cursor.word("a command"));
  if (command === undefined) cursor.fail("Unknown command");
  cursor.end();
  const { problem } = cursor;
  return problem === undefined && command !== undefined
    ? { ok: true, tag, command }
    : { ok: false, tag, problem: problem as Problem };
}

type Parser = (cursor: Cursor) => Command;

/** The commands by name; those with arguments take the space before them. */
const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["CAPABILITY", () => ({ name: "CAPABILITY" })],
  ["NOOP", () => ({ name: "NOOP" })],
  ["LOGOUT", () => ({ name: "LOGOUT" })],
  ["STARTTLS", () => ({ name: "STARTTLS" })],
  ["NAMESPACE", () => ({ name: "NAMESPACE" })],
  ["IDLE", () => ({ name: "IDLE" })],
  ["CHECK", () => ({ name: "CHECK" })],
  ["CLOSE", () => ({ name: "CLOSE" })],
  ["UNSELECT", () => ({ name: "UNSELECT" })],
  ["ID", withSpace(parseId)],
  ["LOGIN", withSpace(parseLogin)],
  ["AUTHENTICATE", withSpace(parseAuthenticate)],
  ["ENABLE", withSpace((cursor) => ({ name: "ENABLE", capabilities: spaceSeparated(cursor) }))],
  ["COMPRESS", withSpace((cursor) => ({ name: "COMPRESS", algorithm: cursor.word("an algorithm") }))],
  ["SELECT", withSpace((cursor) => parseSelect(cursor, "SELECT"))],
  ["EXAMINE", withSpace((cursor) => parseSelect(cursor, "EXAMINE"))],
  ["CREATE", withSpace(parseCreate)],
  ["DELETE", withSpace((cursor) => ({ name: "DELETE", mailbox: cursor.mailbox() }))],
  ["SUBSCRIBE", withSpace((cursor) => ({ name: "SUBSCRIBE", mailbox: cursor.mailbox() }))],
  ["UNSUBSCRIBE", withSpace((cursor) => ({ name: "UNSUBSCRIBE", mailbox: cursor.mailbox() }))],
  ["RENAME", withSpace(parseRename)],
  ["LIST", withSpace(parseList)],
  ["LSUB", withSpace(parseLsub)],
  ["STATUS", withSpace(parseStatus)],
  ["EXPUNGE", () => ({ name: "EXPUNGE", uids: undefined })],
  ["FETCH", withSpace((cursor) => parseFetch(cursor, false))],
  ["STORE", withSpace((cursor) => parseStore(cursor, false))],
  ["COPY", withSpace((cursor) => parseCopy(cursor, "COPY", false))],
  ["MOVE", withSpace((cursor) => parseCopy(cursor, "MOVE", false))],
  ["SEARCH", withSpace((cursor) => parseSearch(cursor, false))],
  ["SORT", withSpace((cursor) => parseSort(cursor, false))],
  ["THREAD", withSpace((cursor) => parseThread(cursor, false))],
]);

/** The commands that may follow UID (RFC 9051 §6.4.9, RFC 4315 §2.1, RFC 5256 §3). */
const UID_PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["EXPUNGE", withSpace((cursor) => ({ name: "EXPUNGE", uids: parseSequenceSet(cursor) }))],
  ["FETCH", withSpace((cursor) => parseFetch(cursor, true))],
  ["STORE", withSpace((cursor) => parseStore(cursor, true))],
  ["COPY", withSpace((cursor) => parseCopy(cursor, "COPY", true))],
  ["MOVE", withSpace((cursor) => parseCopy(cursor, "MOVE", true))],
  ["SEARCH", withSpace((cursor) => parseSearch(cursor, true))],
  ["SORT", withSpace((cursor) => parseSort(cursor, true))],
  ["THREAD", withSpace((cursor) => parseThread(cursor, true))],
]);

function parseNamed(cursor: Cursor, name: string): Command | undefined {
  // One with a message never comes here.
  if (name === "APPEND") cursor.fail("APPEND needs a mailbox and a message as a literal");
  if (name !== "UID") return PARSERS.get(name)?.(cursor);
  cursor.space();
  return UID_PARSERS.get(cursor.word("a command"))?.(cursor);
}

function withSpace(parse: Parser): Parser {
  return (cursor) => {
    cursor.space();
    return parse(cursor);
  };
}

/** Names and values of a client that introduces itself; a value may be NIL (RFC 2971 §3.1). */
function parseId(cursor: Cursor): Command {
  if (cursor.take("NIL")) return { name: "ID", parameters: [] };
  const strings = cursor.list(() => cursor.nstring() ?? "");
  if (strings.length > MAX_ID_STRINGS || strings.length % 2 === 1) cursor.fail("Expected at most 30 pairs");
  const pairs = strings.flatMap((value, at): [string, string][] =>
    at % 2 === 1 ? [[strings[at - 1] ?? "", value]] : [],
  );
  return { name: "ID", parameters: pairs };
}

/** Thirty names, each with a value (RFC 2971 §3.3). */
const MAX_ID_STRINGS = 60;

function parseLogin(cursor: Cursor): Command {
  const user = cursor.astring("a user name");
  cursor.space();
  return { name: "LOGIN", user, password: cursor.astring("a password") };
}

/** The initial response is Base64, or `=` for an empty one (RFC 4959 §3). */
function parseAuthenticate(cursor: Cursor): Command {
  const mechanism = cursor.word("a mechanism");
  const initial = cursor.take(" ") ? cursor.match(/=|[A-Za-z0-9+/]+={0,2}/y)?.[0] : undefined;
  return { name: "AUTHENTICATE", mechanism, initial };
}

function spaceSeparated(cursor: Cursor): string[] {
  const words = [cursor.word("a capability")];
  while (cursor.take(" ")) words.push(cursor.word("a capability"));
  return words;
}

/** `(USE (\Sent …))` asks for a special use (RFC 6154 §3). */
function parseCreate(cursor: Cursor): Command {
  const mailbox = cursor.mailbox();
  let specialUses: string[] = [];
  if (cursor.take(" (USE ")) {
    specialUses = cursor.list(() => (cursor.take("\\") ? `\\${cursor.atom("a use")}` : cursor.atom("a use")));
    cursor.expect(")");
  }
  return { name: "CREATE", mailbox, specialUses };
}

function parseRename(cursor: Cursor): Command {
  const mailbox = cursor.mailbox();
  cursor.space();
  return { name: "RENAME", mailbox, newName: cursor.mailbox() };
}

function parseLsub(cursor: Cursor): Command {
  const reference = cursor.astring("a reference name");
  cursor.space();
  return { name: "LSUB", reference, pattern: listMailbox(cursor, reference) };
}

function parseStatus(cursor: Cursor): Command {
  const mailbox = cursor.mailbox();
  cursor.space();
  return { name: "STATUS", mailbox, items: parseStatusItems(cursor) };
}
