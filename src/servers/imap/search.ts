import {
  asksForModSeq,
  formatNumberSet,
  formatNumbers,
  type ReturnOptions,
  type SearchCommand,
} from "../../core/imap/imap.ts";
import type { Uid } from "../../storage/maildir/maildir.ts";
import { type Completion, no, ok } from "./completion.ts";
import { findMessages } from "./find-messages.ts";
import { inWindow } from "./places.ts";
import type { Session } from "./session.ts";

/** What is said of strings in a charset that nobody knows (RFC 9051 §6.4.4). */
export const UNKNOWN_CHARSET = no("BADCHARSET (US-ASCII UTF-8)", "Nobody here knows that charset");

/** SEARCH and UID SEARCH (RFC 9051 §6.4.4), with RETURN, `$`, MODSEQ and PARTIAL. */
export async function searchMessages(
  session: Session,
  command: SearchCommand,
  tag: string,
): Promise<Completion> {
  // IMAP4rev2 has no SEARCH answer any more: what asks for nothing asks for all.
  const returned = command.returned ?? (session.isEnabled("IMAP4REV2") ? ALL : undefined);
  const isSaving = returned?.options.includes("SAVE") ?? false;
  if (isSaving) session.saved = []; // a search that fails leaves nothing saved (RFC 5182 §2.1)
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  // Numbers that no message has match none, as with Dovecot: clients ask for 1:* in empty mailboxes, too.
  const hasModSeq = asksForModSeq(command.keys);
  if (hasModSeq) session.enable("CONDSTORE");

  const found = await findMessages(session, command.keys);
  const modSeqOf = (uids: readonly Uid[]): number | undefined =>
    hasModSeq && uids.length > 0 ? highestModSeq(session, uids) : undefined;
  if (returned === undefined) {
    session.out.untagged(formatSearch(numbersOf(session, command, found), modSeqOf(found)));
    return ok("Messages are searched");
  }
  const told = toldOf(found, returned);
  if (isSaving) session.saved = told.map((uid) => ({ first: uid, last: uid }));
  // SAVE alone answers nothing (RFC 5182 §2.1).
  if (isSaving && returned.options.length === 1 && returned.window === undefined)
    return ok("Result is saved");
  const data = formatResults(numbersOf(session, command, found), returned);
  const modSeq = modSeqOf(told);
  session.out.untagged(
    [
      `ESEARCH (TAG "${tag}")`,
      ...(command.isUid ? ["UID"] : []),
      ...data,
      ...(modSeq === undefined ? [] : [`MODSEQ ${modSeq}`]),
    ].join(" "),
  );
  return ok("Messages are searched");
}

const ALL: ReturnOptions = { options: ["ALL"], window: undefined };

/** Of messages that are there. */
export function highestModSeq({ selected }: Session, uids: readonly Uid[]): number {
  return uids.reduce((highest, uid) => Math.max(highest, selected.view.modSeqOf(uid) ?? 0), 0);
}

/** UIDs or sequence numbers, whichever the command is about. */
export function numbersOf(
  { selected }: Session,
  { isUid }: { readonly isUid: boolean },
  uids: readonly Uid[],
): readonly number[] {
  return isUid ? uids : selected.sequenceNumbersOf(uids);
}

function formatSearch(numbers: readonly number[], modSeq: number | undefined): string {
  const pieces = ["SEARCH", formatNumbers(numbers), modSeq === undefined ? "" : `(MODSEQ ${modSeq})`];
  return pieces.filter(Boolean).join(" ");
}

/** The messages that the answer is about: the first, the last or both where no more was asked (RFC 5182 §2.1). */
function toldOf(found: readonly Uid[], { options, window }: ReturnOptions): readonly Uid[] {
  const isAboutAll = options.includes("ALL") || options.includes("COUNT");
  if (window !== undefined && !isAboutAll) return inWindow(found, window);
  const [hasMin, hasMax] = [options.includes("MIN"), options.includes("MAX")];
  if (isAboutAll || (!hasMin && !hasMax)) return found;
  return found.filter((_, at) => (hasMin && at === 0) || (hasMax && at === found.length - 1));
}

/** The data of an ESEARCH answer (RFC 4731 §3.1, RFC 9394 §3.1); what there is none of is left out. */
function formatResults(numbers: readonly number[], { options, window }: ReturnOptions): string[] {
  const data: string[] = [];
  const isDefault = options.every((option) => option === "SAVE") && window === undefined;
  if (options.includes("MIN") && numbers.length > 0) data.push(`MIN ${numbers[0]}`);
  if (options.includes("MAX") && numbers.length > 0) data.push(`MAX ${numbers.at(-1)}`);
  if ((options.includes("ALL") || isDefault) && numbers.length > 0)
    data.push(`ALL ${formatNumberSet(numbers)}`);
  if (options.includes("COUNT")) data.push(`COUNT ${numbers.length}`);
  if (window !== undefined) {
    const set = formatNumberSet(inWindow(numbers, window));
    data.push(`PARTIAL (${window.from}:${window.to} ${set === "" ? "NIL" : set})`);
  }
  return data;
}
