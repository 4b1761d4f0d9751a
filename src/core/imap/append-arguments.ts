import type { OctetString } from "../mime/mime.ts";
import type { AppendedMessage } from "./command.ts";
import type { Result } from "./command-problem.ts";
import { Cursor } from "./cursor.ts";
import { parseFlags } from "./flag-names.ts";
import { parseDateTime } from "./imap-date-time.ts";
import type { EncodedName, NameForm } from "./mailbox-names.ts";

/**
 * What stands before the first message of an APPEND, from the mailbox up to the mark of the literal;
 * the reader keeps the message itself out of the command.
 */
export function parseAppendStart(
  text: OctetString,
  form: NameForm,
): Result<{ readonly mailbox: EncodedName; readonly message: AppendedMessage }> {
  const cursor = new Cursor(text, form);
  const mailbox = cursor.mailbox();
  const message = parseMessageArguments(cursor);
  return cursor.problem === undefined
    ? { ok: true, value: { mailbox, message } }
    : { ok: false, problem: cursor.problem };
}

/** What stands before each further message (RFC 3502), after the end of the one before. */
export function parseAppendNext(text: OctetString, before: AppendedMessage): Result<AppendedMessage> {
  const cursor = new Cursor(text, "utf-7");
  if (before.isUtf8) cursor.expect(")");
  const message = parseMessageArguments(cursor);
  return cursor.problem === undefined ? { ok: true, value: message } : { ok: false, problem: cursor.problem };
}

/** Whether the command may end like this after its last message. */
export function isAppendEnd(text: OctetString, last: AppendedMessage): boolean {
  return text === (last.isUtf8 ? ")" : "");
}

/** ` [(flags)] [date-time] literal`, or `UTF8 (literal8` in its place (RFC 6855 §4). */
function parseMessageArguments(cursor: Cursor): AppendedMessage {
  cursor.space();
  const hasFlags = cursor.peek("(");
  const flags = hasFlags ? parseFlags(cursor) : { system: [], keywords: [] };
  if (hasFlags) cursor.space();
  const hasDate = cursor.peek('"');
  const internalDate = hasDate ? parseDateTime(cursor) : undefined;
  if (hasDate) cursor.space();
  const isUtf8 = cursor.take("UTF8 (");
  if (cursor.match(/~?\{\d+\+?\}/y) === undefined) cursor.fail("Expected a message");
  cursor.end();
  return { flags, internalDate, isUtf8 };
}
