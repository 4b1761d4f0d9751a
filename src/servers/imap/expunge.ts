import type { Command } from "../../core/imap/imap.ts";
import type { Uid } from "../../storage/maildir/maildir.ts";
import { type Completion, no, ok } from "./completion.ts";
import { announceNews } from "./news.ts";
import type { Session } from "./session.ts";

/** EXPUNGE, and UID EXPUNGE of some messages only (RFC 9051 §6.4.3, §6.4.9). */
export async function expungeMessages(
  session: Session,
  command: Extract<Command, { name: "EXPUNGE" }>,
): Promise<Completion> {
  const { selected } = session;
  if (selected.isReadOnly) return no("NOPERM", "The mailbox is selected for reading only");
  const uids = command.uids === undefined ? selected.uids : (session.resolve(command.uids, true) ?? []);
  const expunged = await selected.view.expunge(uids);
  await announceNews(session, { expunges: true });
  return ok("Messages are expunged", highestAfter(session, expunged));
}

/** CLOSE expunges without a word; UNSELECT does not expunge (RFC 9051 §6.4.1, §6.4.2). */
export async function closeMailbox(session: Session, deleted: "expunge" | "keep"): Promise<Completion> {
  const { selected } = session;
  const isExpunging = deleted === "expunge" && !selected.isReadOnly;
  const expunged = isExpunging ? await selected.view.expunge(selected.uids) : [];
  const highest = highestAfter(session, expunged);
  session.deselect();
  return ok("Mailbox is closed", highest);
}

/** What a client has to know to come back to this state (RFC 7162 §3.2.7, §3.2.8). */
function highestAfter(session: Session, expunged: readonly Uid[]): string | undefined {
  const isTold = expunged.length > 0 && session.isEnabled("QRESYNC");
  return isTold ? `HIGHESTMODSEQ ${session.selected.view.highestModSeq}` : undefined;
}
