import {
  asksForModSeq,
  formatNumbers,
  formatThreads,
  MessageSorter,
  OrderKeys,
  ReferencesThreader,
  type SortCommand,
  SubjectThreader,
  sentDate,
  sortedParts,
  type ThreadCommand,
  type Threader,
} from "../../core/imap/imap.ts";
import type { Uid } from "../../storage/maildir/maildir.ts";
import { bad, type Completion, ok } from "./completion.ts";
import { findMessages } from "./find-messages.ts";
import { highestModSeq, UNKNOWN_CHARSET } from "./search.ts";
import type { Session } from "./session.ts";

/** SORT and UID SORT (RFC 5256 §3). */
export async function sortFound(session: Session, command: SortCommand): Promise<Completion> {
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  const hasModSeq = asksForModSeq(command.keys);
  if (hasModSeq) session.enable("CONDSTORE");
  const sorter = new MessageSorter(command.criteria);
  const found = await findMessages(session, command.keys);
  const parts = sortedParts(command.criteria);
  if (parts.length === 0) {
    for await (const batch of session.selected.view.facts(found)) {
      for (const facts of batch) sorter.add(numberOf(session, command, facts.uid), facts, {});
    }
  } else {
    for await (const batch of session.selected.view.descriptions(found, parts)) {
      for (const message of batch)
        sorter.add(numberOf(session, command, message.uid), message, message.description);
    }
  }
  const modSeq = hasModSeq && found.length > 0 ? [`(MODSEQ ${highestModSeq(session, found)})`] : []; // RFC 7162 §3.1.6
  session.out.untagged(["SORT", formatNumbers(sorter.sort()), ...modSeq].filter(Boolean).join(" "));
  return ok("Messages are sorted");
}

/** THREAD and UID THREAD (RFC 5256 §3). */
export async function threadFound(session: Session, command: ThreadCommand): Promise<Completion> {
  const threader = ALGORITHMS.get(command.algorithm)?.();
  if (threader === undefined) return bad("Unknown threading algorithm");
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  if (asksForModSeq(command.keys)) session.enable("CONDSTORE");
  const found = await findMessages(session, command.keys);
  for await (const batch of session.selected.view.descriptions(found, ["sentAt", "keys"])) {
    for (const message of batch) {
      const keys = new OrderKeys(message.description.keys);
      const { messageId, references } = keys.references;
      threader.add({
        number: numberOf(session, command, message.uid),
        messageId,
        references,
        subject: keys.subject,
        sentAt: sentDate(message, message.description),
      });
    }
  }
  const threads = formatThreads(threader.threads());
  session.out.untagged(threads === "" ? "THREAD" : `THREAD ${threads}`);
  return ok("Messages are threaded");
}

const ALGORITHMS = new Map<string, () => Threader>([
  ["ORDEREDSUBJECT", () => new SubjectThreader()],
  ["REFERENCES", () => new ReferencesThreader()],
]);

function numberOf({ selected }: Session, { isUid }: { readonly isUid: boolean }, uid: Uid): number {
  return isUid ? uid : selected.sequenceNumberOf(uid);
}
