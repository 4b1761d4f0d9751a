import type { DatabaseSync } from "node:sqlite";
import type { GreylistKeys, GreylistMemory } from "../../core/greylist/greylist.ts";

/** Instants are milliseconds since 1970. Losing the last seconds in a power cut is no harm. */
export const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS waiting (
    source TEXT, sender TEXT, recipient TEXT, since INTEGER NOT NULL,
    PRIMARY KEY (source, sender, recipient)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS waiting_since ON waiting (since);
  CREATE TABLE IF NOT EXISTS proven (
    source TEXT, domain TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (source, domain)
  ) STRICT, WITHOUT ROWID;
`;

export interface GreylistStatements {
  find(keys: GreylistKeys): GreylistMemory;
  keepWaiting(keys: GreylistKeys, instant: number): void;
  keepProven(keys: GreylistKeys, instant: number): void;
  /** Removes what is older, and of the strangers all but the latest. */
  forgetBefore(instant: number, maxWaiting: number): void;
  close(): void;
}

export function createStatements(database: DatabaseSync): GreylistStatements {
  const findWaiting = database.prepare(
    "SELECT since FROM waiting WHERE source = ? AND sender = ? AND recipient = ?",
  );
  const findProven = database.prepare("SELECT at FROM proven WHERE source = ? AND domain = ?");
  const keepWaiting = database.prepare("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?)");
  const dropWaiting = database.prepare(
    "DELETE FROM waiting WHERE source = ? AND sender = ? AND recipient = ?",
  );
  const keepProven = database.prepare("INSERT OR REPLACE INTO proven VALUES (?, ?, ?)");
  const forgetWaiting = database.prepare("DELETE FROM waiting WHERE since < ?");
  const forgetProven = database.prepare("DELETE FROM proven WHERE at < ?");
  const forgetTooMany = database.prepare(
    "DELETE FROM waiting WHERE since <= (SELECT since FROM waiting ORDER BY since DESC LIMIT 1 OFFSET ?)",
  );
  return {
    find({ source, sender, recipient, senderDomain }) {
      const waitingSince = findWaiting.get(source, sender, recipient)?.since;
      const provenAt = findProven.get(source, senderDomain)?.at;
      return {
        ...(waitingSince === undefined ? {} : { waitingSince: Number(waitingSince) }),
        ...(provenAt === undefined ? {} : { provenAt: Number(provenAt) }),
      };
    },
    keepWaiting({ source, sender, recipient }, instant) {
      keepWaiting.run(source, sender, recipient, instant);
    },
    keepProven({ source, sender, recipient, senderDomain }, instant) {
      keepProven.run(source, senderDomain, instant);
      dropWaiting.run(source, sender, recipient);
    },
    forgetBefore(instant, maxWaiting) {
      forgetWaiting.run(instant);
      forgetProven.run(instant);
      forgetTooMany.run(maxWaiting);
    },
    close() {
      database.close();
    },
  };
}
