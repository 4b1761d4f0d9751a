import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Checkpoints } from "./checkpoints.ts";
import { inodeOf } from "./file-stamp.ts";
import type {
  DaySearch,
  DescriptionPart,
  DescriptionParts,
  MessageKeys,
  OrderPart,
  TextSearch,
  Uid,
} from "./mailbox-view.ts";

/** To whom the descriptions belong; those of anybody else are of no use. */
export interface DescriptionOwner {
  readonly uidValidity: number;
  readonly mailboxId: string;
  /** Of the describer. */
  readonly version: number;
}

/** The tables, and the columns in each: who reads short ones shall not read over long ones. */
const TABLES = {
  keys: ["sentAt", "sentDay", "subjectKey", "fromKey", "toKey", "ccKey", "idKey", "answersKey"],
  texts: ["from", "to", "cc", "bcc", "subject", "messageId"],
  header: ["header"],
  structure: ["structure"],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

type Column = keyof MessageKeys | DescriptionPart;

type TableName = keyof typeof TABLES;

const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Where each message that is described has a row. */
const DESCRIPTION_TABLES = ["header", "structure"] as const;

/** Where each message has a row whose keys were made. */
const KEY_TABLES = ["keys", "texts"] as const;

type Row = readonly [uid: Uid, value: Value];

type Value = string | number | null;

/** Of the tables. Another one is a cache of somebody else. */
const FORM = 4;

/** How long we wait for a thread that makes a checkpoint and was the last to close the database. */
const BUSY_TIMEOUT_MS = 5000;

/** SQLite makes a checkpoint itself, here and now, when for some reason nobody made one before. */
const MAX_LOG_PAGES = 64 * 1024;

/** What is kept of the log's file once it was checkpointed. */
const MAX_IDLE_LOG_OCTETS = 4 * 1024 * 1024;

/** More than this many UIDs per wanted one, and looking each up is faster than reading a range. */
const MAX_SPREAD = 8;

/**
 * What the describer made of a mailbox's messages, in SQLite: a cache. A damaged file is thrown away, and
 * a disk that cannot be written to only means that descriptions are made again.
 */
export class DescriptionStore {
  readonly #path: string;
  readonly #owner: DescriptionOwner;
  readonly #checkpoints: Checkpoints;
  #opened: Opened | undefined;
  #isClosed = false;

  constructor(folder: string, owner: DescriptionOwner) {
    this.#path = join(folder, "secretary.index.sqlite");
    this.#checkpoints = new Checkpoints(this.#path);
    this.#owner = owner;
  }

  /** Parts of each of the messages' descriptions, where there is one; the UIDs ascend. */
  get<Part extends DescriptionPart>(
    uids: readonly Uid[],
    wanted: readonly Part[],
  ): (Pick<DescriptionParts, Part> | undefined)[] {
    return this.#attempt(Array(uids.length).fill(undefined), (opened) => {
      const found: (Record<string, Value> | undefined)[] = Array(uids.length).fill(undefined);
      for (const part of wanted) {
        let nth = 0;
        for (const [uid, value] of readRows(readerOf(opened, part), uids)) {
          while (nth < uids.length && (uids[nth] ?? 0) < uid) nth += 1;
          if (uids[nth] !== uid) continue;
          const parts = found[nth] ?? {};
          parts[part] = value;
          found[nth] = parts;
        }
      }
      return found as (Pick<DescriptionParts, Part> | undefined)[]; // one transaction writes all parts
    });
  }

  /** Keys of the messages in columns, as long as the list of UIDs; undefined where they were not made. */
  columns<Part extends OrderPart>(
    uids: readonly Uid[],
    parts: readonly Part[],
  ): (MessageKeys[Part] | undefined)[][] {
    const columns: unknown[][] = parts.map(() => Array(uids.length).fill(undefined));
    this.#attempt(undefined, (opened) => {
      let nth = 0;
      for (const [found = [], ...values] of readColumns(columnReaderOf(opened, parts), uids)) {
        for (let at = 0; at < found.length; at += 1) {
          while (nth < uids.length && (uids[nth] ?? 0) < Number(found[at])) nth += 1;
          if (uids[nth] !== found[at]) continue;
          for (let column = 0; column < columns.length; column += 1) {
            (columns[column] ?? [])[nth] = values[column]?.[at];
          }
        }
      }
    });
    return columns as (MessageKeys[Part] | undefined)[][];
  }

  /**
   * See `MailboxView.find`; `HAS_NO_KEYS` where they were not made. SQLite looks into a text in less time than it
   * takes to hand it over.
   */
  find(uids: readonly Uid[], search: TextSearch | DaySearch): Uint8Array {
    const found = new Uint8Array(uids.length).fill(HAS_NO_KEYS);
    this.#attempt(undefined, (opened) => {
      let nth = 0;
      const wanted = search.part === "sentDay" ? search.day : search.needle;
      for (const code of findRows(finderOf(opened, search), uids, wanted)) {
        const uid = Math.floor(code / CODES);
        while (nth < uids.length && (uids[nth] ?? 0) < uid) nth += 1;
        if (uids[nth] === uid) found[nth] = code % CODES;
      }
    });
    return found;
  }

  put(descriptions: ReadonlyMap<Uid, DescriptionParts>): void {
    this.#write(descriptions.size, (writers) => {
      for (const table of DESCRIPTION_TABLES) {
        for (const [uid, description] of descriptions) writers[table].put.run(uid, description[table]);
      }
    });
  }

  putKeys(keys: ReadonlyMap<Uid, MessageKeys>): void {
    this.#write(keys.size, (writers) => {
      for (const table of KEY_TABLES) {
        for (const [uid, each] of keys) writers[table].put.run(uid, ...TABLES[table].map((key) => each[key]));
      }
    });
  }

  remove(uids: readonly Uid[]): void {
    this.#write(uids.length, (writers) => {
      for (const table of TABLE_NAMES) for (const uid of uids) writers[table].remove.run(uid);
    });
  }

  /** Whether somebody removed the file: then it is empty, and there is a new one when something is put there. */
  forgetIfRemoved(): boolean {
    if (this.#opened === undefined || inodeOf(this.#path) === this.#opened.inode) return false;
    this.#letGo();
    this.#startAnew();
    return true;
  }

  /** From now on it is empty. */
  close(): void {
    this.#isClosed = true;
    this.#checkpoints.stop();
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  /** In one transaction, of so many messages. */
  #write(count: number, act: (writers: Opened["writers"]) => void): void {
    this.#attempt(undefined, ({ database, writers }) => {
      database.exec("BEGIN");
      act(writers);
      database.exec("COMMIT");
      this.#checkpoints.count(count);
    });
  }

  #attempt<T>(otherwise: T, act: (opened: Opened) => T): T {
    if (this.#isClosed) return otherwise;
    try {
      this.#opened ??= open(this.#path, this.#owner);
      return act(this.#opened);
    } catch (error) {
      this.#letGo(); // of a transaction that was begun, too
      if (!isBusy(error)) this.#startAnew();
      return otherwise;
    }
  }

  #letGo(): void {
    try {
      this.#opened?.database.close();
    } catch {
      // A damaged database need not close well.
    }
    this.#opened = undefined;
  }

  #startAnew(): void {
    try {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(this.#path + suffix, { force: true });
    } catch {
      // The disk cannot be written to. There are no descriptions, then.
    }
  }
}

