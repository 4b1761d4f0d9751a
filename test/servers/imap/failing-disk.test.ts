import assert from "node:assert/strict";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { realDisk } from "../../../src/storage/maildir/disk.ts";
import { DiskError } from "../../storage/maildir/faulty-disk.ts";
import { deliver, startImap } from "./imap-fixture.ts";

const MESSAGE = "Subject: News\n\nText.\n";

test("a client is told of new messages that cannot be moved to `cur`, and its session goes on", async (t) => {
  let isFull = false;
  const rename = async (from: string, to: string): Promise<void> => {
    if (isFull) throw new DiskError("No space left on device");
    await realDisk.rename(from, to);
  };
  const imap = await startImap(t, { disk: { ...realDisk, rename } });
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  isFull = true;
  await writeFile(join(imap.folder, "new", "1600000001.M1P1.host"), MESSAGE);
  assert.deepEqual(await client.ok("NOOP"), ["1 EXISTS", "0 RECENT"]);
  assert.equal((await client.ok("FETCH 1 ENVELOPE")).length, 1);
  isFull = false;
  await deliver(imap.maildir, "INBOX", MESSAGE);
  assert.deepEqual(await client.ok("NOOP"), ["2 EXISTS", "2 RECENT"]);
});

test("IDLE waits on where the mailbox cannot be looked at, and tells what happens when it can", async (t) => {
  const failed = Promise.withResolvers<void>();
  const noop = () => {};
  const error = (_: unknown, what: string) => what.includes("IDLE") && failed.resolve();
  const imap = await startImap(t, { log: { debug: noop, info: noop, warn: noop, error } });
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  const keywords = join(imap.folder, "dovecot-keywords");
  await mkdir(keywords); // a file is looked for
  assert.match((await client.run("NOOP")).at(-1) ?? "", /^NO \[UNAVAILABLE\]/);
  client.send("i IDLE\r\n");
  assert.equal(await client.line(), "+ Idling");
  await failed.promise;
  await rmdir(keywords);
  await writeFile(join(imap.folder, "new", "1600000001.M1P1.host"), MESSAGE);
  assert.equal(await client.line(), "* 1 EXISTS");
  assert.equal(await client.line(), "* 1 RECENT");
  client.send("DONE\r\n");
  assert.match(await client.line(), /^i OK/);
});
