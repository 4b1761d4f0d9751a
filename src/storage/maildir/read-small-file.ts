import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { endLinesWithCrlf } from "./crlf.ts";

/** Larger files are read piece by piece as they are needed. */
export const MAX_SMALL_OCTETS = 32 * 1024;

/** Memory of its own for each file would cost as much as the reading. */
const room = new Uint8Array(MAX_SMALL_OCTETS);

/** A file that was read. */
export interface SmallFile {
  /** With every line ended by CRLF. */
  readonly octets: Uint8Array;
  /** When it was last written to, in milliseconds since 1970. */
  readonly modifiedAt: number;
}

/**
 * Reads a small file, for threads, which may wait for a disk. Its octets are there until the next one is read.
 * Undefined for one that is not small, cannot be read, or not in one go, because somebody changes it meanwhile,
 * say: who opens it hears why.
 */
export function readSmallFile(path: string): SmallFile | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size, mtimeMs } = fstatSync(file);
    if (size > MAX_SMALL_OCTETS) return undefined;
    const octets = room.subarray(0, size);
    if (readSync(file, octets, 0, size, 0) !== size) return undefined;
    return { octets: endLinesWithCrlf(octets, 0), modifiedAt: mtimeMs };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