interface Opened {
  readonly database: DatabaseSync;
  /** Of its file. */
  readonly inode: bigint | undefined;
  readonly writers: Readonly<Record<TableName, Writer>>;
  /** Statements that were needed already. */
  readonly readers: Map<string, Reader>;
}

interface Writer {
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

/** One reads a message's row, the other those of a range of UIDs. */
interface Reader {
  readonly one: StatementSync;
  readonly range: StatementSync;
}

/** Whether somebody else has the database just now: that is no damage (SQLITE_BUSY, whatever the reason). */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

function open(path: string, owner: DescriptionOwner): Opened {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    return { ...prepareFor(database, owner), inode: inodeOf(path) };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareFor(database: DatabaseSync, owner: DescriptionOwner): Omit<Opened, "inode"> {
  // Nothing is lost when the last transactions are, but a damaged database costs all of it.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(
    `PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}; PRAGMA journal_size_limit = ${MAX_IDLE_LOG_OCTETS}`,
  );
  database.exec("CREATE TABLE IF NOT EXISTS owner (value TEXT NOT NULL) STRICT");
  const value = JSON.stringify({ ...owner, form: FORM });
  if (database.prepare("SELECT value FROM owner").get()?.value !== value) {
    database.exec("DELETE FROM owner");
    for (const table of TABLE_NAMES) database.exec(`DROP TABLE IF EXISTS ${table}`);
    database.prepare("INSERT INTO owner VALUES (?)").run(value);
  }
  const writers = {
    keys: openTable(database, "keys"),
    texts: openTable(database, "texts"),
    header: openTable(database, "header"),
    structure: openTable(database, "structure"),
  };
  return { database, writers, readers: new Map() };
}

function openTable(database: DatabaseSync, table: TableName): Writer {
  const columns = TABLES[table].map((part) => `"${part}" ${isNumber(part) ? "INTEGER" : "TEXT"}`);
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (uid INTEGER PRIMARY KEY, ${columns.join(", ")}) STRICT`,
  );
  return {
    put: database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?${", ?".repeat(columns.length)})`),
    remove: database.prepare(`DELETE FROM ${table} WHERE uid = ?`),
  };
}

