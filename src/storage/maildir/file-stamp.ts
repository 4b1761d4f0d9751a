import { stat } from "node:fs/promises";
import { isMissing } from "./missing.ts";

/**
 * Tells one state of a file or folder from the next. A folder's changes when an entry comes, goes or is
 * renamed. Empty for what does not exist.
 */
export type FileStamp = string;

export async function stampOf(path: string): Promise<FileStamp> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}.${size}.${mtimeNs}`;
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

/** Clocks of file systems tick in milliseconds; two changes within a tick leave the same stamp. */
const SETTLED_AFTER_MS = 2000;

/** Whether the last change is so long ago that the next one is sure to give another stamp. */
export function isSettled(stamp: FileStamp, now: Date): boolean {
  const changedAtMs = Number(stamp.split(".")[2]) / 1e6;
  return now.getTime() - changedAtMs > SETTLED_AFTER_MS;
}
