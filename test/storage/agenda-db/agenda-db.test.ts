import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { AgendaDb, type StoredMessageRow } from "../../../src/storage/agenda-db/agenda-db.ts";

const MESSAGE: StoredMessageRow = {
  key: "1.M1",
  messageId: "1@example.org",
  sender: "bob@example.org",
  senderProof: "verified",
  subject: "Lunch",
  received: 1,
  isApproved: false,
};

function makePath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "agenda-db-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "agenda.db");
}

test("AgendaDb gives back the messages that it was given, and knows their senders", (t) => {
  const db = AgendaDb.open(makePath(t), "");
  db.addMessage(MESSAGE, []);
  assert.deepEqual(db.message("1.M1"), MESSAGE);
  assert.ok(db.hasMessageFrom("bob@example.org"));
  assert.ok(!db.hasMessageFrom("eve@example.org"));
  db.close();
});

test("AgendaDb.open empties a database whose tables an older version made", (t) => {
  const path = makePath(t);
  const old = new DatabaseSync(path);
  old.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('version', '1 '), ('complete', 'yes');
    CREATE TABLE message (key TEXT PRIMARY KEY, message_id TEXT NOT NULL, sender TEXT NOT NULL,
      subject TEXT NOT NULL, received INTEGER NOT NULL, is_approved INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO message VALUES ('0.M1', '', 'bob@example.org', '', 0, 0);`);
  old.close();
  const db = AgendaDb.open(path, "");
  assert.equal(db.isComplete, false);
  assert.deepEqual([...db.messageKeys()], []);
  db.addMessage(MESSAGE, []);
  assert.deepEqual(db.message("1.M1"), MESSAGE);
  db.close();
});
