/**
 * A lock that one process holds at a time, so that two servers do not work with one folder. The system releases
 * it when the process dies, however that is. It says nothing of who holds it.
 */
import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock, an exclusive transaction in a database of its own, since Node has no flock(2). Its file, in
 * which nothing is ever written, stays when it is released.
 * @returns nothing when another process holds it
 */
export function takeFolderLock(path: string): FolderLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    chmodSync(path, 0o600); // who can read it can lock us out
  } catch (cause) {
    database?.close();
    if (isBusy(cause)) return undefined;
    throw new Error(`Cannot lock "${path}": stop what works with this folder, and delete the file`, {
      cause,
    });
  }
  return { release: () => database.close() };
}

/** Whether a process holds the lock now. Only looks: a server may be about to take it. */
export function isFolderLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      database.prepare("SELECT 1 FROM sqlite_schema").get();
    } finally {
      database.close();
    }
  } catch (error) {
    return isBusy(error);
  }
  return false;
}

/** SQLITE_BUSY, whatever the reason. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}
