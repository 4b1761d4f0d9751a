import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../atomic-file/atomic-file.ts";
import { withDotlock } from "./dotlock.ts";
import { type FileStamp, stampOf } from "./file-stamp.ts";
import { allDone } from "./in-parallel.ts";
import { isMissing } from "./missing.ts";
import type { World } from "./surroundings.ts";
import { parseUidList, type UidList } from "./uidlist-file.ts";

const LF = 0x0a;

function emptyWhenMissing(error: unknown): Uint8Array {
  if (isMissing(error)) return new Uint8Array();
  throw error;
}

/** The file `dovecot-uidlist` of one mailbox, which Dovecot may write as well. */
export class UidListStore {
  readonly #path: string;
  readonly #world: World;
  /** Of what we read or wrote last. */
  #stamp: FileStamp | undefined;
  #isWhole = false;
  #lineCount = 0;

  constructor(folder: string, world: World) {
    this.#path = join(folder, "dovecot-uidlist");
    this.#world = world;
  }

  /** Lines that belong to no message any more are among these. */
  get lineCount(): number {
    return this.#lineCount;
  }

  /** Whether a line can simply be added; else the file has to be written anew. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get stamp(): FileStamp | undefined {
    return this.#stamp;
  }

  /** Takes the file for read, as somebody who has an up-to-date copy of it. */
  adopt(stamp: FileStamp, lineCount: number): void {
    this.#stamp = stamp;
    this.#lineCount = lineCount;
    this.#isWhole = true;
  }

  /**
   * What the file says, if that is not what we read or wrote last. Undefined also when it is missing or no
   * such file; `isWhole` is false then.
   */
  async readIfChanged(): Promise<UidList | undefined> {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return undefined;
    const octets = await readFile(this.#path).catch(emptyWhenMissing);
    const list = parseUidList(octets);
    this.#stamp = stamp;
    this.#isWhole = list !== undefined && list.mailboxId !== "" && octets.at(-1) === LF;
    this.#lineCount = list?.entries.size ?? 0;
    return list;
  }

  /** What the file says is not all it should: next time it is written anew. */
  distrust(): void {
    this.#isWhole = false;
  }

  /** While something is done to the file, nobody else changes it. */
  whileLocked<T>(act: () => Promise<T>): Promise<T> {
    return withDotlock(this.#path, this.#world, act);
  }

  /**
   * Adds lines, or writes the file anew where they cannot be added. Resolves when they are on disk, and
   * `alongside` is done: what it makes durable shares one write of the file system's journal with them.
   */
  async add(
    lines: readonly string[],
    { whole, alongside }: { whole: () => string[]; alongside: () => Promise<unknown> },
  ): Promise<void> {
    if (!this.#isWhole) {
      await allDone([this.replace(whole()), alongside()]);
      return;
    }
    this.#isWhole = false; // unless all goes well
    const file = await open(this.#path, "a", 0o600);
    try {
      await file.writeFile(lines.join(""));
      await allDone([file.sync(), alongside()]);
    } finally {
      await file.close();
    }
    this.#isWhole = true;
    this.#lineCount += lines.length;
    this.#stamp = stampOf(this.#path);
  }

  /** Writes the file anew: the header and a line for each message. */
  async replace(whole: readonly string[]): Promise<void> {
    await writeFileAtomically(this.#path, new TextEncoder().encode(whole.join("")));
    this.#isWhole = true;
    this.#lineCount = whole.length - 1;
    this.#stamp = stampOf(this.#path);
  }
}
