import { chmodSync, existsSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Decision, StoredGroup, StoredMessageRow, StoredPayload } from "./rows.ts";
import { SCHEMA, SCHEMA_VERSION, TABLES } from "./schema.ts";

/** The decision log keeps this many; the oldest go first. */
const MAX_DECISIONS = 200_000;

/** Another process that looks into it holds a lock for moments only. */
const BUSY_MS = 5_000;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE_CODES = [11, 26];

/** There is a database, but nothing can be done with it. */
class Useless extends Error {}

type Row = Record<string, string | number | null>;

/**
 * The agenda's tables. Everything is synchronous: one writer, small transactions, no server. Losing the
 * last of them in a power cut costs nothing but the time to read those messages again.
 */
export class AgendaDb {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens or makes the database, to write to it; who does holds the writer's lock. One that is damaged or
   * has tables of another version is removed and made anew; any other failure, a full disk for instance,
   * is thrown.
   * @param fingerprint of the settings that readings depend on: when it changes, everything is read again
   */
  static open(path: string, fingerprint: string): AgendaDb {
    let opened: AgendaDb;
    try {
      opened = AgendaDb.#openAt(path);
    } catch (cause) {
      if (!isUseless(cause)) throw new Error(`Cannot open "${path}"`, { cause });
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
      opened = AgendaDb.#openAt(path);
    }
    if (path !== ":memory:") chmodSync(path, 0o600);
    opened.#forgetIfOutdated(fingerprint);
    return opened;
  }

  /** Opens the database to look into it, beside whoever writes it; where there is none, an empty one. */
  static peek(path: string): AgendaDb {
    if (!existsSync(path)) return AgendaDb.#openAt(":memory:");
    // Not SQLite's own read-only mode: that would leave its log and index files behind.
    const database = new DatabaseSync(addressOf(path), { timeout: BUSY_MS });
    database.exec("PRAGMA query_only = ON");
    return new AgendaDb(database);
  }

  /** What the database says now, in memory, to try things on; empty when there is none. */
  static copy(path: string): AgendaDb {
    const copy = AgendaDb.#openAt(":memory:");
    if (!existsSync(path)) return copy;
    copy.#run("ATTACH ? AS stored", addressOf(path).href);
    copy.transaction(() => {
      for (const table of TABLES) copy.#database.exec(`INSERT INTO ${table} SELECT * FROM stored.${table}`);
    });
    copy.#database.exec("DETACH stored");
    return copy;
  }

