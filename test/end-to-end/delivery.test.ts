import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { messageFiles, messageIds } from "./support/mail-on-disk.ts";
import { calendarOf, invitation, plainMail } from "./support/messages.ts";
import { startServer } from "./support/running-server.ts";
import { DOMAIN, ownFolder, SECRETARY } from "./support/test-settings.ts";

test("an invitation mailed to the secretary is in the feed, and its message in the mailbox Secretary", async (t) => {
  const folder = ownFolder(t);
  const { mail, feed, app } = await startServer(t, folder);
  assert.match(await mail.send(invitation({ uid: "budget", summary: "Budget" })), /^250 2\.6\.0 Stored as /);
  await app.settled();
  const [event, ...others] = await feed.events();
  assert.deepEqual(others, []);
  assert.equal(event?.summary, "Budget");
  assert.equal(event?.start, "DTSTART;TZID=Europe/Berlin:20260310T100000");
  assert.deepEqual(messageIds(folder, "Secretary"), ["m-budget"]);
  assert.deepEqual(messageIds(folder, "INBOX"), []);
});

test("the feed is answered 304 until it changes, 401 without a password, and to HEAD without a body", async (t) => {
  const { mail, feed, app } = await startServer(t, ownFolder(t));
  await mail.send(invitation({ uid: "one" }));
  await app.settled();
  const first = await feed.request();
  const etag = first.headers.get("etag") ?? "";
  const modified = first.headers.get("last-modified") ?? "";
  assert.equal((await feed.request({ "if-none-match": etag })).status, 304);
  assert.equal((await feed.request({ "if-modified-since": modified })).status, 304);
  assert.equal((await feed.request({ authorization: "" })).status, 401);
  const head = await feed.request({}, "HEAD");
  assert.equal(head.headers.get("content-length"), String((await first.arrayBuffer()).byteLength));
  assert.equal((await head.arrayBuffer()).byteLength, 0);

  await mail.send(invitation({ uid: "two" }));
  await app.settled();
  const second = await feed.request({ "if-none-match": etag, "if-modified-since": modified });
  assert.equal(second.status, 200);
  assert.notEqual(second.headers.get("etag"), etag);
});

test("plain mail to the secretary is mail: it is in INBOX and says why it is not in the calendar", async (t) => {
  const folder = ownFolder(t);
  const { mail, app, log } = await startServer(t, folder);
  await mail.send(plainMail("barber"));
  await app.settled();
  assert.deepEqual(messageIds(folder, "INBOX"), ["barber"]);
  assert.deepEqual(messageIds(folder, "Secretary"), []);
  const handled = log.find(({ msg }) => msg === "Calendar component handled");
  assert.deepEqual(
    [handled?.outcome, handled?.reason, handled?.mailbox],
    ["no_action", "no-calendar", "INBOX"],
  );
});

test("mail to the user and the secretary is in both places, once in each", async (t) => {
  const folder = ownFolder(t);
  const { mail, app } = await startServer(t, folder);
  const both = [`user@${DOMAIN}`, SECRETARY];
  await mail.send(invitation({ uid: "both" }), both);
  await mail.send(plainMail("to-both"), both);
  await mail.send(plainMail("catch-all"), [`shop@${DOMAIN}`, `SECRETARY@${DOMAIN.toUpperCase()}`]);
  await app.settled();
  assert.deepEqual(messageIds(folder, "INBOX"), ["catch-all", "m-both", "to-both"]);
  assert.deepEqual(messageIds(folder, "Secretary"), ["m-both"]);
});

test("what is stored is what was sent, below the trace fields", async (t) => {
  const folder = ownFolder(t);
  const { mail, app } = await startServer(t, folder);
  const sent = invitation({ uid: "exact" }).replaceAll("\n", "\r\n");
  await mail.send(sent, ["Secretary@EXAMPLE.test", "shop@example.test"]);
  await app.settled();
  for (const mailbox of ["INBOX", "Secretary"]) {
    const [path = ""] = messageFiles(folder, mailbox);
    const stored = readFileSync(path, "utf8");
    assert.ok(stored.endsWith(sent), mailbox);
    assert.match(
      stored.slice(0, -sent.length),
      /^Return-Path: <ann@example\.org>\r\nDelivered-To: Secretary@example\.test\r\nDelivered-To: shop@example\.test\r\n(Authentication-Results: [\s\S]*?)?Received: from [\s\S]*\r\n$/,
    );
  }
});

test("an attached file, a forwarded message and an update in another order end in the same events", async (t) => {
  const { mail, feed, app } = await startServer(t, ownFolder(t));
  const update = calendarOf({
    uid: "moved",
    sequence: 1,
    start: "20260311T150000",
    stamp: "20260302T080000Z",
  });
  await mail.send(`${plainMail("attached").replace("\nHello.\n", "")}MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the file.
--b
Content-Type: application/octet-stream; name=update.ics
Content-Transfer-Encoding: base64

${Buffer.from(update).toString("base64")}
--b--
`);
  await mail.send(`${plainMail("forwarded").replace("\nHello.\n", "")}MIME-Version: 1.0
Content-Type: message/rfc822

${invitation({ uid: "moved" })}`);
  await app.settled();
  const events = await feed.events();
  assert.deepEqual(
    events.map(({ start }) => start),
    ["DTSTART;TZID=Europe/Berlin:20260311T150000"],
  );
});
