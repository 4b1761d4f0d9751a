import assert from "node:assert/strict";
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { mailboxFolder, messageFiles, messageIds } from "./support/mail-on-disk.ts";
import { invitation } from "./support/messages.ts";
import { type RunningServer, startServer } from "./support/running-server.ts";
import { ownFolder } from "./support/test-settings.ts";

/** A series with a changed date, an event that was moved twice, one that was cancelled. */
async function sendStory({ mail, app }: RunningServer): Promise<void> {
  await mail.send(invitation({ uid: "series", lines: ["RRULE:FREQ=WEEKLY;COUNT=5"] }));
  await app.settled();
  const changed = { uid: "series", sequence: 1, start: "20260317T150000", stamp: "20260302T080000Z" };
  const recurrence = ["RECURRENCE-ID;TZID=Europe/Berlin:20260317T100000"];
  await mail.send(invitation({ ...changed, lines: recurrence }, { messageId: "m-changed" }));
  for (const sequence of [0, 1, 2]) {
    const stamp = `2026030${1 + sequence}T080000Z`;
    const event = { uid: "moved", sequence, stamp, start: `2026031${sequence}T100000` };
    await mail.send(invitation(event, { messageId: `m-moved-${sequence}` }));
    await app.settled(); // each is published, and counted
  }
  await mail.send(invitation({ uid: "gone" }));
  await app.settled();
  const cancel = { uid: "gone", method: "CANCEL", sequence: 1, stamp: "20260302T080000Z" } as const;
  await mail.send(invitation(cancel, { messageId: "m-cancel" }));
  await app.settled();
}

/** What is done to the folder while the server is not running, and must not be seen in the feed. */
const HARMS: Readonly<Record<string, (webcal: string) => void>> = {
  "nothing happened": () => undefined,
  "agenda.db was deleted": (webcal) => rmSync(join(webcal, "agenda.db")),
  "agenda.db was overwritten": (webcal) => writeFileSync(join(webcal, "agenda.db"), "no database at all"),
  "agenda.db was cut off": (webcal) => {
    const path = join(webcal, "agenda.db");
    const octets = readFileSync(path);
    writeFileSync(path, octets.subarray(0, octets.length / 2));
  },
  "agenda.db was damaged inside": (webcal) => {
    const path = join(webcal, "agenda.db");
    const octets = readFileSync(path);
    octets.fill(0xff, 8192, 16_384);
    writeFileSync(path, octets);
  },
  "calendar.ics was deleted": (webcal) => rmSync(join(webcal, "calendar.ics")),
  "calendar.ics was cut off": (webcal) => {
    const path = join(webcal, "calendar.ics");
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
  },
};

test("the feed has the same bytes after a restart", async (t) => {
  const template = ownFolder(t);
  const first = await startServer(t, template);
  await sendStory(first);
  const octets = await first.feed.octets();
  const etag = (await first.feed.request({}, "HEAD")).headers.get("etag") ?? "";
  await first.stop();

  for (const [name, harm] of Object.entries(HARMS)) {
    await t.test(`when ${name}`, async (t) => {
      const folder = ownFolder(t);
      cpSync(template, folder, { recursive: true, preserveTimestamps: true });
      harm(join(folder, "webcal"));
      const second = await startServer(t, folder);
      await second.app.settled();
      assert.equal(String(await second.feed.octets()), String(octets));
      assert.equal((await second.feed.request({ "if-none-match": etag })).status, 304);
      assert.deepEqual(readFileSync(join(folder, "webcal", "calendar.ics")), octets);
    });
  }
});

test("when both calendar.ics and agenda.db are lost, the events are there again", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder);
  await sendStory(first);
  const events = await first.feed.events();
  await first.stop();
  rmSync(join(folder, "webcal"), { recursive: true });

  const second = await startServer(t, folder);
  await second.app.settled();
  const withoutCounters = events.map((event) => ({ ...event, sequence: 0 }));
  assert.deepEqual(
    (await second.feed.events()).map((event) => ({ ...event, sequence: 0 })),
    withoutCounters,
  );
});

test("the feed is there as soon as the server is, and while the mailbox is read again", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder);
  await sendStory(first);
  const octets = await first.feed.octets();
  await first.stop();
  rmSync(join(folder, "webcal", "agenda.db"));

  const second = await startServer(t, folder);
  assert.deepEqual(await second.feed.octets(), octets);
  await second.app.settled();
  assert.deepEqual(await second.feed.octets(), octets);
});

test("what was moved while the server was stopped counts when it starts", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder, { settings: { WEBCAL_POLICY: "list" } });
  await first.mail.send(invitation({ uid: "held" }));
  await first.app.settled();
  await first.stop();
  const [path = ""] = messageFiles(folder, "Secretary.Held");
  renameSync(path, join(mailboxFolder(folder, "Secretary"), "cur", `${basename(path)}:2,`));

  const second = await startServer(t, folder, { settings: { WEBCAL_POLICY: "list" } });
  await second.app.settled();
  assert.deepEqual(await second.feed.summaries(), ["held"]);
  assert.match(messageFiles(folder, "Secretary")[0] ?? "", /:2,a$/);
});

test("what waits in the spool is sorted at the next start", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder);
  await first.app.settled();
  await first.stop();
  writeFileSync(join(folder, "webcal", "spool", "1772352000.M1P1.example"), invitation({ uid: "waited" }));

  const second = await startServer(t, folder);
  await second.app.settled();
  assert.deepEqual(await second.feed.summaries(), ["waited"]);
  assert.deepEqual(messageIds(folder, "Secretary"), ["m-waited"]);
});

test("SEQUENCE goes on rising after a restart", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder);
  await sendStory(first);
  const before = (await first.feed.events()).find(({ uid }) => uid === "moved")?.sequence ?? 0;
  await first.stop();
  rmSync(join(folder, "webcal", "agenda.db"));

  const second = await startServer(t, folder);
  const event = { uid: "moved", sequence: 3, stamp: "20260304T080000Z", start: "20260320T100000" };
  await second.mail.send(invitation(event, { messageId: "m-moved-3" }));
  await second.app.settled();
  const after = (await second.feed.events()).find(({ uid }) => uid === "moved")?.sequence ?? 0;
  assert.ok(after > before, `${after} after ${before}`);
});

test("a second server on the same folder does not start, and the first goes on", async (t) => {
  const folder = ownFolder(t);
  const first = await startServer(t, folder);
  await assert.rejects(
    startServer(t, folder),
    /^Error: Cannot start: another Secretary works with ".*"; stop it/,
  );
  await first.mail.send(invitation({ uid: "still-here" }));
  await first.app.settled();
  assert.deepEqual(await first.feed.summaries(), ["still-here"]);
});
