import type { DescriptionParts, MessageKeys, SoughtText } from "./mailbox-view.ts";
import type { SmallFile } from "./read-small-file.ts";
import { RequestThread } from "./request-thread.ts";
import { Turns } from "./turns.ts";

/** What is asked of a thread. */
export interface SmallFilesRequest {
  readonly paths: readonly string[];
  /** `Describer.module`, when something is wanted that takes one, and not the octets. */
  readonly describer?: string;
  /** Whether keys are wanted together with descriptions. */
  readonly withKeys?: boolean;
  /** What to look for, when no descriptions are wanted. */
  readonly texts?: readonly SoughtText[];
}

/** What is in the files, in their order. */
export interface SmallFilesReply {
  /** One behind the other, with every line ended by CRLF; nothing when something else was asked for. */
  readonly octets: Uint8Array;
  /** Where each file ends in the octets of all. */
  readonly ends: Uint32Array;
  /** When each was last written to, in milliseconds since 1970; NaN for one that was not read. */
  readonly modifiedAt: Float64Array;
  /** Undefined for one that could not be described. */
  readonly descriptions: readonly (Made | undefined)[];
  /** Which of the texts stand in it; undefined for one that could not be read. */
  readonly areFound: readonly (readonly boolean[] | undefined)[];
}

/** What a thread's heap may have: far above what it needs for files of that size. */
const MAX_THREAD_MB = 128;

/** Describing is work for a processor, which the main thread needs as well. */
const THREADS = 2;

/** Of all searches, so many lists are with the threads at a time: who only wants to read need not wait for more. */
const SEARCHED_AT_ONCE = 2 * THREADS;

/**
 * So many lists are described by the first thread alone: it takes a thread some thousand messages to become fast at
 * that, and where there are fewer a second one costs more of the processors than it saves of the time.
 */
const DESCRIBED_ALONE = 320;

/** What was made of a file. */
interface Made {
  readonly description: DescriptionParts;
  /** If they were asked for. */
  readonly keys: MessageKeys | undefined;
}

/** A file that was described. */
export interface DescribedFile extends Made {
  /** With every line ended by CRLF. */
  readonly crlfOctets: number;
  readonly modifiedAt: number;
}

/** A file that was searched. */
export interface SearchedFile {
  /** With every line ended by CRLF. */
  readonly crlfOctets: number;
  readonly modifiedAt: number;
  /** Which of the texts stand in it, in their order. */
  readonly areFound: readonly boolean[];
}

/**
 * Reads many small files at a time, by threads of its own. To hand each of three system calls to one of
 * libuv's threads took ten times as long as the calls, and making them here would let everybody wait for a
 * slow disk. All methods answer in the order of the paths; undefined for a file that is missing, too large
 * or cannot be read.
 */
export class SmallFiles {
  readonly #threads = Array.from(
    { length: THREADS },
    () =>
      new RequestThread<SmallFilesRequest, SmallFilesReply>(
        new URL("./small-files-worker.ts", import.meta.url),
        MAX_THREAD_MB,
      ),
  );
  readonly #searches = Array.from({ length: SEARCHED_AT_ONCE }, () => new Turns());
  #searchCount = 0;
  #describedCount = 0;

  async read(paths: readonly string[]): Promise<(SmallFile | undefined)[]> {
    const reply = await this.#ask({ paths });
    return paths.map((_, nth) => {
      const modifiedAt = reply?.modifiedAt[nth] ?? Number.NaN;
      if (reply === undefined || Number.isNaN(modifiedAt)) return undefined;
      return { octets: reply.octets.subarray(startOf(reply, nth), reply.ends[nth]), modifiedAt };
    });
  }

  /** Undefined also for a file of which the describer made nothing. */
  async describe(
    paths: readonly string[],
    { describer, withKeys }: { readonly describer: URL; readonly withKeys: boolean },
  ): Promise<(DescribedFile | undefined)[]> {
    const isAlone = this.#describedCount++ < DESCRIBED_ALONE;
    const threads = isAlone ? this.#threads.slice(0, 1) : this.#threads;
    const reply = await this.#ask({ paths, describer: describer.href, withKeys }, threads);
    return paths.map((_, nth) => {
      const [modifiedAt, made] = [reply?.modifiedAt[nth] ?? Number.NaN, reply?.descriptions[nth]];
      if (reply === undefined || made === undefined) return undefined;
      return { ...made, crlfOctets: (reply.ends[nth] ?? 0) - startOf(reply, nth), modifiedAt };
    });
  }

  /** Undefined also for a file of which the describer made nothing. */
  async findTexts(
    paths: readonly string[],
    describer: URL,
    texts: readonly SoughtText[],
  ): Promise<(SearchedFile | undefined)[]> {
    const turns = this.#searches[this.#searchCount++ % SEARCHED_AT_ONCE];
    const reply = await turns?.take(() => this.#ask({ paths, describer: describer.href, texts }));
    return paths.map((_, nth) => {
      const [modifiedAt, areFound] = [reply?.modifiedAt[nth] ?? Number.NaN, reply?.areFound[nth]];
      if (reply === undefined || areFound === undefined) return undefined;
      return { crlfOctets: (reply.ends[nth] ?? 0) - startOf(reply, nth), modifiedAt, areFound };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Of the thread that has the least to do. */
  async #ask(
    request: SmallFilesRequest,
    [first, ...others] = this.#threads,
  ): Promise<SmallFilesReply | undefined> {
    const thread = others.reduce((best, next) => (best && next.waiting >= best.waiting ? best : next), first);
    return thread?.ask(request);
  }
}

function startOf({ ends }: SmallFilesReply, nth: number): number {
  return nth === 0 ? 0 : (ends[nth - 1] ?? 0);
}
