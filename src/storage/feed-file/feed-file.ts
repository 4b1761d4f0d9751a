/**
 * The published calendar: one file, replaced atomically, and its copy in memory with the validators
 * of RFC 9110 §8.8, so that no request reads the disk. It does not know what is in the file.
 */
import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import type { Stats } from "node:fs";
import { readFile, stat, utimes } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { watch } from "chokidar";
import { isMissing, makePrivateFolder, writePiecesAtomically } from "../atomic-file/atomic-file.ts";

/** What readers get; all of it changes together. */
export interface PublishedFeed {
  readonly octets: Uint8Array;
  /** Strong, made from the octets, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

export interface FeedFile {
  /** Nothing before the first publication: an empty feed would empty every reader's calendar. */
  current(): PublishedFeed | undefined;
  /**
   * Replaces file and copy, the copy when the file is durable. Rejects when the disk fails; readers
   * then keep the feed before. Publications follow each other in the order of the calls.
   */
  publish(octets: Uint8Array, lastModified: Date): Promise<void>;
  /** Looks whether the file is still the one that was published. Resolves when that has been reported. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

/** Large enough that the disk is busy while a piece is hashed. */
const PIECE_OCTETS = 4_194_304;

/** The watcher is deaf once its folder was removed, and on network file systems: this is not. */
const RECHECK_MS = 60_000;

/**
 * Takes over the feed that is there, if there is one. `onForeignChange` is called when the file was
 * removed or changed by somebody else; readers go on getting the copy.
 */
export async function openFeedFile(file: string, onForeignChange: () => void): Promise<FeedFile> {
  const path = resolve(file); // as the watcher reports it
  await makePrivateFolder(dirname(path));
  let known = await readState(path);
  let current = known && known.octets.length > 0 ? feedOf(known) : undefined;
  let queue = Promise.resolve();

  /** Checks must not see a file that is being published, nor publications overtake each other. */
  function enqueue(task: () => Promise<void>): Promise<void> {
    const done = queue.then(task);
    queue = done.catch(() => undefined); // whoever asked for it hears of it
    return done;
  }

  async function replace(octets: Uint8Array, lastModified: Date): Promise<void> {
    await makePrivateFolder(dirname(path));
    const hash = createHash("sha256");
    await writePiecesAtomically(path, hashed(octets, hash));
    // Last-Modified outlives a restart as the file's time.
    await utimes(path, lastModified, lastModified);
    known = { octets, stats: await stat(path) };
    current = toFeed(octets, hash, lastModified);
  }

  async function compare(): Promise<void> {
    const stats = await stat(path).catch(() => undefined); // gone, or out of reach: both are reported
    if (stats && known && isSameFile(stats, known.stats)) return;
    const found = stats && (await readState(path).catch(() => undefined));
    const isUnchanged = found && current && Buffer.compare(found.octets, current.octets) === 0;
    if (isUnchanged) known = found;
    else if (current) onForeignChange();
  }

  const check = () => enqueue(compare);
  const watcher = watch(dirname(path), { depth: 0, ignoreInitial: true }).on("all", (_event, changed) => {
    if (changed === path) void check();
  });
  watcher.on("error", () => undefined); // RECHECK_MS is there for that
  // It reports only what it has seen; where it cannot watch at all, nobody waits for it.
  await once(watcher, "ready").catch(() => undefined);
  const recheck = setInterval(() => void check(), RECHECK_MS).unref();

  return {
    current: () => current,
    publish: (octets, lastModified) => enqueue(() => replace(octets, lastModified)),
    check,
    async stop() {
      clearInterval(recheck);
      await watcher.close();
      await queue;
    },
  };
}

/** The feed that is there, for whom only looks. */
export async function readFeedFile(path: string): Promise<PublishedFeed | undefined> {
  const found = await readState(path);
  return found && feedOf(found);
}

interface FileState {
  readonly octets: Uint8Array;
  readonly stats: Stats;
}

async function readState(path: string): Promise<FileState | undefined> {
  try {
    return { octets: await readFile(path), stats: await stat(path) };
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new Error(`Cannot read "${path}"`, { cause });
  }
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeMs === other.mtimeMs;
}

/** The octets in pieces; each is hashed while it is being written. */
function* hashed(octets: Uint8Array, hash: Hash): Generator<Uint8Array> {
  for (let start = 0; start < octets.length; start += PIECE_OCTETS) {
    const piece = octets.subarray(start, start + PIECE_OCTETS);
    yield piece;
    hash.update(piece);
  }
}

function feedOf({ octets, stats }: FileState): PublishedFeed {
  return toFeed(octets, createHash("sha256").update(octets), stats.mtime);
}

function toFeed(octets: Uint8Array, hash: Hash, lastModified: Date): PublishedFeed {
  return { octets, etag: `"${hash.digest("base64url")}"`, lastModified };
}
