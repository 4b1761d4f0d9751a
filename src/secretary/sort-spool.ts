import type { SpooledMessage } from "../storage/maildir/maildir.ts";
import type { ComponentOutcome, FiledMessage } from "./agenda.ts";
import { outcomesOutside, unreadable } from "./decisions.ts";
import { recordOutcomes, type SortedMessage } from "./outcome-log.ts";
import { ParserUnavailable } from "./parser.ts";
import { placementOf } from "./policy.ts";
import { HELD_MAILBOX, PUBLISHED_MAILBOX, type Workplace } from "./workplace.ts";

/** So many are read before their places are taken and the feed is written: a burst costs few writes. */
const BATCH = 64;

const MAILBOXES = { publish: PUBLISHED_MAILBOX, hold: HELD_MAILBOX, ordinary: "INBOX" } as const;

/**
 * Sorts what waits in the spool, oldest first, one batch. A crash at any point leaves each message in the
 * spool or in its mailbox, never in both.
 *
 * @param setAside messages that the disk would not give; they do not hold up the others
 * @returns what became of it; nothing when the spool was empty
 */
export async function sortBatch(
  workplace: Workplace,
  setAside: Set<string>,
): Promise<ComponentOutcome[] | undefined> {
  const { maildir, spool, db, agenda, identity, log, expectHint } = workplace;
  const waiting = (await spool.list()).filter(({ baseName }) => !setAside.has(baseName)).slice(0, BATCH);
  if (waiting.length === 0) return undefined;
  const readings = waiting.map((spooled) =>
    readSpooled(spooled, workplace).catch((err) => {
      if (err instanceof ParserUnavailable) throw err;
      log.error({ err, message: spooled.baseName }, "Cannot read a message in the spool: it waits there");
      setAside.add(spooled.baseName);
    }),
  );
  const read = (await Promise.all(readings)).filter((message) => message !== undefined);

  const published = read.filter(({ mailbox }) => mailbox === PUBLISHED_MAILBOX);
  // Whatever appears in the mailbox unannounced, the user put there: so we announce what we put.
  db.transaction(() => {
    for (const { key } of published) db.announceFiling(key);
  });
  for (const { spooled, mailbox, reading } of read) {
    const isInInbox = reading.deliveredTo.some(
      (address) => address.toLowerCase() !== identity.secretaryAddress,
    );
    // Addressed to somebody else here too, it was delivered there already.
    if (mailbox === "INBOX" && isInInbox) await spool.remove(spooled);
    else {
      if (mailbox === PUBLISHED_MAILBOX) expectHint(spooled.baseName);
      await maildir.file(spooled.path, mailbox);
    }
  }

  const filed: FiledMessage[] = published.map(({ key, reading }) => ({ key, reading, isApproved: false }));
  const outcomes = db.transaction(() => {
    for (const { key } of published) db.withdrawFiling(key);
    return agenda().apply(filed, []);
  });
  for (const message of read) {
    if (message.mailbox !== PUBLISHED_MAILBOX)
      outcomes.push(...outcomesOutside(message.key, message.reading));
  }
  recordOutcomes(read, outcomes, workplace);
  return outcomes;
}

interface ReadMessage extends SortedMessage {
  readonly spooled: SpooledMessage;
}

async function readSpooled(
  spooled: SpooledMessage,
  { spool, parser, policy, reading: context }: Workplace,
): Promise<ReadMessage> {
  const fileDate = dateOfName(spooled.baseName);
  const result = await parser.read(() => spool.read(spooled), { ...context, fileDate });
  const reading = typeof result === "string" ? unreadable(fileDate, result) : result;
  return { spooled, key: spooled.baseName, reading, mailbox: MAILBOXES[placementOf(reading, policy)] };
}

/** The names of a Maildir's files begin with the second of their delivery; other names say nothing. */
export function dateOfName(baseName: string): number {
  return Number(/^(\d{9,11})\./.exec(baseName)?.[1] ?? 0);
}
