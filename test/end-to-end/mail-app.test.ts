import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ImapFlow } from "imapflow";
import { ImapClient } from "../servers/imap/imap-client.ts";
import { mailboxFolder } from "./support/mail-on-disk.ts";
import { invitation } from "./support/messages.ts";
import { type RunningServer, startServer } from "./support/running-server.ts";
import { ownFolder, PASSWORD, USER } from "./support/test-settings.ts";
import { eventually } from "./support/waiting.ts";

/** For a machine that does other things besides; README and benchmarks say how soon it is. */
const AT_LAST_MS = 10_000;

/** A mail app that has logged in. */
async function openMailApp(t: TestContext, { app }: RunningServer): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: app.addresses.imap.port,
    secure: false,
    doSTARTTLS: true,
    auth: { user: USER, pass: PASSWORD },
    tls: { rejectUnauthorized: false },
    logger: false,
    disableAutoIdle: true,
  });
  client.on("error", () => undefined);
  await client.connect();
  t.after(() => client.close());
  return client;
}

/** The UID of the message with that Message-ID, in the mailbox which is selected then. */
async function find(client: ImapFlow, mailbox: string, messageId: string): Promise<string> {
  await client.mailboxOpen(mailbox);
  const [uid] = (await client.search({ header: { "message-id": messageId } }, { uid: true })) || [];
  return String(uid ?? assert.fail(`${messageId} is not in ${mailbox}`));
}

const STRANGERS_WAIT = { WEBCAL_POLICY: "list", WEBCAL_ALLOWED_SENDERS: "@example.com" };

test("a mail app publishes what it moves to Secretary, and withdraws what it moves out or expunges", async (t) => {
  const server = await startServer(t, ownFolder(t), { settings: STRANGERS_WAIT });
  const { app, mail, feed } = server;
  for (const uid of ["moved", "copied", "stays"]) await mail.send(invitation({ uid }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), []);
  const client = await openMailApp(t, server);

  const moved = await client.messageMove(await find(client, "Secretary.Held", "m-moved@"), "Secretary", {
    uid: true,
  });
  assert.ok(moved);
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["moved"]));
  await client.messageCopy(await find(client, "Secretary.Held", "m-copied@"), "Secretary", { uid: true });
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["copied", "moved"]));
  const message = invitation({ uid: "appended" }).replaceAll(/\r?\n/g, "\r\n");
  await client.append("Secretary", message);
  await eventually(AT_LAST_MS, async () =>
    assert.deepEqual(await feed.summaries(), ["appended", "copied", "moved"]),
  );
  await client.mailboxOpen("Secretary");
  for (const { flags } of await client.fetchAll("1:*", { flags: true }))
    assert.deepEqual(
      [...(flags ?? [])].filter((flag) => flag !== "\\Recent"),
      ["$Approved"],
    );

  await client.messageMove(await find(client, "Secretary", "m-moved@"), "Archive", { uid: true });
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["appended", "copied"]));
  await client.messageDelete(await find(client, "Secretary", "m-copied@"), { uid: true });
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["appended"]));
  await client.messageMove(await find(client, "Archive", "m-moved@"), "Secretary", { uid: true });
  await eventually(AT_LAST_MS, async () => assert.deepEqual(await feed.summaries(), ["appended", "moved"]));
});

test("the log tells of a message that a mail app asks for and that cannot be read", async (t) => {
  const folder = ownFolder(t);
  const server = await startServer(t, folder);
  const path = join(mailboxFolder(folder, "Archive"), "cur", "1.loop:2,");
  symlinkSync(path, path);
  const client = await openMailApp(t, server);
  await client.mailboxOpen("Archive");
  assert.deepEqual(await client.search({ subject: "a" }), []);
  const told = server.log.filter(({ msg }) => msg.startsWith("A message cannot be read"));
  assert.deepEqual(
    told.map(({ level, mailbox, uid, path }) => ({ level, mailbox, uid, path })),
    [{ level: "warn", mailbox: "Archive", uid: 1, path }],
  );
});

test("a mail app can neither delete nor rename the mailboxes of the secretary", async (t) => {
  const server = await startServer(t, ownFolder(t));
  const { app, mail, feed } = server;
  await mail.send(invitation({ uid: "first" }));
  await app.settled();
  const client = await openMailApp(t, server);
  const isRefused = { responseStatus: "NO", serverResponseCode: "CANNOT" };
  for (const mailbox of ["Secretary", "Secretary.Held"]) {
    await assert.rejects(client.mailboxRename(mailbox, "Old"), isRefused);
    await assert.rejects(client.mailboxDelete(mailbox), isRefused);
  }
  await mail.send(invitation({ uid: "second" }));
  await app.settled();
  assert.deepEqual(await feed.summaries(), ["first", "second"]);
});

/** "secret", at the lowest cost there is. */
const HASH = "$scrypt$ln=1,r=1,p=1$c29tZXNhbHQ$KsZ3SwFtOuOWIinffpNskbDb2gNDGMxuYaB/JFhHGn0";

test("SCRAM is offered when the password is known, and not when only its hash is", async (t) => {
  const offered = async (settings: Readonly<Record<string, string>>) => {
    const { app } = await startServer(t, ownFolder(t), {
      settings: { IMAPS_LISTEN: "127.0.0.1:0", ...settings },
    });
    const client = await ImapClient.connect(app.addresses.imaps?.port ?? 0, { isSecure: true });
    t.after(() => client.destroy());
    return [...(await client.line()).matchAll(/AUTH=([\w-]+)/g)].map(([, mechanism]) => mechanism);
  };
  assert.deepEqual(await offered({}), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"]);
  assert.deepEqual(await offered({ MAILPASSWORD: "", MAILPASSWORD_HASH: HASH }), ["PLAIN", "LOGIN"]);
});
