import { constants } from "node:fs";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { syncFolder } from "../atomic-file/atomic-file.ts";

/** A file that is being written. */
export type NewFile = Pick<FileHandle, "writeFile" | "utimes" | "sync" | "close">;

/**
 * The steps of which a delivery consists. They are handed in so that a test can make each of them fail,
 * or stop between any two of them.
 */
export interface Disk {
  /** A new file, readable by its owner only; fails when there is one already. */
  create(path: string): Promise<NewFile>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Resolves when all that was done in the folder before the call is on disk. */
  syncFolder(path: string): Promise<void>;
}

export const realDisk: Disk = {
  create: (path) => open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600),
  link,
  rename,
  unlink,
  syncFolder,
};
