import {
  type AppendedMessage,
  type EncodedName,
  formatNumberSet,
  type Incoming,
  isAppendEnd,
  parseAppendNext,
  parseAppendStart,
} from "../../core/imap/imap.ts";
import { type Appended, TooManyKeywords } from "../../storage/maildir/maildir.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import { maildirFlags } from "./flag-marks.ts";
import { resolveName } from "./resolve-names.ts";
import type { Session } from "./session.ts";
import { ClientGone } from "./transport.ts";

type Announced = Extract<Incoming, { kind: "message-announced" }>;

/**
 * APPEND of one message or of several (RFC 9051 §6.3.12, RFC 3502): each goes to disk as it comes, and all
 * appear together when the last one is there. `first` has the text of the command without tag and name.
 */
export async function appendMessages(session: Session, first: Announced): Promise<Completion> {
  const start = parseAppendStart(first.text, session.nameForm);
  if (!start.ok) return refuse(session, bad(start.problem.message));
  const { message } = start.value;
  const mailbox = await resolveName(session, start.value.mailbox);
  // Told before the client sends megabytes for nothing.
  if ((await session.options.mailboxes.status(mailbox)) === undefined) {
    return refuse(session, no("TRYCREATE", "No such mailbox"));
  }
  const received: Appended[] = [];
  try {
    const refusal = await receiveAll(session, { announced: first, message }, received);
    return refusal === undefined ? await showAll(session, mailbox, received) : refuse(session, refusal);
  } finally {
    await Promise.all(received.map((one) => one.message.discard()));
  }
}

/** The client may be sending the message already, and more of the command: all that is dropped. */
function refuse({ channel }: Session, completion: Completion): Completion {
  channel.refuseMessage();
  return completion;
}

interface Next {
  readonly announced: Announced;
  readonly message: AppendedMessage;
}

/** Takes message after message to the end of the command, or says why not. */
async function receiveAll(
  session: Session,
  first: Next,
  received: Appended[],
): Promise<Completion | undefined> {
  for (let next = first; ; ) {
    const refusal = refusalOf(session, next);
    if (refusal !== undefined) return refusal;
    received.push(await receive(session, next));
    const incoming = await session.channel.next();
    if (incoming === undefined) throw new ClientGone();
    if (incoming.kind === "command" && isAppendEnd(incoming.text, next.message)) return undefined;
    if (incoming.kind !== "message-announced") return bad("Expected another message or the end");
    const parsed = parseAppendNext(incoming.text, next.message);
    if (!parsed.ok) return bad(parsed.problem.message);
    next = { announced: incoming, message: parsed.value };
  }
}

function refusalOf(session: Session, { announced, message }: Next): Completion | undefined {
  if (announced.octets > session.options.maxMessageOctets) return no("TOOBIG", "The message is too large"); // RFC 7889 §4
  // An empty message also is how a client thinks better of it (RFC 3502 §6.3.11).
  if (announced.octets === 0) return no(undefined, "The message is empty");
  if (message.isUtf8 && session.nameForm !== "utf-8") return bad("Enable UTF8=ACCEPT first"); // RFC 6855 §4
  return undefined;
}

async function receive(session: Session, { announced, message }: Next): Promise<Appended> {
  const { flags, internalDate } = message;
  const staged = await session.options.mailboxes.stage(
    session.channel.receiveMessage(announced),
    internalDate === undefined ? undefined : new Date(internalDate),
  );
  return { message: staged, flags: maildirFlags(flags.system), keywords: flags.keywords };
}

async function showAll(
  { options }: Session,
  mailbox: EncodedName,
  received: readonly Appended[],
): Promise<Completion> {
  const placed = options.keywordsOfPlaced.get(mailbox) ?? [];
  const messages = received.map((one) => ({ ...one, keywords: [...(one.keywords ?? []), ...placed] }));
  try {
    const appended = await options.mailboxes.append(mailbox, messages);
    if (appended === undefined) return no("TRYCREATE", "No such mailbox");
    const { uidValidity, uids } = appended;
    return ok("Messages are appended", `APPENDUID ${uidValidity} ${formatNumberSet(uids)}`);
  } catch (error) {
    if (error instanceof TooManyKeywords)
      return no("LIMIT", "The mailbox has as many keywords as it can have");
    throw error;
  }
}
