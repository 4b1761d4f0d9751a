/**
 * The mail-driven calendar: sorts what arrives for the secretary, reads messages in a process of its own,
 * folds them into the agenda, keeps the agenda equal to the mailbox `Secretary`, publishes the feed. The
 * mailbox is the truth and everything else a cache of it. Knows no SMTP, IMAP or HTTP.
 */
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type FeedSettings,
  type PublishedVersions,
  readPublishedVersions,
} from "../core/calendar/calendar.ts";
import type { FeedFile } from "../storage/feed-file/feed-file.ts";
import { Agenda, type ComponentOutcome } from "./agenda.ts";
import { type ParserLimits, startParser } from "./parser.ts";
import { createPublisher } from "./publisher.ts";
import { type OnProgress, reconcile } from "./reconcile.ts";
import { sortBatch } from "./sort-spool.ts";
import { HELD_MAILBOX, PUBLISHED_MAILBOX, type Workplace } from "./workplace.ts";

export { Agenda, type AgendaOptions, type ComponentOutcome } from "./agenda.ts";
export { explain } from "./explain.ts";
export { type Parser, startParser } from "./parser.ts";
export type { Policy } from "./policy.ts";
export { type Candidate, rehearse } from "./rehearse.ts";
export { verify } from "./verify.ts";
export { APPROVED_KEYWORD, HELD_MAILBOX, PUBLISHED_MAILBOX } from "./workplace.ts";

/** Hints about changes can be missed; this finds them all the same. */
const LOOK_EVERY_MS = 60_000;
/** Changes of the mailbox are seen after this, together with those that follow them closely. */
const HINT_MS = 200;
/** After a failure, a full disk most of the time. */
const RETRY_MS = 10_000;
/** For what is in hand when everything stops. What is not done by then waits where it is. */
const FINISH_MS = 500;

export interface SecretaryOptions extends Omit<Workplace, "agenda" | "parser" | "expectHint" | "stopping"> {
  readonly feedFile: FeedFile;
  readonly settings: FeedSettings;
  /** How long after its end an event stays in the feed; for ever when undefined. */
  readonly keepSeconds: number | undefined;
  readonly onOutcomes?: (outcomes: readonly ComponentOutcome[]) => void;
  readonly onProgress?: OnProgress;
  /** For tests; `PARSER_LIMITS` when not given. */
  readonly parserLimits?: ParserLimits;
}

export interface Secretary {
  /** Says that a message for it is being received, so that whoever reads it is there when it has come. */
  expect(): void;
  /** Says that a message may wait in the spool. */
  wake(): void;
  /** Writes the feed again: somebody else removed or changed its file. */
  republish(): void;
  /** How many UIDs have something in the feed. */
  events(): number;
  /** Resolves when nothing waits any more: spool empty, mailbox and agenda equal, feed published. */
  settled(): Promise<void>;
  /** Finishes what is in hand, if that is quickly done, and publishes what is done. */
  stop(): Promise<void>;
}

/**
 * Starts work: first the mailbox is compared with the agenda, then the spool is sorted, then it waits.
 * Rejects when messages cannot be read at all.
 */
