import { open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { watch } from "chokidar";
import { makePrivateFolder, syncFolder } from "../atomic-file/atomic-file.ts";
import type { Watching } from "./folder-watch.ts";
import { parseMessageName } from "./message-name.ts";
import { readPieces } from "./read-pieces.ts";

/** A message that waits in the spool. */
export interface SpooledMessage {
  readonly baseName: string;
  readonly path: string;
}

/** A plain folder on the Maildir's file system where messages wait to be sorted into mailboxes. */
export interface Spool {
  readonly folder: string;
  /** Oldest first, by the time in their names. */
  list(): Promise<SpooledMessage[]>;
  read(message: SpooledMessage): AsyncIterable<Uint8Array>;
  /** Resolves when the message is gone for good. */
  remove(message: SpooledMessage): Promise<void>;
  /** Calls back when messages may have arrived by another process. Only a hint. */
  watch(onHint: () => void): Watching;
}

/** Opens a spool; makes its folder, durably, when there is none. */
export async function openSpool(folder: string): Promise<Spool> {
  await makePrivateFolder(folder);
  return {
    folder,
    async list() {
      const names = (await readdir(folder)).filter((name) => parseMessageName(name) !== undefined);
      return names.sort(byAge).map((baseName) => ({ baseName, path: join(folder, baseName) }));
    },
    async *read({ path }) {
      yield* readPieces(await open(path));
    },
    async remove({ path }) {
      await unlink(path);
      await syncFolder(folder);
    },
    watch(onHint) {
      const watcher = watch(folder, { depth: 0, ignoreInitial: true }).on("add", onHint).on("error", onHint);
      return { stop: () => watcher.close() };
    },
  };
}

/** Names start with seconds, then microseconds; foreign names come after their like. */
function byAge(a: string, b: string): number {
  const [secondsA, microsecondsA] = ageOf(a);
  const [secondsB, microsecondsB] = ageOf(b);
  return secondsA - secondsB || microsecondsA - microsecondsB || (a < b ? -1 : 1);
}

function ageOf(name: string): [number, number] {
  const [, seconds, microseconds] = /^(\d{1,12})(?:\.M(\d{1,6}))?/.exec(name) ?? [];
  return [Number(seconds ?? 0), Number(microseconds ?? 0)];
}
