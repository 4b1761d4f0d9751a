import { closeSync, fsync, openSync } from "node:fs";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Folders with an fsync under way, and who asked after it began: that fsync may not cover them. */
const waiting = new Map<string, Waiter[]>();

/**
 * Makes the entries of a folder durable: everything renamed, linked or unlinked in it before the
 * call has survived when the promise resolves. Callers that come while an fsync is running share
 * the next one (group commit), so fifty deliveries at once cost two fsyncs of `new/`, not fifty.
 */
export function syncFolder(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = waiting.get(path);
    if (next) next.push({ resolve, reject });
    else void syncInRounds(path, { resolve, reject });
  });
}

/** Settles every waiter, so it never rejects itself. */
async function syncInRounds(path: string, first: Waiter): Promise<void> {
  let round = [first];
  while (round.length > 0) {
    const next: Waiter[] = [];
    waiting.set(path, next);
    try {
      await syncOnce(path);
      for (const waiter of round) waiter.resolve();
    } catch (cause) {
      // Linux reports a write-back error once and then forgets it: a second fsync would succeed
      // although the entries are lost. Whoever waited for this one must hear of it.
      for (const waiter of round) waiter.reject(new Error(`Cannot sync folder "${path}"`, { cause }));
    }
    round = next;
  }
  waiting.delete(path);
}

/**
 * Opening a folder in which somebody has just renamed a file, and closing it, do not wait for the disk, and
 * take less time than having another thread do it.
 */
async function syncOnce(path: string): Promise<void> {
  const folder = openSync(path, "r");
  try {
    await new Promise<void>((resolve, reject) => {
      fsync(folder, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    closeSync(folder);
  }
}
