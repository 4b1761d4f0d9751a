import type { StoreCommand } from "../../core/imap/imap.ts";
import { formatNumberSet } from "../../core/imap/imap.ts";
import { type Marks, TooManyKeywords, type Uid } from "../../storage/maildir/maildir.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import { CHANGEABLE_MARKS, marksOfSystemFlags } from "./flag-marks.ts";
import { announceNewKeywords, formatMarks, formatModSeq } from "./news.ts";
import type { Session } from "./session.ts";

/** STORE and UID STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3). */
export async function storeFlags(session: Session, command: StoreCommand): Promise<Completion> {
  const { selected } = session;
  const { unchangedSince, isUid } = command;
  if (selected.isReadOnly) return no("NOPERM", "The mailbox is selected for reading only");
  const uids = session.resolve(command.set, isUid);
  if (uids === undefined) return bad("There is no such message");
  if (unchangedSince !== undefined) session.enable("CONDSTORE");
  const marks = await marksGiven(session, command);
  if (marks === undefined) return no("LIMIT", "The mailbox has as many keywords as it can have");

  const change = changeOf(command.mode, marks);
  const { modified } = await selected.view.store(uids, change, unchangedSince);
  announceNewKeywords(session);
  await announceStored(session, command, uids, new Set(modified));
  if (modified.length > 0) {
    const numbers = isUid ? modified : modified.map((uid) => selected.sequenceNumberOf(uid));
    return ok("Others changed some of the messages", `MODIFIED ${formatNumberSet(numbers)}`);
  }
  const areGone = !isUid && uids.some((uid) => selected.view.marksOf(uid) === undefined);
  return areGone ? no("EXPUNGEISSUED", "Some of the messages are gone") : ok("Flags are stored");
}

/** The bits of the flags; the mailbox gets keywords it does not have, unless they are only to be taken away. */
async function marksGiven({ selected }: Session, { flags, mode }: StoreCommand): Promise<Marks | undefined> {
  const { view } = selected;
  const known =
    mode === "remove"
      ? flags.keywords.filter((keyword) => hasKeyword(view.keywords, keyword))
      : flags.keywords;
  try {
    return marksOfSystemFlags(flags.system) | (await view.addKeywords(known));
  } catch (error) {
    if (error instanceof TooManyKeywords) return undefined;
    throw error;
  }
}

function hasKeyword(keywords: readonly (string | undefined)[], keyword: string): boolean {
  return keywords.some((known) => known?.toLowerCase() === keyword.toLowerCase());
}

function changeOf(mode: StoreCommand["mode"], given: Marks): (marks: Marks) => Marks {
  if (mode === "add") return (marks) => marks | given;
  if (mode === "remove") return (marks) => marks & ~given;
  return (marks) => (marks & ~CHANGEABLE_MARKS) | given;
}

/**
 * Answers with the flags as they are now; a silent STORE only with the new mod-sequences, to whoever counts
 * on them (RFC 7162 §3.1.3).
 */
async function announceStored(
  session: Session,
  command: StoreCommand,
  uids: readonly Uid[],
  modified: ReadonlySet<Uid>,
): Promise<void> {
  const { out, selected } = session;
  const isCondstore = session.isEnabled("CONDSTORE");
  if (command.isSilent && !isCondstore) return;
  for (const uid of uids) {
    if (modified.has(uid) || selected.view.marksOf(uid) === undefined) continue;
    out.untagged(
      command.isSilent
        ? `${selected.sequenceNumberOf(uid)} FETCH (UID ${uid} ${formatModSeq(selected, uid)})`
        : formatMarks(session, uid),
    );
    if (out.isFull) await out.flush();
  }
}
