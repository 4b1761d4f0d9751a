import type { StoredMessage } from "../storage/maildir/maildir.ts";
import type { ComponentOutcome, FiledMessage } from "./agenda.ts";
import { unreadable } from "./decisions.ts";
import { recordOutcomes } from "./outcome-log.ts";
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
    const readings = inOrder.slice(start, start + BATCH).map(async (message) => {
      try {
        return await readFiled(message, workplace, wasComplete && !known.has(message.baseName));
      } catch (err) {
        // Moved away meanwhile, most likely; if not, the next look finds it again.
        workplace.log.warn({ err, message: message.baseName }, "Cannot read a message of the calendar now");
        return undefined;
      } finally {
        onProgress(++done, inOrder.length);
      }
    });
    const read = (await Promise.all(readings)).filter((message) => message !== undefined);
    const again = read.map(({ key }) => key).filter((key) => known.has(key));
    const results = agenda().apply(read, again);
    recordOutcomes(
      read.map(({ key, reading }) => ({ key, reading, mailbox: PUBLISHED_MAILBOX })),
      results,
      workplace,
    );
    outcomes.push(...results);
  }
  db.markComplete();
  return outcomes;
}

async function readFiled(
  message: StoredMessage,
  workplace: Workplace,
  mayBeNew: boolean,
): Promise<FiledMessage> {
  const { maildir, db, parser, reading: context } = workplace;
  const { baseName: key, keywords } = message;
  const isByUser = mayBeNew && !db.isAnnounced(key);
  let isApproved = keywords.includes(APPROVED_KEYWORD);
  if (isByUser && !isApproved) {
    const marked = await maildir.mark(message, { keywords: [...keywords, APPROVED_KEYWORD] });
    isApproved = marked !== undefined;
  }
  const fileDate = dateOfName(key);
  const result = await parser.read(() => maildir.read(message), { ...context, fileDate });
  db.withdrawFiling(key);
  return { key, isApproved, reading: typeof result === "string" ? unreadable(fileDate, result) : result };
}
