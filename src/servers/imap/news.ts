import { formatNumberSet, SYSTEM_FLAGS } from "../../core/imap/imap.ts";
import type { MailboxView, Uid } from "../../storage/maildir/maildir.ts";
import { isFailure } from "./imap-failure.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Tells the client what happened in its mailbox since it was told last (RFC 9051 §7). */
export async function announceNews(session: Session, options: { readonly expunges: boolean }): Promise<void> {
  if (!session.hasSelected) return;
  const { out, selected } = session;
  announceNewKeywords(session);
  const { expunged, arrived, marked } = selected.takeNews(options);
  announceExpunged(session, expunged);
  if (arrived > 0) {
    await claimRecent(session);
    announceCount(session);
  }
  for (const uid of marked) {
    out.untagged(formatMarks(session, uid));
    if (out.isFull) await out.flush();
  }
}

/** Where new messages cannot be claimed, on a full disk say, they are told all the same, and are recent to who can. */
async function claimRecent(session: Session): Promise<void> {
  const { address, options, selected } = session;
  if (session.isEnabled("IMAP4REV2")) return;
  try {
    await selected.claimRecent();
  } catch (err) {
    if (!isFailure(err)) throw err;
    options.log.error({ address, err }, "IMAP cannot move new messages to where a client has seen them");
  }
}

/** EXISTS and, for clients of IMAP4rev1, RECENT (RFC 3501 §7.3). */
export function announceCount(session: Session): void {
  const { out, selected } = session;
  out.untagged(`${selected.count} EXISTS`);
  if (!session.isEnabled("IMAP4REV2")) out.untagged(`${selected.recentCount} RECENT`);
}

/** FLAGS and PERMANENTFLAGS: what messages of this mailbox have, and what a client may give them. */
export function announceFlags(session: Session): void {
  const { out, selected } = session;
  const flags = [...SYSTEM_FLAGS, ...selected.view.keywords.filter((keyword) => keyword !== undefined)];
  out.untagged(`FLAGS (${flags.join(" ")})`);
  const permanent = selected.isReadOnly
    ? []
    : [...flags, ...(hasRoomForKeywords(selected.view) ? ["\\*"] : [])];
  out.untagged(`OK [PERMANENTFLAGS (${permanent.join(" ")})] Flags permitted`);
}

/** Keywords are told before the first message that has them. */
export function announceNewKeywords(session: Session): void {
  if (session.selected.takeNewKeywords()) announceFlags(session);
}

/** Letters of a Maildir's file names: one for each keyword. */
const MAX_KEYWORDS = 26;

function hasRoomForKeywords(view: MailboxView): boolean {
  return view.keywords.filter((keyword) => keyword !== undefined).length < MAX_KEYWORDS;
}

/** EXPUNGE for each, or VANISHED for all to whoever enabled QRESYNC (RFC 7162 §3.2.10). */
export function announceExpunged(
  session: Session,
  expunged: readonly { readonly uid: Uid; readonly sequenceNumber: number }[],
): void {
  if (expunged.length === 0) return;
  if (session.isEnabled("QRESYNC")) {
    const uids = expunged.map(({ uid }) => uid).sort((one, other) => one - other);
    session.out.untagged(`VANISHED ${formatNumberSet(uids)}`);
  } else {
    for (const { sequenceNumber } of expunged) session.out.untagged(`${sequenceNumber} EXPUNGE`);
  }
}

/** A FETCH answer with the flags of a message and, to whoever enabled CONDSTORE, its mod-sequence. */
export function formatMarks(session: Session, uid: Uid): string {
  const { selected } = session;
  const items = [`UID ${uid}`, `FLAGS ${selected.formatFlags(uid)}`];
  if (session.isEnabled("CONDSTORE")) items.push(formatModSeq(selected, uid));
  return `${selected.sequenceNumberOf(uid)} FETCH (${items.join(" ")})`;
}

/** MODSEQ's name and value (RFC 7162 §3.1.4.2). */
export function formatModSeq(selected: SelectedMailbox, uid: Uid): string {
  return `MODSEQ (${selected.view.modSeqOf(uid) ?? 1})`;
}
