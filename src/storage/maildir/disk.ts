import { closeSync, constants, fsync, futimes, open, write } from "node:fs";
import { link, rename, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { syncFolder } from "../atomic-file/atomic-file.ts";

/** A file that is being written. */
export interface NewFile {
  /** Appends all of the octets. */
  write(octets: Uint8Array): Promise<void>;
  utimes(accessedAt: Date, modifiedAt: Date): Promise<void>;
  sync(): Promise<void>;
  /** At once: what was synced has nothing to wait for. */
  close(): void;
}

/** `synced`: what was written is on disk, as after `sync`; for what is written at one go. */
export type Writing = "buffered" | "synced";

/**
 * The steps of which a delivery consists. They are handed in so that a test can make each of them fail,
 * or stop between any two of them.
 */
export interface Disk {
  /** A new file, readable by its owner only; fails when there is one already. */
  create(path: string, writing: Writing): Promise<NewFile>;
  /** The file that was just created and is empty, to be written in many steps: `buffered`. */
  reopen(path: string): Promise<NewFile>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Resolves when all that was done in the folder before the call is on disk. */
  syncFolder(path: string): Promise<void>;
}

export const realDisk: Disk = {
  create: createFile,
  reopen: reopenFile,
  link,
  rename,
  unlink,
  syncFolder,
};

const openDescriptor = promisify(open);
const writeOctets = promisify(write);
const syncDescriptor = promisify(fsync);
const setTimes = promisify(futimes);

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const FLAGS = { buffered: NEW, synced: NEW | constants.O_SYNC } as const;
const MODE = 0o600;

function createFile(path: string, writing: Writing): Promise<NewFile> {
  return openFile(path, FLAGS[writing]);
}

function reopenFile(path: string): Promise<NewFile> {
  return openFile(path, constants.O_WRONLY);
}

/** Not a `FileHandle`: that is closed by another thread, and waking one takes longer than closing. */
async function openFile(path: string, flags: number): Promise<NewFile> {
  const file = await openDescriptor(path, flags, MODE);
  return {
    async write(octets) {
      let from = 0;
      while (from < octets.length) from += (await writeOctets(file, octets, from)).bytesWritten;
    },
    utimes: (accessedAt, modifiedAt) => setTimes(file, accessedAt, modifiedAt),
    sync: () => syncDescriptor(file),
    close: () => closeSync(file),
  };
}
