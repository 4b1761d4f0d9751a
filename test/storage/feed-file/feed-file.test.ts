import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { openFeedFile } from "../../../src/storage/feed-file/feed-file.ts";

const MODIFIED = new Date("2026-11-21T03:34:11Z");
const ONE = Buffer.from("BEGIN:VCALENDAR one\r\n");
const TWO = Buffer.from("BEGIN:VCALENDAR two\r\n");

let root: string;
let files = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "feed-file-"));
});
after(() => rm(root, { recursive: true }));

async function open(t: TestContext, path = join(root, String(++files), "webcal", "calendar.ics")) {
  const changes = { count: 0, next: Promise.withResolvers<void>() };
  const feed = await openFeedFile(path, () => {
    changes.count++;
    changes.next.resolve();
  });
  t.after(() => feed.stop());
  return { feed, path, changes };
}

test("a feed that was never published is no feed, not an empty one", async (t) => {
  const { feed, path } = await open(t);
  assert.equal(feed.current(), undefined);
  await writeFile(path, "");
  const again = await open(t, path);
  assert.equal(again.feed.current(), undefined);
});

test("publish replaces file, copy and validators; the ETag depends on the octets alone", async (t) => {
  const { feed, path } = await open(t);
  await feed.publish(ONE, MODIFIED);
  const first = feed.current();
  assert.deepEqual(await readFile(path), ONE);
  assert.match(first?.etag ?? "", /^"[\w-]{43}"$/);
  await feed.publish(TWO, MODIFIED);
  assert.notEqual(feed.current()?.etag, first?.etag);
  await feed.publish(ONE, new Date(0));
  assert.equal(feed.current()?.etag, first?.etag);
  assert.deepEqual(feed.current()?.lastModified, new Date(0));
});

test("publications follow each other in the order they were asked for", async (t) => {
  const { feed, path } = await open(t);
  await Promise.all(
    Array.from({ length: 10 }, (_, n) => feed.publish(Buffer.alloc(1000 * (10 - n), 48 + n), MODIFIED)),
  );
  assert.equal(await readFile(path, "latin1"), "9".repeat(1000));
  assert.equal(feed.current()?.octets.length, 1000);
});

test("the feed and its validators survive a restart", async (t) => {
  const { feed, path } = await open(t);
  await feed.publish(ONE, MODIFIED);
  const { feed: again } = await open(t, path);
  assert.deepEqual(again.current()?.lastModified, MODIFIED);
  assert.equal(again.current()?.etag, feed.current()?.etag);
  assert.deepEqual(again.current()?.octets, ONE);
});

test("readers keep the feed before when the disk fails", async (t) => {
  const { feed, path } = await open(t);
  await feed.publish(ONE, MODIFIED);
  await rm(join(path, ".."), { recursive: true });
  await writeFile(join(path, ".."), "a file where the folder should be");
  await assert.rejects(feed.publish(TWO, MODIFIED));
  assert.deepEqual(feed.current()?.octets, ONE);
});

test("a file that somebody removed or changed is reported, and readers keep the copy", async (t) => {
  const { feed, path, changes } = await open(t);
  await feed.publish(ONE, MODIFIED);
  await feed.check();
  await writeFile(path, "something else");
  await feed.check();
  assert.ok(changes.count > 0);
  assert.deepEqual(feed.current()?.octets, ONE);
  await feed.publish(ONE, MODIFIED);
  changes.count = 0;
  await feed.check();
  assert.equal(changes.count, 0, "our own publication is no foreign change");
  await unlink(path);
  await feed.check();
  assert.ok(changes.count > 0);
  await feed.publish(ONE, MODIFIED);
  assert.deepEqual(await readFile(path), ONE);
});

test("a file that was only touched is not reported", async (t) => {
  const { feed, path, changes } = await open(t);
  await feed.publish(ONE, MODIFIED);
  await utimes(path, new Date(), new Date());
  await feed.check();
  assert.equal(changes.count, 0);
});

test("a removed file is noticed without asking", async (t) => {
  const before = await open(t);
  await before.feed.publish(ONE, MODIFIED);
  // A file that comes and goes at once may be missed by the watcher, until it looks again after a minute.
  const { path, changes } = await open(t, before.path);
  await unlink(path);
  await changes.next.promise;
});
