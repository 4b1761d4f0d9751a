import assert from "node:assert/strict";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { explainEvent, verifyCalendar } from "../../src/app/calendar-commands.ts";
import { type Config, readConfig, type WebcalConfig } from "../../src/app/config.ts";
import { ingest } from "../../src/app/ingest.ts";
import { takeWriterLock } from "../../src/storage/agenda-db/agenda-db.ts";
import { mailboxFolder, messageFiles, snapshot } from "../end-to-end/support/mail-on-disk.ts";
import { invitation } from "../end-to-end/support/messages.ts";
import { ownFolder, settingsFor } from "../end-to-end/support/test-settings.ts";
import { recordingTerminal } from "./recording-terminal.ts";

function settingsOn(folder: string): { config: Config; webcal: WebcalConfig } {
  const reading = readConfig(() => "", settingsFor(folder));
  assert.ok(reading.ok && reading.config.webcal !== undefined);
  return { config: reading.config, webcal: reading.config.webcal };
}

async function verifyOn(folder: string): Promise<{ code: number; printed: string }> {
  const { config, webcal } = settingsOn(folder);
  const { terminal, printed } = recordingTerminal();
  return { code: await verifyCalendar(config, webcal, terminal), printed: printed() };
}

async function ingestOn(folder: string, files: readonly string[], dryRun = false): Promise<number> {
  const { config, webcal } = settingsOn(folder);
  return ingest(config, webcal, { files, dryRun, terminal: recordingTerminal().terminal });
}

test("verify and explain make nothing where nothing is, and say what to do", async (t) => {
  const folder = join(ownFolder(t), "mail");
  assert.deepEqual(await verifyOn(folder), {
    code: 1,
    printed: "There is no calendar.ics\nThe server sees to that when it starts\n",
  });
  const { config, webcal } = settingsOn(folder);
  const { terminal, complaints } = recordingTerminal();
  assert.equal(await explainEvent(config, webcal, { subject: "Standup", terminal }), 1);
  assert.match(complaints(), /^Nothing is known of "Standup"; ask for /);
  assert.equal(existsSync(folder), false);
});

test("verify tells what differs, and touches nothing", async (t) => {
  const folder = ownFolder(t);
  const file = join(ownFolder(t), "one.eml");
  writeFileSync(file, invitation({ uid: "one" }));
  assert.equal(await ingestOn(folder, [file]), 0);
  const before = snapshot(folder);
  assert.deepEqual(await verifyOn(folder), {
    code: 0,
    printed: "Mailbox, agenda.db and calendar.ics agree\n",
  });
  // SQLite puts files beside a database while it is looked into, and takes them away again.
  assert.deepEqual({ ...snapshot(folder), webcal: before.webcal }, before);

  const [message = ""] = messageFiles(folder, "Secretary");
  renameSync(message, join(mailboxFolder(folder, "Secretary"), "cur", "1700000000.other.host"));
  writeFileSync(join(folder, "webcal", "calendar.ics"), "");
  const { code, printed } = await verifyOn(folder);
  assert.equal(code, 1);
  assert.match(
    printed,
    /^Message "1700000000\.other\.host" is in the mailbox Secretary, but not in agenda\.db\nMessage ".*" is in agenda\.db, but not in the mailbox Secretary\ncalendar\.ics is not what agenda\.db says\n/,
  );
});

test("verify beside a running server says that it looks itself", async (t) => {
  const folder = ownFolder(t);
  mkdirSync(join(folder, "webcal"));
  const lock = takeWriterLock(join(folder, "webcal", "agenda.lock"));
  const { printed } = await verifyOn(folder);
  lock?.release();
  assert.match(printed, /^There is no calendar\.ics\nThe running server looks once a minute: /);
});

test("ingest of a file that is not there says so, before anything is done", async (t) => {
  const folder = join(ownFolder(t), "mail");
  const file = join(ownFolder(t), "one.eml");
  writeFileSync(file, invitation({ uid: "one" }));
  for (const dryRun of [false, true]) {
    await assert.rejects(ingestOn(folder, [file, "/nonexistent/x.eml"], dryRun), (error: Error) => {
      assert.equal(error.message, 'Cannot read "/nonexistent/x.eml": there is no such file');
      return true;
    });
    assert.equal(existsSync(folder), false);
  }
});
