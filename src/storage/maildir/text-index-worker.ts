/**
 * A thread that keeps the text indexes: SQLite takes up to half a millisecond for a message, and longer when it
 * tidies up. Answers each request with one message, in order.
 */
import { rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { inodeOf } from "./file-stamp.ts";
import type { Describer } from "./mailbox-view.ts";
import { readSmallFile } from "./read-small-file.ts";
import { joinText } from "./sought-text.ts";
import {
  MAX_TEXT_LENGTH,
  type MessagePath,
  type TextIndexReply,
  type TextIndexRequest,
} from "./text-index.ts";

/** So many trigrams of a needle leave few messages that do not contain it. */
const MAX_TRIGRAMS = 40;

/** Texts written together. */
const MAX_UNCOMMITTED = 64;

/** How long texts wait for others to be written with. */
const COMMIT_DELAY_MS = 100;

interface OpenIndex {
  readonly database: DatabaseSync;
  /** Of its file. */
  readonly inode: bigint | undefined;
  readonly put: StatementSync;
  readonly putDone: StatementSync;
  readonly remove: StatementSync;
  readonly removeDone: StatementSync;
  readonly match: StatementSync;
  /** Messages whose text is in the index; true for those of which only a part is. */
  readonly isPartial: Map<number, boolean>;
  uncommitted: number;
  timer: NodeJS.Timeout | undefined;
}

const opened = new Map<string, OpenIndex>();

function openIndex(path: string, owner: string): OpenIndex {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS owner (value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS done (uid INTEGER PRIMARY KEY, isPartial INTEGER NOT NULL) STRICT;
    CREATE VIRTUAL TABLE IF NOT EXISTS trigram USING fts5
      (text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
  `);
  if (database.prepare("SELECT value FROM owner").get()?.value !== owner) {
    database.exec("DELETE FROM owner; DELETE FROM done; INSERT INTO trigram (trigram) VALUES ('delete-all')");
    database.prepare("INSERT INTO owner VALUES (?)").run(owner);
  }
  const done = database.prepare("SELECT uid, isPartial FROM done").all();
  return {
    database,
    inode: inodeOf(path),
    put: database.prepare("INSERT INTO trigram (rowid, text) VALUES (?, ?)"),
    putDone: database.prepare("INSERT INTO done VALUES (?, ?)"),
    remove: database.prepare("DELETE FROM trigram WHERE rowid = ?"),
    removeDone: database.prepare("DELETE FROM done WHERE uid = ?"),
    match: prepareMatch(database),
    isPartial: new Map(done.map(({ uid, isPartial }) => [Number(uid), isPartial === 1])),
    uncommitted: 0,
    timer: undefined,
  };
}

/** Rows as arrays: where a needle is in most messages, objects would take longer than finding them. */
function prepareMatch(database: DatabaseSync): StatementSync {
  const match = database.prepare("SELECT rowid FROM trigram WHERE trigram MATCH ? AND rowid BETWEEN ? AND ?");
  match.setReturnArrays(true);
  return match;
}

function begin(index: OpenIndex): void {
  if (index.uncommitted === 0) {
    index.database.exec("BEGIN");
    index.timer = setTimeout(() => commit(index), COMMIT_DELAY_MS);
  }
  index.uncommitted += 1;
}

function commit(index: OpenIndex): void {
  clearTimeout(index.timer);
  if (index.uncommitted > 0) index.database.exec("COMMIT");
  index.uncommitted = 0;
}

function put(index: OpenIndex, uid: number, text: string): void {
  if (index.isPartial.has(uid)) return;
  const isPartial = text.length > MAX_TEXT_LENGTH;
  begin(index);
  // SQLite takes a NUL for an end or for nothing; no needle with one is looked for here.
  index.put.run(uid, text.slice(0, MAX_TEXT_LENGTH).replaceAll("\0", " "));
  index.putDone.run(uid, isPartial ? 1 : 0);
  index.isPartial.set(uid, isPartial);
  if (index.uncommitted >= MAX_UNCOMMITTED) commit(index);
}

/** Those of the messages that are not in the index then. */
function putFiles(
  index: OpenIndex,
  files: readonly MessagePath[],
  describer: Describer | undefined,
): Uint32Array {
  const left: number[] = [];
  for (const [uid, path] of files) {
    const file = readSmallFile(path);
    const text = file && describer && readText(file.octets, describer);
    if (text === undefined) left.push(uid);
    else put(index, uid, text);
  }
  return Uint32Array.from(left);
}

/** Undefined when there is none to be made of the message. */
function readText(octets: Uint8Array, describer: Describer): string | undefined {
  try {
    return joinText(describer.describeWhole(octets).text());
  } catch {
    return undefined;
  }
}

/** Without one, all is left to others. */
async function loadDescriber(module: string): Promise<Describer | undefined> {
  try {
    return (await import(module)).describer;
  } catch {
    return undefined;
  }
}

function remove(index: OpenIndex, uids: Iterable<number>): void {
  for (const uid of uids) {
    if (!index.isPartial.delete(uid)) continue;
    begin(index);
    index.remove.run(uid);
    index.removeDone.run(uid);
  }
  commit(index);
}

function findMissing(index: OpenIndex, uids: Uint32Array): Uint32Array {
  const present = new Set(uids);
  remove(
    index,
    [...index.isPartial.keys()].filter((uid) => !present.has(uid)),
  );
  return uids.filter((uid) => !index.isPartial.has(uid));
}

/** Those of the messages, which ascend, that may contain the needle: all, when it is too short to tell. */
function findCandidates(index: OpenIndex, needle: string, uids: Uint32Array): Uint32Array {
  const trigrams = trigramsOf(needle);
  if (trigrams.length === 0) return uids;
  const query = trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(" AND ");
  const rows = index.match.all(query, uids[0] ?? 0, uids.at(-1) ?? 0) as unknown as [number][];
  const matching = new Set(rows.map(([rowid]) => rowid));
  return uids.filter((uid) => matching.has(uid) || index.isPartial.get(uid) !== false);
}

function trigramsOf(needle: string): string[] {
  const characters = [...needle];
  const trigrams = new Set<string>();
  for (let at = 0; at + 3 <= characters.length && trigrams.size < MAX_TRIGRAMS; at += 1) {
    const trigram = characters.slice(at, at + 3).join("");
    if (!trigram.includes("\0")) trigrams.add(trigram);
  }
  return [...trigrams];
}

function close(path: string): void {
  const index = opened.get(path);
  opened.delete(path);
  if (index === undefined) return;
  commit(index);
  index.database.close();
}

/** Gives up an index that is damaged, or whose file somebody removed. */
function startAnew(path: string): void {
  const index = opened.get(path);
  opened.delete(path);
  clearTimeout(index?.timer);
  try {
    index?.database.close();
  } catch {
    // A damaged database need not close well.
  }
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

async function answer({ path, owner, task }: TextIndexRequest): Promise<Uint32Array> {
  if (task.do === "close") {
    close(path);
    return NONE;
  }
  const known = opened.get(path);
  if (known !== undefined && inodeOf(path) !== known.inode) startAnew(path);
  const index = opened.get(path) ?? openIndex(path, owner);
  opened.set(path, index);
  switch (task.do) {
    case "put":
      for (const [uid, text] of task.texts) put(index, uid, text);
      return NONE;
    case "put-files":
      return putFiles(index, task.files, await loadDescriber(task.describer));
    case "remove":
      remove(index, task.uids);
      return NONE;
    case "find-missing":
      return findMissing(index, task.uids);
    case "find":
      return findCandidates(index, task.needle, task.uids);
  }
}

const NONE = new Uint32Array();

let last = Promise.resolve();

parentPort?.on("message", (request: TextIndexRequest) => {
  last = last.then(async () => {
    let uids: Uint32Array | undefined;
    try {
      uids = await answer(request);
    } catch {
      startAnew(request.path);
    }
    parentPort?.postMessage({ uids } satisfies TextIndexReply);
  });
});
