import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Uid } from "./mailbox-view.ts";

/** To whom the descriptions belong; those of anybody else are of no use. */
export interface DescriptionOwner {
  readonly uidValidity: number;
  readonly mailboxId: string;
  /** Of the describer. */
  readonly version: number;
}

type Row = readonly [Uid, Uint8Array];

/** More than this many UIDs per wanted one, and looking each up is faster than reading a range. */
const MAX_SPREAD = 8;

/**
 * What the describer made of a mailbox's messages, in SQLite: a cache. A damaged file is thrown away, and
 * a disk that cannot be written to only means that descriptions are made again.
 */
export class DescriptionStore {
  readonly #path: string;
  readonly #owner: DescriptionOwner;
  #opened: Opened | undefined;
  #isClosed = false;

  constructor(folder: string, owner: DescriptionOwner) {
    this.#path = join(folder, "secretary.index.sqlite");
    this.#owner = owner;
  }

  /** The descriptions there are of these messages, whose UIDs ascend. */
  get(uids: readonly Uid[]): Map<Uid, Uint8Array> {
    return this.#attempt(new Map(), ({ one, range }) => {
      const [first = 0, last = 0] = [uids[0], uids.at(-1)];
      const isDense = last - first < uids.length * MAX_SPREAD;
      const rows = isDense ? range.all(first, last) : uids.map((uid) => one.get(uid));
      return new Map((rows as unknown as (Row | undefined)[]).filter((row) => row !== undefined));
    });
  }

  put(descriptions: ReadonlyMap<Uid, Uint8Array>): void {
    this.#attempt(undefined, ({ database, put }) => {
      database.exec("BEGIN");
      for (const [uid, description] of descriptions) put.run(uid, description);
      database.exec("COMMIT");
    });
  }

  remove(uids: readonly Uid[]): void {
    this.#attempt(undefined, ({ database, remove }) => {
      database.exec("BEGIN");
      for (const uid of uids) remove.run(uid);
      database.exec("COMMIT");
    });
  }

  /** From now on it is empty. */
  close(): void {
    this.#isClosed = true;
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #attempt<T>(otherwise: T, act: (opened: Opened) => T): T {
    if (this.#isClosed) return otherwise;
    try {
      this.#opened ??= open(this.#path, this.#owner);
      return act(this.#opened);
    } catch {
      this.#startAnew();
      return otherwise;
    }
  }

  #startAnew(): void {
    try {
      this.#opened?.database.close();
    } catch {
      // A damaged database need not close well.
    }
    this.#opened = undefined;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.#path + suffix, { force: true });
  }
}

interface Opened {
  readonly database: DatabaseSync;
  readonly one: StatementSync;
  readonly range: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

function open(path: string, owner: DescriptionOwner): Opened {
  const database = new DatabaseSync(path);
  // Nothing is lost when the last transactions are, but a damaged database costs all of it.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec("CREATE TABLE IF NOT EXISTS owner (value TEXT NOT NULL) STRICT");
  database.exec(
    "CREATE TABLE IF NOT EXISTS message (uid INTEGER PRIMARY KEY, description BLOB NOT NULL) STRICT",
  );
  const value = JSON.stringify(owner);
  if (database.prepare("SELECT value FROM owner").get()?.value !== value) {
    database.exec("DELETE FROM owner; DELETE FROM message");
    database.prepare("INSERT INTO owner VALUES (?)").run(value);
  }
  const one = database.prepare("SELECT uid, description FROM message WHERE uid = ?");
  const range = database.prepare("SELECT uid, description FROM message WHERE uid BETWEEN ? AND ?");
  // An object for each row takes as long as reading the row.
  for (const statement of [one, range]) statement.setReturnArrays(true);
  return {
    database,
    one,
    range,
    put: database.prepare("INSERT OR REPLACE INTO message VALUES (?, ?)"),
    remove: database.prepare("DELETE FROM message WHERE uid = ?"),
  };
}
