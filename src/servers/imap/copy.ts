import type { Command } from "../../core/imap/imap.ts";
import { formatNumberSet } from "../../core/imap/imap.ts";
import {
  type CopiedUids,
  type MailboxName,
  type MailboxView,
  TooManyKeywords,
  type Uid,
} from "../../storage/maildir/maildir.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import { announceNews } from "./news.ts";
import type { Session } from "./session.ts";

/**
 * COPY and MOVE, with UID or without (RFC 9051 §6.4.7, §6.4.8). MOVE tells the new UIDs before it
 * tells what left, so that a client can follow each message (RFC 6851 §4.3).
 */
export async function copyMessages(
  session: Session,
  command: Extract<Command, { name: "COPY" | "MOVE" }>,
): Promise<Completion> {
  const { out, selected } = session;
  const { view } = selected;
  const isMove = command.name === "MOVE";
  if (isMove && selected.isReadOnly) return no("NOPERM", "The mailbox is selected for reading only");
  const uids = session.resolve(command.set, command.isUid);
  if (uids === undefined) return bad("There is no such message");
  // All or nothing (RFC 9051 §6.4.7), and a client that counts sequence numbers means all of them (RFC 2180 §4.4.1).
  const areGone = !command.isUid && uids.some((uid) => view.marksOf(uid) === undefined);
  if (areGone) return no("EXPUNGEISSUED", "Some of the messages are gone");
  const copied = await tryToCopy(view, uids, command);
  if (copied === "too-many-keywords") return no("LIMIT", "The mailbox has as many keywords as it can have");
  if (copied === undefined) return no("TRYCREATE", "No such mailbox");
  const { uidValidity, from, to } = copied;
  if (from.length === 0) return ok("There was nothing to do");
  await markPlaced(session, command.mailbox, to);
  const code = `COPYUID ${uidValidity} ${formatNumberSet(from)} ${formatNumberSet(to)}`;
  if (!isMove) return ok("Messages are copied", code);
  out.untagged(`OK [${code}] Messages are moved`);
  await announceNews(session, { expunges: true });
  const highest = `HIGHESTMODSEQ ${view.highestModSeq}`;
  return ok("Messages are moved", session.isEnabled("QRESYNC") ? highest : undefined);
}

async function tryToCopy(
  view: MailboxView,
  uids: readonly Uid[],
  { name, mailbox }: Extract<Command, { name: "COPY" | "MOVE" }>,
): Promise<CopiedUids | undefined | "too-many-keywords"> {
  try {
    return await (name === "MOVE" ? view.move(uids, mailbox) : view.copy(uids, mailbox));
  } catch (error) {
    if (error instanceof TooManyKeywords) return "too-many-keywords";
    throw error;
  }
}

/** Gives messages the keywords of what the user puts into that mailbox. */
async function markPlaced({ options }: Session, mailbox: MailboxName, uids: readonly Uid[]): Promise<void> {
  const keywords = options.keywordsOfPlaced.get(mailbox) ?? [];
  if (keywords.length === 0) return;
  const view = await options.mailboxes.open(mailbox, () => {});
  if (view === undefined) return; // deleted since
  try {
    const placed = await view.addKeywords(keywords);
    await view.store(uids, (marks) => marks | placed);
  } finally {
    view.close();
  }
}
