import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { DescriptionPart, DescriptionParts, Uid } from "./mailbox-view.ts";

/** To whom the descriptions belong; those of anybody else are of no use. */
export interface DescriptionOwner {
  readonly uidValidity: number;
  readonly mailboxId: string;
  /** Of the describer. */
  readonly version: number;
}

/** All parts; each has a table of its own. */
export const DESCRIPTION_PARTS: readonly DescriptionPart[] = ["keys", "header", "structure"];

/** Of one part. */
type Row = readonly [Uid, string];

/** Of the tables. Another one is a cache of somebody else. */
const FORM = 2;

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

  /** Parts of the descriptions there are of these messages, whose UIDs ascend. */
  get<Part extends DescriptionPart>(
    uids: readonly Uid[],
    parts: readonly Part[],
  ): Map<Uid, Pick<DescriptionParts, Part>> {
    return this.#attempt(new Map(), ({ tables }) => {
      const found = new Map<Uid, Partial<Record<DescriptionPart, string>>>();
      for (const part of parts) {
        for (const row of readRows(tables[part], uids)) {
          if (row === undefined) continue;
          const description = found.get(row[0]);
          if (description === undefined) found.set(row[0], { [part]: row[1] });
          else description[part] = row[1];
        }
      }
      return found as Map<Uid, Pick<DescriptionParts, Part>>; // one transaction writes all parts
    });
  }

  put(descriptions: ReadonlyMap<Uid, DescriptionParts>): void {
    this.#attempt(undefined, ({ database, tables }) => {
      database.exec("BEGIN");
      for (const part of DESCRIPTION_PARTS) {
        for (const [uid, description] of descriptions) tables[part].put.run(uid, description[part]);
      }
      database.exec("COMMIT");
    });
  }

  remove(uids: readonly Uid[]): void {
    this.#attempt(undefined, ({ database, tables }) => {
      database.exec("BEGIN");
      for (const part of DESCRIPTION_PARTS) for (const uid of uids) tables[part].remove.run(uid);
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
  readonly tables: Readonly<Record<DescriptionPart, Table>>;
}

/** The statements for one part. */
interface Table {
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
  const value = JSON.stringify({ ...owner, form: FORM });
  if (database.prepare("SELECT value FROM owner").get()?.value !== value) {
    database.exec("DROP TABLE IF EXISTS message; DELETE FROM owner");
    for (const part of DESCRIPTION_PARTS) database.exec(`DROP TABLE IF EXISTS ${part}`);
    database.prepare("INSERT INTO owner VALUES (?)").run(value);
  }
  const tables = {
    keys: openTable(database, "keys"),
    header: openTable(database, "header"),
    structure: openTable(database, "structure"),
  };
  return { database, tables };
}

/** Text, because V8 reads it in half of the time that it takes for octets. */
function openTable(database: DatabaseSync, part: DescriptionPart): Table {
  database.exec(`CREATE TABLE IF NOT EXISTS ${part} (uid INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`);
  const one = database.prepare(`SELECT uid, text FROM ${part} WHERE uid = ?`);
  const range = database.prepare(`SELECT uid, text FROM ${part} WHERE uid BETWEEN ? AND ?`);
  // An object for each row takes as long as reading the row.
  for (const statement of [one, range]) statement.setReturnArrays(true);
  return {
    one,
    range,
    put: database.prepare(`INSERT OR REPLACE INTO ${part} VALUES (?, ?)`),
    remove: database.prepare(`DELETE FROM ${part} WHERE uid = ?`),
  };
}

function readRows({ one, range }: Table, uids: readonly Uid[]): readonly (Row | undefined)[] {
  const [first = 0, last = 0] = [uids[0], uids.at(-1)];
  const isDense = last - first < uids.length * MAX_SPREAD;
  const rows: unknown = isDense ? range.all(first, last) : uids.map((uid) => one.get(uid));
  return rows as readonly (Row | undefined)[];
}
