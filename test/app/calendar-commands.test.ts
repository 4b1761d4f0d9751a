import assert from "node:assert/strict";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { explainEvent, verifyCalendar } from "../../src/app/calendar-commands.ts";
import { type Config, readConfig, type WebcalConfig } from "../../src/app/config.ts";
import { ingest } from "../../src/app/ingest.ts";
import { takeFolderLock } from "../../src/storage/folder-lock/folder-lock.ts";
import { mailboxFolder, messageFiles, snapshot } from "../end-to-end/support/mail-on-disk.ts";
import { invitation } from "../end-to-end/support/messages.ts";
import { startServer } from "../end-to-end/support/running-server.ts";
import { ownFolder, settingsFor } from "../end-to-end/support/test-settings.ts";
import { eventually } from "../end-to-end/support/waiting.ts";
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
  const lock = takeFolderLock(join(folder, "secretary.lock"));
  const { printed } = await verifyOn(folder);
  lock?.release();
  assert.match(printed, /^There is no calendar\.ics\nThe running server looks once a minute: /);
});

test("explain tells once, and when, what happened to a message that was held, moved and taken out", async (t) => {
  const folder = ownFolder(t);
  const clock = { now: new Date("2026-03-02T12:00:00Z") };
  const settings = { WEBCAL_POLICY: "list" };
  const { app, mail } = await startServer(t, folder, { settings, world: { now: () => clock.now } });
  await mail.send(invitation({ uid: "stranger" }));
  await app.settled();
  for (const [minute, from, to, isEvent] of [
    [1, "Secretary.Held", "Secretary", 1],
    [2, "Secretary", "Trash", 0],
    [3, "Trash", "Secretary", 1],
    [4, "Secretary", "Trash", 0],
  ] as const) {
    clock.now = new Date(`2026-03-02T12:0${minute}:00Z`);
    const [path = ""] = messageFiles(folder, from);
    // By another name, as mail apps have it.
    renameSync(path, join(mailboxFolder(folder, to), "cur", `177245${minute}000.M1.host:2,S`));
    await eventually(10_000, () => assert.equal(app.events(), isEvent));
    await app.settled();
  }
  const { config, webcal } = settingsOn(folder);
  for (const subject of ["stranger", "m-stranger@example.org"]) {
    const { terminal, printed } = recordingTerminal();
    assert.equal(await explainEvent(config, webcal, { subject, terminal }), 0);
    assert.equal(
      printed(),
      `Its messages as they came, by the clocks of Europe/Berlin:

1. Monday 2 March 2026, 13:00, from ann@example.org
   Message-ID <m-stranger@example.org>
   → Ignored: its sender may not publish or change this here
   Monday 2 March 2026, 13:01 → Added: it is a new event
   Monday 2 March 2026, 13:02 → Counts no more: it was taken out of the mailbox Secretary
   Monday 2 March 2026, 13:03 → Added: it is a new event
   Monday 2 March 2026, 13:04 → Counts no more: it was taken out of the mailbox Secretary

Not in the calendar: no message in the mailbox Secretary is about it
`,
    );
  }
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
