import type { Resync, SelectCommand } from "./command.ts";
import type { Cursor } from "./cursor.ts";
import { parseSequenceSet } from "./sequence-set.ts";

/** The arguments of SELECT and EXAMINE, with the parameters of RFC 7162 §3.1.8 and §3.2.5. */
export function parseSelect(cursor: Cursor, name: SelectCommand["name"]): SelectCommand {
  const mailbox = cursor.mailbox();
  let isCondstore = false;
  let resync: Resync | undefined;
  if (cursor.take(" ")) {
    cursor.list(() => {
      if (cursor.oneOf(["CONDSTORE", "QRESYNC"], "a select parameter") === "CONDSTORE") isCondstore = true;
      else resync = parseResync(cursor);
    });
  }
  return { name, mailbox, isCondstore, resync };
}

/** `(uidvalidity mod-seq [known-uids] [(sequence-set uid-set)])`. */
function parseResync(cursor: Cursor): Resync {
  cursor.space();
  cursor.expect("(");
  const uidValidity = cursor.nzNumber();
  cursor.space();
  const modSeq = cursor.number64();
  const knownUids = cursor.looksLike(/ [0-9*]/y) ? afterSpace(cursor) : undefined;
  let match: Resync["match"];
  if (cursor.take(" (")) {
    const sequence = parseSequenceSet(cursor);
    match = { sequence, uids: afterSpace(cursor) };
    cursor.expect(")");
  }
  cursor.expect(")");
  return { uidValidity, modSeq, knownUids, match };
}

function afterSpace(cursor: Cursor): ReturnType<typeof parseSequenceSet> {
  cursor.space();
  return parseSequenceSet(cursor);
}