function isNumber(column: Column): boolean {
  return column === "sentAt" || column === "sentDay";
}

/** The table is called like its only column. */
function readerOf(opened: Opened, part: DescriptionPart): Reader {
  return prepare(opened, part, (where) => `SELECT uid, "${part}" FROM ${part} WHERE ${where}`);
}

/** Besides what `find` answers for those that have the text, 0 and 1. */
export const IS_UNKNOWN = 2;

/** Besides what `find` answers for those that have keys. */
export const HAS_NO_KEYS = 3;

/** A UID times this, with what is found of it, is one number. */
const CODES = 4;

const RELATIONS = { before: "<", on: "=", since: ">=" } as const satisfies Record<
  DaySearch["relation"],
  string
>;

/** One string for all rows takes half of the time of a row for each. */
function finderOf(opened: Opened, search: TextSearch | DaySearch): Reader {
  const isDay = search.part === "sentDay";
  const isWanted = isDay ? `sentDay ${RELATIONS[search.relation]} ?` : `instr("${search.part}", ?) > 0`;
  const code = `uid * ${CODES} + iif("${search.part}" IS NULL, ${IS_UNKNOWN}, ${isWanted})`;
  const table: TableName = isDay ? "keys" : "texts";
  return prepare(opened, code, (where) => `SELECT json_group_array(${code}) FROM ${table} WHERE ${where}`);
}

/** Likewise a string for each column. */
function columnReaderOf(opened: Opened, columns: readonly OrderPart[]): Reader {
  const arrays = ["uid", ...columns].map((column) => `json_group_array("${column}")`).join(", ");
  return prepare(opened, arrays, (where) => `SELECT ${arrays} FROM keys WHERE ${where}`);
}

function prepare({ database, readers }: Opened, name: string, select: (where: string) => string): Reader {
  const known = readers.get(name);
  if (known !== undefined) return known;
  const one = database.prepare(select("uid = ?"));
  const range = database.prepare(select("uid BETWEEN ? AND ?"));
  // An object for each row takes as long as reading the row.
  for (const statement of [one, range]) statement.setReturnArrays(true);
  readers.set(name, { one, range });
  return { one, range };
}

function readRows({ one, range }: Reader, uids: readonly Uid[]): readonly Row[] {
  const [first = 0, last = 0] = [uids[0], uids.at(-1)];
  const rows: unknown = isDense(uids) ? range.all(first, last) : uids.flatMap((uid) => one.all(uid));
  return rows as readonly Row[];
}

/** UIDs and the columns, several times where the UIDs are far apart. */
function readColumns({ one, range }: Reader, uids: readonly Uid[]): Value[][][] {
  const [first = 0, last = 0] = [uids[0], uids.at(-1)];
  const rows: unknown = isDense(uids) ? [range.get(first, last)] : uids.map((uid) => one.get(uid));
  return (rows as readonly string[][]).map((columns) => columns.map((column) => JSON.parse(column)));
}

function findRows({ one, range }: Reader, uids: readonly Uid[], wanted: string | number): number[] {
  const [first = 0, last = 0] = [uids[0], uids.at(-1)];
  const rows: unknown = isDense(uids)
    ? [range.get(wanted, first, last)]
    : uids.map((uid) => one.get(wanted, uid));
  return (rows as readonly [string][]).flatMap(([codes]) => JSON.parse(codes));
}

function isDense(uids: readonly Uid[]): boolean {
  return (uids.at(-1) ?? 0) - (uids[0] ?? 0) < uids.length * MAX_SPREAD;
}
