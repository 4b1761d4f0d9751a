import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Held by the one process that may change the agenda; the system releases it when the process dies. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the lock, an exclusive transaction in a database of its own, since Node has no flock(2).
 * @returns nothing when another process holds it.
 */
export function takeWriterLock(path: string): WriterLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw new Error(`Cannot lock "${path}"`, { cause: error });
  }
}

/** Whether a process holds the lock now. Makes nothing. */
export function isWriterLockHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = takeWriterLock(path);
  lock?.release();
  return lock === undefined;
}
