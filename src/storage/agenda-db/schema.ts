/** Raised whenever the tables change: a database of another version is made anew from the mailbox. */
export const SCHEMA_VERSION = 4;

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS message (
    key TEXT PRIMARY KEY,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    sender_proof TEXT NOT NULL,
    subject TEXT NOT NULL,
    received INTEGER NOT NULL,
    is_approved INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS message_by_id ON message (message_id);
  CREATE INDEX IF NOT EXISTS message_by_sender ON message (sender);
  CREATE TABLE IF NOT EXISTS payload (
    message_key TEXT NOT NULL REFERENCES message (key) ON DELETE CASCADE,
    uid_key TEXT NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS payload_by_uid ON payload (uid_key);
  CREATE INDEX IF NOT EXISTS payload_by_message ON payload (message_key);
  CREATE TABLE IF NOT EXISTS event_group (
    uid_key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    cancelled_at INTEGER,
    uid TEXT NOT NULL,
    owns_uid INTEGER NOT NULL,
    made_uids TEXT NOT NULL,
    zones TEXT NOT NULL,
    ends_at INTEGER,
    octets INTEGER NOT NULL,
    json TEXT NOT NULL -- the last: to read all entries, SQLite leaves the pages aside that it overflows to
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS group_by_cancellation ON event_group (cancelled_at) WHERE cancelled_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS decision (
    id INTEGER PRIMARY KEY,
    decided_at INTEGER NOT NULL,
    message_key TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    uid TEXT,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS decision_by_message ON decision (message_id);
  CREATE INDEX IF NOT EXISTS decision_by_uid ON decision (uid);
  CREATE TABLE IF NOT EXISTS filing (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

export const TABLES = ["meta", "message", "payload", "event_group", "decision", "filing"] as const;
