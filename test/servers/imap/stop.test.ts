import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { realDisk } from "../../../src/storage/maildir/disk.ts";
import { ImapClient } from "./imap-client.ts";
import { deliver, PASSWORD, startImap, USER } from "./imap-fixture.ts";

/** More turns of the event loop than it takes to hear of a reset, or to stop a server that has nothing to do. */
const MANY = 100;
/** More than it takes to fill all buffers between server and client. */
const VERY_MANY = 150_000;

async function takeTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTick();
}

/** A client that has logged in, and how it breaks its connection. */
async function connectToBreak(port: number): Promise<{ client: ImapClient; reset: () => void }> {
  const socket = connect(port, "127.0.0.1");
  const secure = connectTls({ socket, rejectUnauthorized: false });
  await once(secure, "secureConnect");
  const client = new ImapClient(secure);
  await client.line();
  await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
  return { client, reset: () => socket.resetAndDestroy() };
}

test("the mailboxes are not closed before the command of a client that has gone is over", async (t) => {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const rename = async (from: string, to: string): Promise<void> => {
    begun.resolve();
    await released.promise;
    await realDisk.rename(from, to);
  };
  const order: string[] = [];
  const debug = (_: object, message: string) => message === "IMAP client is gone" && order.push(message);
  const log = { debug, ...{ info() {}, warn() {}, error() {} } };
  const imap = await startImap(t, { disk: { ...realDisk, rename }, log });
  const close = imap.maildir.close;
  imap.maildir.close = () => {
    order.push("The mailboxes are closed");
    return close();
  };
  await writeFile(join(imap.folder, "new", "1600000001.M1P1.host"), "Subject: News\n\nText.\n");
  const { client, reset } = await connectToBreak(imap.portTls);
  client.send("s SELECT INBOX\r\n");
  await begun.promise;
  reset();
  await takeTurns(MANY);
  const stopped = imap.stop();
  await takeTurns(MANY);
  released.resolve();
  await stopped;
  assert.deepEqual(order, ["IMAP client is gone", "The mailboxes are closed"]);
});

test("a command that does not end in time does not keep the server up", async (t) => {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const imap = await startImap(t, { limits: { drainMs: 10 } });
  const { status } = imap.maildir.mailboxes;
  imap.maildir.mailboxes.status = async (mailbox) => {
    begun.resolve();
    await released.promise;
    return status.call(imap.maildir.mailboxes, mailbox);
  };
  const client = await imap.login();
  client.send("s STATUS INBOX (MESSAGES)\r\n");
  await begun.promise;
  await imap.stop();
  assert.equal(await client.closed(), "");
  released.resolve();
});

test("who leaves a compressed answer unread keeps nothing waiting", async (t) => {
  const gone = Promise.withResolvers<void>();
  const debug = (_: object, message: string) => message === "IMAP client is gone" && gone.resolve();
  const imap = await startImap(t, { log: { debug, ...{ info() {}, warn() {}, error() {} } } });
  const large = randomBytes(1_000_000).toString("base64");
  await deliver(imap.maildir, "INBOX", ...Array.from({ length: 15 }, () => `Subject: a\n\n${large}\n`));
  const { client, reset } = await connectToBreak(imap.portTls);
  await client.ok("COMPRESS DEFLATE");
  const compressed = client.through(createDeflateRaw({ flush: constants.Z_SYNC_FLUSH }), createInflateRaw());
  await compressed.ok("SELECT INBOX");
  compressed.pause();
  compressed.send("f FETCH 1:* BODY.PEEK[]\r\n");
  await takeTurns(VERY_MANY);
  reset();
  await gone.promise;
});
