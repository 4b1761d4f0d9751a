import { RequestThread } from "./request-thread.ts";

/** Larger files are read piece by piece as they are needed. */
export const MAX_SMALL_OCTETS = 32 * 1024;

/** The files to be read. */
export type SmallFilesRequest = readonly string[];

/** What is in the files, in their order. */
export interface SmallFilesReply {
  /** One behind the other, with every line ended by CRLF. */
  readonly octets: Uint8Array;
  /** Where in `octets` each file ends. */
  readonly ends: Uint32Array;
  /** When each was last written to, in milliseconds since 1970; NaN for one that was not read. */
  readonly modifiedAt: Float64Array;
}

/** What the thread's heap may have; it uses a few. */
const MAX_THREAD_MB = 64;

/** A file that was read. */
export interface SmallFile {
  readonly octets: Uint8Array;
  readonly modifiedAt: number;
}

/**
 * Reads many small files at a time, by a thread of its own. To hand each of three system calls to one of
 * libuv's threads took ten times as long as the calls, and making them here would let everybody wait for a
 * slow disk.
 */
export class SmallFiles {
  readonly #thread = new RequestThread<SmallFilesRequest, SmallFilesReply>(
    new URL("./small-files-worker.ts", import.meta.url),
    MAX_THREAD_MB,
  );

  /** In the order of the paths; undefined for a file that is missing, too large or cannot be read. */
  async read(paths: readonly string[]): Promise<(SmallFile | undefined)[]> {
    const reply = await this.#thread.ask(paths);
    return paths.map((_, nth) => {
      const modifiedAt = reply?.modifiedAt[nth] ?? Number.NaN;
      if (reply === undefined || Number.isNaN(modifiedAt)) return undefined;
      const start = nth === 0 ? 0 : reply.ends[nth - 1];
      return { octets: reply.octets.subarray(start, reply.ends[nth]), modifiedAt };
    });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
