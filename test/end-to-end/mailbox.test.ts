import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { mailboxFolder, messageFiles, messageIds } from "./support/mail-on-disk.ts";
import { invitation } from "./support/messages.ts";
import { startServer } from "./support/running-server.ts";
import { ownFolder } from "./support/test-settings.ts";
import { eventually } from "./support/waiting.ts";

/** What a user does in a mail app must be seen in the feed within this. */
const SOON_MS = 1_000;
/** For a machine that does other things besides. */
const AT_LAST_MS = 10_000;

/** Moves a message as another program does: a rename, marked as seen. */
function moveMessage(path: string, folder: string, mailbox: string): string {
  const target = join(mailboxFolder(folder, mailbox), "cur", `${basename(path).replace(/:2,.*$/, "")}:2,S`);
  renameSync(path, target);
  return target;
}

function messageFile(folder: string, mailbox: string, messageId: string): string {
  const path = messageFiles(folder, mailbox).find((file) =>
    readFileSync(file, "latin1").includes(`<${messageId}@`),
  );
  assert.ok(path, `${mailbox} has no message ${messageId}`);
  return path;
}

test("with WEBCAL_POLICY=list strangers wait in Secretary.Held until the user moves them, and back", async (t) => {
  const folder = ownFolder(t);
  const settings = { WEBCAL_POLICY: "list", WEBCAL_ALLOWED_SENDERS: "@example.com" };
  const { app, mail, feed } = await startServer(t, folder, { settings });
  await mail.send(invitation({ uid: "stranger" }));
  await mail.send(invitation({ uid: "friend" }, { from: "carol@example.com" }));
  await app.settled();
  assert.deepEqual(messageIds(folder, "Secretary.Held"), ["m-stranger"]);
  assert.deepEqual(await feed.summaries(), ["friend"]);

  const startedAt = performance.now();
  moveMessage(messageFile(folder, "Secretary.Held", "m-stranger"), folder, "Secretary");
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["friend", "stranger"]));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < SOON_MS, `took ${tookMs} ms`);
  await app.settled();
  const approved = messageFile(folder, "Secretary", "m-stranger");
  const keywords = readFileSync(join(mailboxFolder(folder, "Secretary"), "dovecot-keywords"), "utf8");
  assert.equal(keywords, "0 $Approved\n");
  assert.match(approved, /\/cur\/[^/]+:2,Sa$/);

  moveMessage(approved, folder, "Secretary.Held");
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["friend"]));
});

test("moving a cancellation away revives the event, and back cancels it again", async (t) => {
  const folder = ownFolder(t);
  const { app, mail, feed } = await startServer(t, folder);
  await mail.send(invitation({ uid: "stays" }));
  await mail.send(invitation({ uid: "revived" }));
  const cancel = { uid: "revived", method: "CANCEL", sequence: 1, stamp: "20260301T090000Z" } as const;
  await mail.send(invitation(cancel, { messageId: "cancel" }));
  await app.settled();
  const [before] = await feed.events();
  assert.deepEqual(await feed.summaries(), ["stays"]);

  const trashed = moveMessage(messageFile(folder, "Secretary", "cancel"), folder, "Trash");
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["revived", "stays"]));
  moveMessage(trashed, folder, "Secretary");
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["stays"]));
  const [after] = await feed.events();
  assert.deepEqual(after, before);
});

test("a message that cp drops in counts, and so does one that rm takes away", async (t) => {
  const folder = ownFolder(t);
  const { app, feed } = await startServer(t, folder);
  await app.settled(); // what was there before the first look is nobody's doing
  const dropped = join(mailboxFolder(folder, "Secretary"), "new", "dropped.eml");
  writeFileSync(`${folder}/dropped.eml`, invitation({ uid: "dropped" }));
  copyFileSync(`${folder}/dropped.eml`, dropped);
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["dropped"]));
  await app.settled();
  const [kept = ""] = messageFiles(folder, "Secretary");
  assert.equal(basename(kept), "dropped.eml:2,a");
  rmSync(kept);
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), []));
});

test("a file in Secretary that cannot be read does not hold up the others", async (t) => {
  if (process.getuid?.() === 0) return t.skip("root may read everything");
  const folder = ownFolder(t);
  const { app, mail, feed, log } = await startServer(t, folder);
  const unreadable = join(mailboxFolder(folder, "Secretary"), "new", "unreadable");
  writeFileSync(unreadable, invitation({ uid: "unreadable" }), { mode: 0o000 });
  await mail.send(invitation({ uid: "readable" }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), ["readable"]);
  assert.ok(log.some(({ msg }) => msg === "Cannot read a message: it is left out"));
});

test("a folder among the messages, and one in the spool, do not hold up the others", async (t) => {
  const folder = ownFolder(t);
  const { app, mail, feed } = await startServer(t, folder, { mayFail: true });
  mkdirSync(join(mailboxFolder(folder, "Secretary"), "cur", "folder"));
  mkdirSync(join(folder, "webcal", "spool", "folder"));
  await mail.send(invitation({ uid: "sorted" }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), ["sorted"]);
});

for (const { name, damage } of [
  { name: "removed", damage: (path: string) => rmSync(path) },
  { name: "overwritten", damage: (path: string) => writeFileSync(path, "BEGIN:VCALENDAR\r\n") },
  { name: "emptied", damage: (path: string) => writeFileSync(path, "") },
]) {
  test(`a calendar.ics that somebody ${name} is written again, and readers do not notice`, async (t) => {
    const folder = ownFolder(t);
    const { app, mail, feed } = await startServer(t, folder);
    await mail.send(invitation({ uid: "published" }));
    await app.settled();
    const octets = await feed.octets();
    const path = join(folder, "webcal", "calendar.ics");
    damage(path);
    assert.deepEqual(await feed.octets(), octets);
    await eventually(AT_LAST_MS, () => assert.deepEqual(readFileSync(path), octets));
    assert.deepEqual(await feed.octets(), octets);
  });
}

test("a mailbox whose folder was removed is there again without a restart, empty, and works as before", async (t) => {
  const folder = ownFolder(t);
  const settings = { WEBCAL_POLICY: "list", WEBCAL_ALLOWED_SENDERS: "@example.com" };
  const { app, mail, feed, log } = await startServer(t, folder, { settings });
  const friend = { from: "carol@example.com" };
  await mail.send(invitation({ uid: "before" }, friend));
  await mail.send(invitation({ uid: "held" }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), ["before"]);

  for (const mailbox of ["Secretary.Held", "Secretary"]) {
    rmSync(mailboxFolder(folder, mailbox), { recursive: true });
  }
  await eventually(AT_LAST_MS, () => assert.deepEqual(messageIds(folder, "Secretary"), []));
  await app.settled();
  assert.equal(app.events(), 0);
  assert.equal(log.filter(({ msg }) => msg.startsWith("The folder of a mailbox was gone")).length, 2);

  await mail.send(invitation({ uid: "after" }, friend));
  await mail.send(invitation({ uid: "stranger" }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), ["after"]);
  moveMessage(messageFile(folder, "Secretary.Held", "m-stranger"), folder, "Secretary");
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["after", "stranger"]));
});
