import type { Maildir, StoredMessage } from "../storage/maildir/maildir.ts";
import type { ComponentOutcome, FiledMessage } from "./agenda.ts";
import { unreadable } from "./decisions.ts";
import { recordOutcomes, recordWithdrawals } from "./outcome-log.ts";
import { ParserUnavailable } from "./parser.ts";
import { dateOfName } from "./sort-spool.ts";
import { APPROVED_KEYWORD, PUBLISHED_MAILBOX, type Workplace } from "./workplace.ts";

/**
 * Messages that are taken into the agenda in one transaction. Meanwhile the parser has as many in its pipe: with
 * more it would run dry, with less a UID of many messages is folded more often.
 */
const BATCH = 250;

/** Messages up to this size are read before it is their turn, many at once: nearly all of them. */
const READ_AHEAD_OCTETS = 16_384;

/** How far a reconciliation has come. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Makes the agenda equal to the mailbox: reads messages that are new in it, forgets those that are gone.
 * Whatever the user put there is marked as approved, on the message itself, so that it stays so.
 *
 * @returns what became of the new ones; nothing when mailbox and agenda were equal
 */
export async function reconcile(
  workplace: Workplace,
  onProgress: OnProgress = () => undefined,
): Promise<ComponentOutcome[] | undefined> {
  const { maildir, db, agenda } = workplace;
  const listed = await maildir.list(PUBLISHED_MAILBOX);
  const known = agenda().messages;
  const present = new Set(listed.map(({ baseName }) => baseName));
  const isApproved = ({ keywords }: StoredMessage) => keywords.includes(APPROVED_KEYWORD);
  const changed = listed.filter((message) => known.get(message.baseName) !== isApproved(message));
  const gone = [...known.keys()].filter((key) => !present.has(key));
  const wasComplete = db.isComplete;
  if (changed.length === 0 && gone.length === 0 && wasComplete) return undefined;

  db.transaction(() => {
    recordWithdrawals(gone, workplace);
    agenda().apply([], gone);
  });
  const outcomes: ComponentOutcome[] = [];
  let done = 0;
  async function read(messages: readonly StoredMessage[]): Promise<FiledMessage[]> {
    const readings = messages.map(async (message) => {
      const mayBeNew = wasComplete && !known.has(message.baseName);
      const filed = await readFiled(message, workplace, mayBeNew);
      onProgress(++done, inOrder.length);
      return filed;
    });
    return (await Promise.all(readings)).filter((message) => message !== undefined);
  }

  const inOrder = [...changed].sort((a, b) => dateOfName(a.baseName) - dateOfName(b.baseName));
  let ahead = read(inOrder.slice(0, BATCH));
  for (let start = 0; start < inOrder.length; start += BATCH) {
    const batch = await ahead;
    if (workplace.stopping.aborted) return outcomes;
    // The parser works on while what it said before is taken in.
    ahead = read(inOrder.slice(start + BATCH, start + 2 * BATCH));
    ahead.catch(() => undefined); // it may fail before anybody waits for it
    outcomes.push(...takeIn(batch, workplace));
  }
  db.markComplete();
  return outcomes;
}

/** Puts what was read into the agenda, in place of what the same messages said before. */
function takeIn(read: readonly FiledMessage[], workplace: Workplace): ComponentOutcome[] {
  const { db, agenda } = workplace;
  const again = read.map(({ key }) => key).filter((key) => agenda().messages.has(key));
  const outcomes = db.transaction(() => {
    for (const { key } of read) db.withdrawFiling(key);
    return agenda().apply(read, again);
  });
  const sorted = read.map(({ key, reading }) => ({ key, reading, mailbox: PUBLISHED_MAILBOX }));
  recordOutcomes(sorted, outcomes, workplace);
  return outcomes;
}

/** @returns nothing when the file cannot be read: it was moved away, or belongs to somebody else. */
async function readFiled(
  message: StoredMessage,
  workplace: Workplace,
  mayBeNew: boolean,
): Promise<FiledMessage | undefined> {
  const { maildir, db, parser, reading: context, log } = workplace;
  const { baseName: key, keywords } = message;
  try {
    let isApproved = keywords.includes(APPROVED_KEYWORD);
    if (mayBeNew && !isApproved && !db.isAnnounced(key)) {
      const marked = await maildir.mark(message, { keywords: [...keywords, APPROVED_KEYWORD] });
      isApproved = marked !== undefined;
    }
    const fileDate = dateOfName(key);
    const open = await opener(message, maildir);
    const result = await parser.read(open, { ...context, fileDate });
    return { key, isApproved, reading: typeof result === "string" ? unreadable(fileDate, result) : result };
  } catch (err) {
    if (err instanceof ParserUnavailable) throw err;
    // If it is still there, the next look finds it again.
    log.warn({ err, message: key, mailbox: PUBLISHED_MAILBOX }, "Cannot read a message: it is left out");
    return undefined;
  }
}

async function opener(message: StoredMessage, maildir: Maildir): Promise<() => AsyncIterable<Uint8Array>> {
  const { octets = Number.POSITIVE_INFINITY } = message;
  if (octets > READ_AHEAD_OCTETS) return () => maildir.read(message);
  const pieces: Uint8Array[] = [];
  for await (const piece of maildir.read(message)) pieces.push(piece);
  return async function* () {
    yield* pieces;
  };
}
