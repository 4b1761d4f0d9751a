import type { FeedFile } from "../storage/feed-file/feed-file.ts";
import type { Agenda } from "./agenda.ts";

/** After a failed attempt the disk may need somebody's help; until then readers keep the feed before. */
const RETRY_MS = 10_000;

/**
 * Writes the feed whenever the agenda changed; changes that come while it is written share the next one.
 * It is held at first: nobody knows yet whether the agenda says what the mailbox says.
 */
export interface Publisher {
  /** Whether readers keep the feed before, because the agenda may say less than the mailbox. */
  readonly isHeld: boolean;
  hold(): void;
  /** Publishes what was held back. */
  release(): void;
  /** Resolves when everything the agenda says now is published, or could not be, or is held back. */
  publish(): Promise<void>;
  /** The same, even if readers have it already: the file was removed or changed by somebody else. */
  republish(): Promise<void>;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly agenda: () => Agenda;
  readonly feedFile: FeedFile;
  readonly onFailure: (error: unknown) => void;
  readonly onPublished: (events: number, octets: number) => void;
}

export function createPublisher({ agenda, feedFile, onFailure, onPublished }: PublisherOptions): Publisher {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isFileForeign = false;
  let isHeld = true;
  let isDue = true;

  async function write(): Promise<void> {
    clearTimeout(retry);
    isDue = isHeld;
    if (isHeld) return;
    try {
      const from = agenda();
      const feed = from.feed();
      const { octets, lastModified, events } = feed;
      if (isFileForeign || !isServed(octets)) {
        await feedFile.publish(octets, new Date(lastModified * 1000));
        isFileForeign = false;
        onPublished(events, octets.length);
      }
      const served = feedFile.current();
      // Another agenda may have changed the database meanwhile.
      if (served !== undefined && agenda() === from) from.markPublished(feed, served);
    } catch (error) {
      onFailure(error);
      if (!isStopped) retry = setTimeout(() => void publish(), RETRY_MS).unref();
    }
  }

  function isServed(octets: Uint8Array): boolean {
    const served = feedFile.current()?.octets;
    return served !== undefined && (served === octets || Buffer.compare(served, octets) === 0);
  }

  function publish(): Promise<void> {
    if (running === undefined) {
      running = write().finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running.then(() => {
      next = undefined;
      return publish();
    });
    return next;
  }

  return {
    get isHeld() {
      return isHeld;
    },
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      if (isDue) void publish();
    },
    publish,
    republish() {
      isFileForeign = true;
      return publish();
    },
    async stop() {
      isStopped = true;
      clearTimeout(retry);
      await (next ?? running);
    },
  };
}
