/**
 * The mail-driven calendar: sorts what arrives for the secretary, reads messages in a process of its own,
 * folds them into the agenda, keeps the agenda equal to the mailbox `Secretary`, publishes the feed. The
 * mailbox is the truth and everything else a cache of it. Knows no SMTP, IMAP or HTTP.
 */
import {
  type FeedSettings,
  type PublishedVersions,
  readPublishedVersions,
} from "../core/calendar/calendar.ts";
import type { FeedFile } from "../storage/feed-file/feed-file.ts";
import { Agenda, type ComponentOutcome } from "./agenda.ts";
import { startParser } from "./parser.ts";
import { createPublisher } from "./publisher.ts";
import { type OnProgress, reconcile } from "./reconcile.ts";
import { sortBatch } from "./sort-spool.ts";
import { PUBLISHED_MAILBOX, type Workplace } from "./workplace.ts";

export { Agenda, type AgendaOptions, type ComponentOutcome } from "./agenda.ts";
export { explain } from "./explain.ts";
export { type Parser, startParser } from "./parser.ts";
export type { Policy } from "./policy.ts";
export { type Candidate, rehearse } from "./rehearse.ts";
export { verify } from "./verify.ts";
export { APPROVED_KEYWORD, HELD_MAILBOX, PUBLISHED_MAILBOX } from "./workplace.ts";

/** Hints about changes can be missed; this finds them all the same. */
const LOOK_EVERY_MS = 60_000;
/** After a failure, a full disk most of the time. */
const RETRY_MS = 10_000;

export interface SecretaryOptions extends Omit<Workplace, "agenda" | "parser"> {
  readonly feedFile: FeedFile;
  readonly settings: FeedSettings;
  /** How long after its end an event stays in the feed; for ever when undefined. */
  readonly keepSeconds: number | undefined;
  readonly onOutcomes?: (outcomes: readonly ComponentOutcome[]) => void;
  readonly onProgress?: OnProgress;
}

export interface Secretary {
  /** Says that a message may wait in the spool. */
  wake(): void;
  /** Writes the feed again: somebody else removed or changed its file. */
  republish(): void;
  /** How many UIDs have something in the feed. */
  events(): number;
  /** Resolves when nothing waits any more: spool empty, mailbox and agenda equal, feed published. */
  settled(): Promise<void>;
  /** Finishes the message in hand and publishes what is done. */
  stop(): Promise<void>;
}

/** Starts work: first the mailbox is compared with the agenda, then the spool is sorted, then it waits. */
export function startSecretary(options: SecretaryOptions): Secretary {
  const { db, identity, settings, keepSeconds, policy, now, feedFile, log, maildir, spool } = options;
  const published = versionsOf(feedFile);
  const { isTrustedSender } = policy;
  const agenda = new Agenda({ db, identity, settings, keepSeconds, now, published, isTrustedSender });
  const parser = startParser((reason) => log.error({ reason }, "A message ended the parser process"));
  const workplace: Workplace = { ...options, agenda: () => agenda, parser };
  const publisher = createPublisher({
    agenda: () => agenda,
    feedFile,
    onFailure: (err) => log.error({ err }, "Cannot publish the calendar: readers get the one before"),
    onPublished: (events, octets) => log.info({ events, octets }, "Calendar published"),
  });

  let pending: Promise<void> | undefined;
  let mustReconcile = true;
  let mustLook = true;
  const setAside = new Set<string>();
  let isStopped = false;
  let retry: NodeJS.Timeout | undefined;

  async function work(): Promise<void> {
    try {
      while (!isStopped && (mustReconcile || mustLook)) {
        if (mustReconcile) {
          mustReconcile = false;
          report(await reconcile(workplace, options.onProgress));
        } else {
          const outcomes = await sortBatch(workplace, setAside);
          mustLook = outcomes !== undefined;
          report(outcomes);
        }
      }
    } catch (err) {
      if (isStopped) return;
      log.error({ err }, "Cannot work on the calendar now: what waits stays in the spool");
      mustReconcile = true;
      retry = setTimeout(() => wake(true), RETRY_MS).unref();
    }
  }

  function report(outcomes: readonly ComponentOutcome[] | undefined): void {
    if (outcomes === undefined) return;
    options.onOutcomes?.(outcomes);
    void publisher.publish();
  }

  function wake(alsoReconcile = false): void {
    mustReconcile ||= alsoReconcile;
    mustLook = true;
    if (isStopped) return;
    pending ??= work().finally(() => {
      pending = undefined;
    });
  }

  const hint = () => wake(true);
  const watching = [maildir.watch(PUBLISHED_MAILBOX, hint), spool.watch(hint)];
  const look = setInterval(() => {
    setAside.clear();
    wake(true);
    void publisher.publish(); // a day may have passed that takes events out of the feed
  }, LOOK_EVERY_MS).unref();
  wake(true);

  async function settled(): Promise<void> {
    while (pending !== undefined) await pending;
    await publisher.publish();
  }

  return {
    wake: () => wake(),
    republish: () => void publisher.republish(),
    events: () => agenda.feed().events,
    settled,
    async stop() {
      isStopped = true;
      clearInterval(look);
      clearTimeout(retry);
      await Promise.all(watching.map((watch) => watch.stop()));
      await pending;
      await parser.stop();
      await publisher.publish();
      await publisher.stop();
    },
  };
}

/** The counters that readers have seen, should the database have lost them. */
function versionsOf(feedFile: FeedFile): PublishedVersions {
  const current = feedFile.current();
  return readPublishedVersions(current === undefined ? "" : new TextDecoder().decode(current.octets));
}
