import { join } from "node:path";
import type { DescriptionOwner } from "./description-store.ts";
import type { Uid } from "./mailbox-view.ts";
import { RequestThread } from "./request-thread.ts";

/** Where a message's file is. */
export type MessagePath = readonly [uid: Uid, path: string];

/** What the thread of the text indexes is asked to do. */
export type TextIndexTask =
  | { readonly do: "put"; readonly texts: readonly (readonly [Uid, string])[] }
  /**
   * Puts the texts of files, which it reads itself, and finds the messages of which it could not. `describer` is
   * `Describer.module`.
   */
  | { readonly do: "put-files"; readonly files: readonly MessagePath[]; readonly describer: string }
  | { readonly do: "remove"; readonly uids: Uint32Array }
  /** Finds those of all messages whose text is not in the index, and removes other texts. */
  | { readonly do: "find-missing"; readonly uids: Uint32Array }
  /** Finds those of the messages whose text may contain the needle. */
  | { readonly do: "find"; readonly uids: Uint32Array; readonly needle: string }
  | { readonly do: "close" };

/** The task, and in which index, made by whom. */
export interface TextIndexRequest {
  readonly path: string;
  readonly owner: string;
  readonly task: TextIndexTask;
}

/** Requests are answered in order. Without `uids` it failed, and the index was thrown away. */
export interface TextIndexReply {
  readonly uids: Uint32Array | undefined;
}

/** Of a longer text only so much is indexed, and the message is a candidate whatever is looked for. */
export const MAX_TEXT_LENGTH = 256 * 1024;

/** What a text index needs of memory, far above what it uses: nothing that is indexed can make it grow. */
const MAX_THREAD_MB = 128;

/** More texts than these wait only for those who wait themselves. */
const MAX_WAITING = 32;

/** The thread that keeps the text indexes of a Maildir. */
export type TextIndexThread = RequestThread<TextIndexRequest, TextIndexReply>;

export function makeTextIndexThread(): TextIndexThread {
  return new RequestThread(new URL("./text-index-worker.ts", import.meta.url), MAX_THREAD_MB);
}

/**
 * Which messages of a mailbox may contain a text: an index of all threes of characters, in SQLite.
 * A cache like the descriptions, and never needed: what it cannot answer is answered by reading.
 */
export class TextIndex {
  readonly #thread: TextIndexThread;
  readonly #path: string;
  readonly #owner: string;

  constructor(thread: TextIndexThread, folder: string, owner: DescriptionOwner) {
    this.#thread = thread;
    this.#path = join(folder, "secretary.text.sqlite");
    this.#owner = JSON.stringify(owner);
  }

  /** Puts a text into the index, unless that is busy. */
  offer(uid: Uid, text: string): void {
    if (this.#thread.waiting <= MAX_WAITING) void this.put([[uid, text]]);
  }

  /** Resolves when the texts are in the index. */
  async put(texts: readonly (readonly [Uid, string])[]): Promise<void> {
    // One more than is indexed tells that it is not all.
    const cut = texts.map(([uid, text]) => [uid, text.slice(0, MAX_TEXT_LENGTH + 1)] as const);
    await this.#ask({ do: "put", texts: cut });
  }

  /**
   * Resolves with the messages whose text is not in the index, because the file is not there, for example, or too
   * large, when the texts of all others are.
   */
  async putFiles(files: readonly MessagePath[], describer: URL): Promise<Iterable<Uid>> {
    const left = await this.#ask({ do: "put-files", files, describer: describer.href });
    return left ?? files.map(([uid]) => uid);
  }

  remove(uids: readonly Uid[]): void {
    if (this.#thread.isRunning) void this.#ask({ do: "remove", uids: Uint32Array.from(uids) });
  }

  /** Those of all messages whose text is not in the index. Texts of other messages are removed. */
  async findMissing(uids: Uint32Array): Promise<Uint32Array> {
    return (await this.#ask({ do: "find-missing", uids })) ?? new Uint32Array();
  }

  /** Those of the messages that may contain the needle: all that do, and few others. */
  async find(needle: string, uids: Uint32Array): Promise<Uint32Array> {
    return (await this.#ask({ do: "find", needle, uids })) ?? uids;
  }

  async close(): Promise<void> {
    if (this.#thread.isRunning) await this.#ask({ do: "close" });
  }

  async #ask(task: TextIndexTask): Promise<Uint32Array | undefined> {
    return (await this.#thread.ask({ path: this.#path, owner: this.#owner, task }))?.uids;
  }
}
