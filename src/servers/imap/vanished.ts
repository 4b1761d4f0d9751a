import { formatNumberSet, isInRanges, type NumberRange } from "../../core/imap/imap.ts";
import type { ModSeq } from "../../storage/maildir/maildir.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";

/**
 * The UIDs within `asked` that were expunged after `modSeq`, as a set; empty for none. Where it is not
 * known so far back, all those that are not there (RFC 7162 §3.2.5.1).
 */
export function formatVanished(
  selected: SelectedMailbox,
  modSeq: ModSeq,
  asked: readonly NumberRange[],
): string {
  const expunged = selected.view.expungedSince(modSeq);
  if (expunged !== undefined) return formatNumberSet(expunged.filter((uid) => isInRanges(asked, uid)));
  return missingRanges(selected, asked)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`))
    .join(",");
}

/** The gaps between the UIDs that are there, as ranges: a mailbox may have used billions of UIDs. */
function missingRanges({ uids, view }: SelectedMailbox, asked: readonly NumberRange[]): NumberRange[] {
  const missing: NumberRange[] = [];
  let at = 0;
  for (const range of asked) {
    const end = Math.min(range.last, view.uidNext - 1);
    let next = Math.max(1, range.first);
    for (; at < uids.length && (uids[at] ?? 0) <= end; at++) {
      const uid = uids[at] ?? 0;
      if (uid > next) missing.push({ first: next, last: uid - 1 });
      next = Math.max(next, uid + 1);
    }
    if (next <= end) missing.push({ first: next, last: end });
  }
  return missing;
}