  static #openAt(path: string): AgendaDb {
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_MS });
    try {
      const { user_version } = database.prepare("PRAGMA user_version").get() as Row;
      const isNew = database.prepare("SELECT name FROM sqlite_schema").get() === undefined;
      if (!isNew && user_version !== SCHEMA_VERSION) throw new Useless("It has tables of another version");
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
      database.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      const { quick_check } = database.prepare("PRAGMA quick_check(1)").get() as Row;
      if (quick_check !== "ok") throw new Useless(String(quick_check));
      return new AgendaDb(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #forgetIfOutdated(fingerprint: string): void {
    const [row] = this.#all("SELECT value FROM meta WHERE name = 'fingerprint'");
    if (row?.value === fingerprint) return;
    this.transaction(() => {
      this.forgetMessages();
      this.#run("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", fingerprint);
    });
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Runs `work` in one transaction; if it throws, nothing of it happened. */
  transaction<T>(work: () => T): T {
    if (this.#database.isTransaction) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Empties what was read from messages; the counters of the feed stay. */
  forgetMessages(): void {
    for (const table of ["payload", "message"]) this.#run(`DELETE FROM ${table}`);
    this.#run("UPDATE event_group SET json = '', cancelled_at = NULL");
    this.#run("DELETE FROM meta WHERE name = 'complete'");
  }

  /** Whether the whole mailbox was read once: since then, a message we did not announce is the user's doing. */
  get isComplete(): boolean {
    return this.#all("SELECT value FROM meta WHERE name = 'complete'").length > 0;
  }

  markComplete(): void {
    this.#run("INSERT OR REPLACE INTO meta VALUES ('complete', 'yes')");
  }

  messageKeys(): Set<string> {
    return new Set(this.#all("SELECT key FROM message").map((row) => String(row.key)));
  }

  /** The keys of all messages, and whether the user put each of them into the mailbox. */
  messageApprovals(): Map<string, boolean> {
    const rows = this.#prepare("SELECT key, is_approved FROM message").iterate();
    return new Map(rows.map((row) => [String(row.key), row.is_approved === 1]));
  }

  addMessage(message: StoredMessageRow, payloads: readonly StoredPayload[]): void {
    const { key, messageId, sender, senderProof, subject, received, isApproved } = message;
    this.#run(
      "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)",
      key,
      messageId,
      sender,
      senderProof,
      subject,
      received,
      Number(isApproved),
    );
    for (const { messageKey, uidKey, json } of payloads) {
      this.#run("INSERT INTO payload VALUES (?, ?, ?)", messageKey, uidKey, json);
    }
  }

  removeMessage(key: string): void {
    this.#run("DELETE FROM message WHERE key = ?", key);
  }

  uidKeysOf(messageKey: string): string[] {
    const rows = this.#all("SELECT DISTINCT uid_key FROM payload WHERE message_key = ?", messageKey);
    return rows.map((row) => String(row.uid_key));
  }

  /** The payloads of one UID with the messages they came in, in order of reception. */
  payloadsOf(uidKey: string): { message: StoredMessageRow; json: string }[] {
    const rows = this.#all(
      `SELECT json, message.* FROM payload JOIN message ON message.key = payload.message_key
       WHERE uid_key = ? ORDER BY received, key, payload.rowid`,
      uidKey,
    );
    return rows.map((row) => ({ message: messageOf(row), json: String(row.json) }));
  }

  /** The payloads of all UIDs, one at a time. */
  *payloads(): Generator<Pick<StoredPayload, "uidKey" | "json">> {
    for (const row of this.#prepare("SELECT uid_key, json FROM payload ORDER BY rowid").iterate()) {
      yield { uidKey: String(row.uid_key), json: String(row.json) };
    }
  }

  hasMessage(key: string): boolean {
    return this.message(key) !== undefined;
  }

  message(key: string): StoredMessageRow | undefined {
    return this.#all("SELECT * FROM message WHERE key = ?", key).map(messageOf)[0];
  }

  /** Whether there is a message of this sender. */
  hasMessageFrom(sender: string): boolean {
    return this.#all("SELECT 1 FROM message WHERE sender = ? LIMIT 1", sender).length > 0;
  }

  messagesById(messageId: string): StoredMessageRow[] {
    return this.#all("SELECT * FROM message WHERE message_id = ? ORDER BY received", messageId).map(
      messageOf,
    );
  }

  hasGroups(): boolean {
    return this.#all("SELECT uid_key FROM event_group LIMIT 1").length > 0;
  }

  /** All groups, one at a time: together they are as large as the feed. */
  *groups(): Generator<StoredGroup> {
    for (const row of this.#prepare("SELECT * FROM event_group").iterate()) yield groupOf(row as Row);
  }

  /** The group that was cancelled last, if that was after `since`, in seconds. */
  lastCancelledGroup(since: number): StoredGroup | undefined {
    const sql =
      "SELECT * FROM event_group WHERE cancelled_at >= ? ORDER BY cancelled_at DESC, uid_key LIMIT 1";
    return this.#all(sql, since).map(groupOf)[0];
  }

  group(uidKey: string): StoredGroup | undefined {
    return this.#all("SELECT * FROM event_group WHERE uid_key = ?", uidKey).map(groupOf)[0];
  }

  putGroup({ uidKey, digest, sequence, lastModified, cancelledAt, json }: StoredGroup): void {
    this.#run(
      "INSERT OR REPLACE INTO event_group VALUES (?, ?, ?, ?, ?, ?)",
      uidKey,
      digest,
      sequence,
      lastModified,
      cancelledAt ?? null,
      json,
    );
  }

  /** Remembers, before a message is moved into the mailbox, that we move it and not the user. */
  announceFiling(key: string): void {
    this.#run("INSERT OR REPLACE INTO filing VALUES (?)", key);
  }

  isAnnounced(key: string): boolean {
    return this.#all("SELECT key FROM filing WHERE key = ?", key).length > 0;
  }

  withdrawFiling(key: string): void {
    this.#run("DELETE FROM filing WHERE key = ?", key);
  }

  logDecision({ decidedAt, messageKey, messageId, sender, uid, outcome, reason }: Decision): void {
    this.#run(
      "INSERT INTO decision VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
      decidedAt,
      messageKey,
      messageId,
      sender,
      uid ?? null,
      outcome,
      reason,
    );
    this.#run("DELETE FROM decision WHERE id <= (SELECT max(id) FROM decision) - ?", MAX_DECISIONS);
  }

  /** What was decided about a message or a UID, oldest first. */
  decisionsAbout(idOrUid: string): Decision[] {
    return this.#all("SELECT * FROM decision WHERE message_id = ?1 OR uid = ?1 ORDER BY id", idOrUid).map(
      decisionOf,
    );
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#prepare(sql).run(...values);
  }

  #all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function isUseless(error: unknown): boolean {
  if (error instanceof Useless) return true;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return DAMAGE_CODES.includes(code & 0xff);
}

/** Of a database that must not be made if it is gone by then. */
function addressOf(path: string): URL {
  const address = pathToFileURL(path);
  address.searchParams.set("mode", "rw");
  return address;
}

function messageOf(row: Row): StoredMessageRow {
  return {
    key: String(row.key),
    messageId: String(row.message_id),
    sender: String(row.sender),
    senderProof: String(row.sender_proof),
    subject: String(row.subject),
    received: Number(row.received),
    isApproved: row.is_approved === 1,
  };
}

function groupOf(row: Row): StoredGroup {
  return {
    uidKey: String(row.uid_key),
    digest: String(row.digest),
    sequence: Number(row.sequence),
    lastModified: Number(row.last_modified),
    cancelledAt: row.cancelled_at === null ? undefined : Number(row.cancelled_at),
    json: String(row.json),
  };
}

function decisionOf(row: Row): Decision {
  return {
    decidedAt: Number(row.decided_at),
    messageKey: String(row.message_key),
    messageId: String(row.message_id),
    sender: String(row.sender),
    uid: row.uid === null ? undefined : String(row.uid),
    outcome: String(row.outcome),
    reason: String(row.reason),
  };
}
