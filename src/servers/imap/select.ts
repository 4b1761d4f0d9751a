import { isInRanges, type NumberRange, resolveRanges, type SelectCommand } from "../../core/imap/imap.ts";
import type { Uid } from "../../storage/maildir/maildir.ts";
import { type Completion, no, ok } from "./completion.ts";
import { markOf } from "./flag-marks.ts";
import { announceCount, announceFlags, formatMarks } from "./news.ts";
import { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";
import { formatVanished } from "./vanished.ts";

/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3), with CONDSTORE and QRESYNC (RFC 7162). */
export async function selectMailbox(session: Session, command: SelectCommand): Promise<Completion> {
  const { out } = session;
  if (command.resync !== undefined && !session.isEnabled("QRESYNC")) {
    return { status: "BAD", code: "CLIENTBUG", text: "Enable QRESYNC first" }; // RFC 7162 §3.2.5
  }
  // Whatever comes of it, no mailbox is selected in between (RFC 9051 §6.3.2).
  if (session.hasSelected) out.untagged("OK [CLOSED] Previous mailbox is closed");
  session.deselect();
  if (command.isCondstore) session.enable("CONDSTORE");

  const selected = new SelectedMailbox(command.name === "EXAMINE");
  const view = await session.options.mailboxes.open(command.mailbox, selected.take);
  if (view === undefined) return no("NONEXISTENT", "No such mailbox");
  selected.attach(view);
  try {
    if (!session.isEnabled("IMAP4REV2")) await selected.claimRecent();
  } catch (error) {
    view.close(); // nobody has it selected
    throw error;
  }
  session.select(selected);

  announceFlags(session);
  announceCount(session);
  announceFirstUnseen(session);
  out.untagged(`OK [UIDVALIDITY ${view.uidValidity}] UIDs are valid`);
  out.untagged(`OK [UIDNEXT ${view.uidNext}] Next UID`);
  out.untagged(`OK [HIGHESTMODSEQ ${view.highestModSeq}] Highest mod-sequence`);
  out.untagged(`OK [MAILBOXID (F${view.mailboxId})] Mailbox id`);
  if (session.isEnabled("IMAP4REV2")) out.untagged(`LIST () "." ${session.formatName(command.mailbox)}`);
  if (command.resync !== undefined) await resynchronize(session, command.resync);
  view.describe(() => session.options.calm.come()); // clients list a mailbox next
  return selected.isReadOnly
    ? ok("Mailbox is selected for reading", "READ-ONLY")
    : ok("Mailbox is selected", "READ-WRITE");
}

/** Only IMAP4rev1 has it (RFC 9051, appendix E). */
function announceFirstUnseen(session: Session): void {
  const { out, selected } = session;
  if (session.isEnabled("IMAP4REV2")) return;
  const seen = markOf("\\Seen");
  if (selected.view.count({ none: seen }) === 0) return;
  const at = selected.uids.findIndex((uid) => ((selected.view.marksOf(uid) ?? seen) & seen) === 0);
  if (at >= 0) out.untagged(`OK [UNSEEN ${at + 1}] First unseen message`);
}

/**
 * Tells a client that was here before what vanished and what changed since (RFC 7162 §3.2.5.1). That
 * its UIDs are of another mailbox it sees by UIDVALIDITY, and is told nothing.
 */
async function resynchronize(session: Session, resync: NonNullable<SelectCommand["resync"]>): Promise<void> {
  const { out, selected } = session;
  const { view } = selected;
  if (resync.uidValidity !== view.uidValidity) return;
  const { knownUids } = resync;
  const known: readonly NumberRange[] =
    knownUids?.kind === "ranges"
      ? resolveRanges(knownUids.ranges, view.uidNext - 1)
      : [{ first: 1, last: Number.POSITIVE_INFINITY }];
  const vanished = formatVanished(selected, resync.modSeq, known);
  if (vanished !== "") out.untagged(`VANISHED (EARLIER) ${vanished}`);
  for (const uid of changedSince(selected, resync.modSeq)) {
    if (!isInRanges(known, uid)) continue;
    out.untagged(formatMarks(session, uid));
    if (out.isFull) await out.flush();
  }
}

function changedSince(selected: SelectedMailbox, modSeq: number): Uid[] {
  return selected.uids.filter((uid) => (selected.view.modSeqOf(uid) ?? 0) > modSeq);
}
