import type { StoredMessage } from "../storage/maildir/maildir.ts";
import type { ComponentOutcome, FiledMessage } from "./agenda.ts";
import { unreadable } from "./decisions.ts";
import { recordOutcomes } from "./outcome-log.ts";
import { ParserUnavailable } from "./parser.ts";
import { dateOfName } from "./sort-spool.ts";
import { APPROVED_KEYWORD, PUBLISHED_MAILBOX, type Workplace } from "./workplace.ts";

/** Messages that are read before they are taken into the agenda in one transaction. */
const BATCH = 500;

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

  agenda().apply([], gone);
  const outcomes: ComponentOutcome[] = [];
  let done = 0;
  const inOrder = [...changed].sort((a, b) => dateOfName(a.baseName) - dateOfName(b.baseName));
  for (let start = 0; start < inOrder.length; start += BATCH) {
    if (workplace.stopping.aborted) return outcomes;
    const readings = inOrder.slice(start, start + BATCH).map(async (message) => {
      const mayBeNew = wasComplete && !known.has(message.baseName);
      const filed = await readFiled(message, workplace, mayBeNew);
      onProgress(++done, inOrder.length);
      return filed;
    });
    const read = (await Promise.all(readings)).filter((message) => message !== undefined);
    outcomes.push(...takeIn(read, workplace));
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
    const result = await parser.read(() => maildir.read(message), { ...context, fileDate });
    return { key, isApproved, reading: typeof result === "string" ? unreadable(fileDate, result) : result };
  } catch (err) {
    if (err instanceof ParserUnavailable) throw err;
    // If it is still there, the next look finds it again.
    log.warn({ err, message: key, mailbox: PUBLISHED_MAILBOX }, "Cannot read a message: it is left out");
    return undefined;
  }
}
