import { statSync } from "node:fs";

/**
 * Tells one state of a file or folder from the next. A folder's changes when an entry comes, goes or is
 * renamed. Empty for what does not exist.
 */
export type FileStamp = string;

export function stampOf(path: string): FileStamp {
  // At once, because it is asked a dozen times for an APPEND and of what the kernel has in its cache: waiting
  // for a thread each time took longer than the disk did.
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino}.${found.size}.${found.mtimeNs}`;
}

/** Clocks of file systems tick in milliseconds; two changes within a tick leave the same stamp. */
const SETTLED_AFTER_MS = 2000;

/** Whether the last change is so long ago that the next one is sure to give another stamp. */
export function isSettled(stamp: FileStamp, now: Date): boolean {
  const changedAtMs = Number(stamp.split(".")[2]) / 1e6;
  return now.getTime() - changedAtMs > SETTLED_AFTER_MS;
}

/** Tells a file from another one of its name. Undefined for what does not exist. */
export function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