export async function startSecretary(options: SecretaryOptions): Promise<Secretary> {
  const { db, feedFile, log, maildir, spool } = options;
  const parser = startParser({
    onDeath: (reason) => log.warn({ reason }, "A message ended the parser process"),
    ...(options.parserLimits === undefined ? {} : { limits: options.parserLimits }),
  });
  const published = db.hasGroups() ? NOTHING_PUBLISHED : versionsOf(feedFile);
  const { isTrustedSender } = options.policy;
  const openAgenda = () => new Agenda({ ...options, published, isTrustedSender, served: feedFile.current() });
  let agenda = openAgenda();
  await parser.ready();
  const stopping = new AbortController();
  const expectedHints = new Set<string>();
  const workplace: Workplace = {
    ...options,
    agenda: () => agenda,
    parser,
    expectHint: (baseName) => expectedHints.add(baseName),
    stopping: stopping.signal,
  };
  const publisher = createPublisher({
    agenda: () => agenda,
    feedFile,
    onFailure: (err) => log.error({ err }, "Cannot publish the calendar: readers get the one before"),
    onPublished: (events, octets) => log.info({ events, octets }, "Calendar published"),
  });

  // Reading the mailbox comes first: what is in the spool is judged by what is known already.
  let mustReconcile = true;
  let mustSort = true;
  let mustReload = false;
  let running: Promise<void> | undefined;
  const setAside = new Set<string>();
  let retry: NodeJS.Timeout | undefined;
  let hinted: NodeJS.Timeout | undefined;

  async function work(): Promise<void> {
    while (!stopping.signal.aborted && (mustReconcile || mustSort)) {
      if (mustSort && !publisher.isHeld) {
        mustSort = false;
        const outcomes = await sortBatch(workplace, setAside);
        mustSort ||= outcomes !== undefined;
        report(outcomes);
      } else {
        mustReconcile = false;
        report(await reconcileAll());
      }
    }
  }

  async function reconcileAll(): Promise<readonly ComponentOutcome[] | undefined> {
    publisher.hold();
    if (mustReload) agenda = openAgenda();
    mustReload = false;
    await restoreMailboxes();
    const outcomes = await reconcile(workplace, options.onProgress);
    if (!stopping.signal.aborted) publisher.release();
    return outcomes;
  }

  /** Somebody who removes a folder does without the messages in it, not without the mailbox. */
  async function restoreMailboxes(): Promise<void> {
    for (const mailbox of [PUBLISHED_MAILBOX, HELD_MAILBOX]) {
      if (!(await maildir.restore(mailbox))) continue;
      log.warn({ mailbox }, "The folder of a mailbox was gone: it is there again, without messages");
      if (mailbox !== PUBLISHED_MAILBOX) continue;
      await watching.mailbox.stop(); // it saw the folder go, and would not see another
      watching.mailbox = maildir.watch(PUBLISHED_MAILBOX, takeHint);
    }
  }

  function fail(err: unknown): void {
    if (stopping.signal.aborted) return;
    log.error({ err }, "Cannot work on the calendar now: what waits stays in the spool");
    publisher.hold();
    mustReload = true; // what the agenda knows may be more than what the database kept
    [mustSort, mustReconcile] = [false, false];
    clearTimeout(retry);
    retry = setTimeout(lookAtEverything, RETRY_MS).unref();
  }

  function report(outcomes: readonly ComponentOutcome[] | undefined): void {
    if (outcomes === undefined) return;
    options.onOutcomes?.(outcomes);
    void publisher.publish();
  }

  function run(): void {
    if (stopping.signal.aborted || running !== undefined) return;
    running = work()
      .catch(fail)
      .finally(() => {
        running = undefined;
        if (mustReconcile || mustSort) run(); // it came while the last turn ended
      });
  }

  function wake(): void {
    mustSort = true;
    run();
  }

  function lookAtEverything(): void {
    mustReconcile = true;
    wake();
  }

  /** Hints come in swarms, our own filing causes one for each message, and a look costs a listing of the mailbox. */
  function takeHint(path?: string): void {
    if (path !== undefined && expectedHints.delete(basename(path))) return;
    hinted ??= setTimeout(() => {
      hinted = undefined;
      lookAtEverything();
    }, HINT_MS).unref();
  }

  const watching = { mailbox: maildir.watch(PUBLISHED_MAILBOX, takeHint), spool: spool.watch(wake) };
  const look = setInterval(() => {
    setAside.clear();
    expectedHints.clear();
    lookAtEverything();
    void publisher.publish(); // a day may have passed that takes events out of the feed
  }, LOOK_EVERY_MS).unref();
  run();

  async function settled(): Promise<void> {
    while (running !== undefined) await running;
    await publisher.publish();
  }

  return {
    expect: () => void parser.ready().catch(() => undefined), // reading it will say so
    wake,
    republish: () => void publisher.republish(),
    events: () => agenda.feed().events,
    settled,
    async stop() {
      stopping.abort();
      clearInterval(look);
      clearTimeout(retry);
      clearTimeout(hinted);
      await Promise.all([watching.mailbox.stop(), watching.spool.stop()]);
      await Promise.race([running, delay(FINISH_MS, undefined, { ref: false })]);
      await parser.stop();
      await running;
      await publisher.publish();
      await publisher.stop();
    },
  };
}

/** What the database does not know is new. */
const NOTHING_PUBLISHED = readPublishedVersions("");

/** The counters that readers have seen, for a database that was lost. */
function versionsOf(feedFile: FeedFile): PublishedVersions {
  const current = feedFile.current();
  return readPublishedVersions(current === undefined ? "" : new TextDecoder().decode(current.octets));
}
