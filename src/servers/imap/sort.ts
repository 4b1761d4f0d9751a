import {
  asksForModSeq,
  formatThreads,
  OrderKeys,
  type SortCommand,
  type SortedMessage,
  sentDate,
  sortMessages,
  sortValues,
  type ThreadCommand,
  type ThreadedMessage,
  threadByReferences,
  threadBySubject,
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
  const sorted: SortedMessage[] = [];
  const found = await findMessages(session, command.keys);
  for await (const batch of session.selected.view.descriptions(found, ["keys"])) {
    for (const message of batch) {
      const source = {
        keys: new OrderKeys(message.description.keys),
        internalDate: message.internalDate,
        octets: message.octets,
      };
      const number = numberOf(session, command, message.uid);
      sorted.push({ number, values: sortValues(command.criteria, source) });
    }
  }
  const modSeq = hasModSeq && found.length > 0 ? [`(MODSEQ ${highestModSeq(session, found)})`] : []; // RFC 7162 §3.1.6
  session.out.untagged(["SORT", ...sortMessages(sorted, command.criteria), ...modSeq].join(" "));
  return ok("Messages are sorted");
}

/** THREAD and UID THREAD (RFC 5256 §3). */
export async function threadFound(session: Session, command: ThreadCommand): Promise<Completion> {
  const makeThreads = ALGORITHMS.get(command.algorithm);
  if (makeThreads === undefined) return bad("Unknown threading algorithm");
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  if (asksForModSeq(command.keys)) session.enable("CONDSTORE");
  const messages: ThreadedMessage[] = [];
  const found = await findMessages(session, command.keys);
  for await (const batch of session.selected.view.descriptions(found, ["keys"])) {
    for (const message of batch) {
      const keys = new OrderKeys(message.description.keys);
      const { messageId, references } = keys.references;
      messages.push({
        number: numberOf(session, command, message.uid),
        messageId,
        references,
        subject: keys.subject,
        sentAt: sentDate({ keys, internalDate: message.internalDate }),
      });
    }
  }
  const threads = formatThreads(makeThreads(messages));
  session.out.untagged(threads === "" ? "THREAD" : `THREAD ${threads}`);
  return ok("Messages are threaded");
}

const ALGORITHMS = new Map([
  ["ORDEREDSUBJECT", threadBySubject],
  ["REFERENCES", threadByReferences],
]);

function numberOf({ selected }: Session, { isUid }: { readonly isUid: boolean }, uid: Uid): number {
  return isUid ? uid : selected.sequenceNumberOf(uid);
}
