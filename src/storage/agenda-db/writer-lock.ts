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
    if (isBusy(error)) return undefined;
    throw new Error(`Cannot lock "${path}"`, { cause: error });
  }
}

/** Whether a process holds the lock now. Only looks: a server may be about to take it. */
export function isWriterLockHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      database.prepare("SELECT 1 FROM sqlite_schema").get();
    } finally {
      database.close();
    }
  } catch (error) {
    return isBusy(error); // what a killed process left in it is no lock
  }
  return false;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /locked|busy/i.test(error.message);
}
