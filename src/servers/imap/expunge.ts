import type { Command } from "../../core/imap/imap.ts";
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
  const isCounted = expunged.length > 0 && session.isEnabled("QRESYNC");
  return ok("Messages are expunged", isCounted ? `HIGHESTMODSEQ ${selected.view.highestModSeq}` : undefined);
}

/** CLOSE expunges without a word; UNSELECT does not expunge (RFC 9051 §6.4.1, §6.4.2). */
export async function closeMailbox(session: Session, deleted: "expunge" | "keep"): Promise<Completion> {
  const { selected } = session;
  if (deleted === "expunge" && !selected.isReadOnly) await selected.view.expunge(selected.uids);
  session.deselect();
  return ok("Mailbox is closed");
}
