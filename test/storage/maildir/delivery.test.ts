import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Destination } from "../../../src/storage/maildir/maildir.ts";
import { DiskError, type Fault, faultyDisk } from "./faulty-disk.ts";
import { chunksOf, openTestMaildir, ownFolder } from "./sandbox.ts";

const CHUNKS = ["Subject: Lunch\r\n", "\r\nAt noon\n"] as const;
const TEXT = CHUNKS.join("");
const NEVER = Number.POSITIVE_INFINITY;

/** A Maildir and a spool on one file system, and the three destinations of the tests. */
async function makeSite(t: TestContext, fault: Fault, atStep: number) {
  const folder = ownFolder(t);
  const [root, spool] = [join(folder, "Maildir"), join(folder, "spool")];
  mkdirSync(spool);
  const disk = faultyDisk(fault, atStep);
  const maildir = await openTestMaildir(root, { disk });
  const destinations: Destination[] = [{ mailbox: "INBOX" }, { mailbox: "Archive" }, { folder: spool }];
  const visible = [join(root, "new"), join(root, ".Archive", "new"), spool];
  return { root, disk, maildir, destinations, visible };
}

test("deliver writes once, and the message appears under one name everywhere", async (t) => {
  const { root, maildir, destinations, visible } = await makeSite(t, "fails", NEVER);
  const { baseName, octets } = await maildir.deliver(chunksOf(...CHUNKS), destinations);
  assert.equal(octets, TEXT.length);
  assert.match(baseName, /^1795255200\.M123000P\d+Q1R(?:[0-9a-f]{2}){6}\.mail\.example\.test,S=26,W=27$/);
  for (const folder of visible) {
    assert.deepEqual(readdirSync(folder), [baseName]);
    assert.equal(readFileSync(join(folder, baseName), "latin1"), TEXT);
    assert.equal(statSync(join(folder, baseName)).nlink, visible.length);
    assert.equal(statSync(join(folder, baseName)).mode & 0o777, 0o600);
  }
  assert.deepEqual(readdirSync(join(root, "tmp")), []);
});

test("deliver runs many at a time", async (t) => {
  const { maildir, visible } = await makeSite(t, "fails", NEVER);
  const deliveries = Array.from({ length: 50 }, (_, at) =>
    maildir.deliver(chunksOf(`Subject: ${at}\r\n`), [{ mailbox: "INBOX" }]),
  );
  const names = (await Promise.all(deliveries)).map(({ baseName }) => baseName);
  assert.deepEqual(readdirSync(visible[0] ?? "").sort(), names.sort());
});

test("deliver to nowhere is refused", async (t) => {
  const { maildir } = await makeSite(t, "fails", NEVER);
  await assert.rejects(maildir.deliver(chunksOf(TEXT), []));
});

test("deliver passes on how the sender failed and leaves nothing", async (t) => {
  const { root, maildir, destinations, visible } = await makeSite(t, "fails", NEVER);
  const hungUp = new Error("The sender hung up");
  async function* halfAMessage() {
    yield* chunksOf(CHUNKS[0]);
    throw hungUp;
  }
  await assert.rejects(maildir.deliver(halfAMessage(), destinations), { cause: hungUp });
  for (const folder of [...visible, join(root, "tmp")]) assert.deepEqual(readdirSync(folder), []);
});

const SHORT = {
  name: "a short message",
  chunks: CHUNKS,
  // create, write and sync at once, link, link, rename, and a sync of three folders
  steps: 8,
};
const LONG = {
  name: "a long message",
  chunks: [...CHUNKS, `${"x".repeat(70_000)}\n`, "the end\n"],
  // create, open anew, write, write, sync, and the same
  steps: 11,
};

for (const { name, chunks, steps } of [SHORT, LONG]) {
  const text = chunks.join("");

  test(`deliver of ${name} to three places takes ${steps} steps`, async (t) => {
    const { disk, maildir, destinations, visible } = await makeSite(t, "fails", NEVER);
    const { baseName } = await maildir.deliver(chunksOf(...chunks), destinations);
    assert.equal(disk.steps, steps);
    assert.equal(readFileSync(join(visible[0] ?? "", baseName), "latin1"), text);
  });

  for (let step = 1; step <= steps; step += 1) {
    test(`deliver of ${name} whose step ${step} fails says so and leaves nothing anywhere`, async (t) => {
      const { root, maildir, destinations, visible } = await makeSite(t, "fails", step);
      await assert.rejects(
        maildir.deliver(chunksOf(...chunks), destinations),
        (error: Error) => error.cause instanceof DiskError && error.cause.code === "EIO",
      );
      for (const folder of [...visible, join(root, "tmp")]) assert.deepEqual(readdirSync(folder), []);
    });

    test(`deliver of ${name} stopped before step ${step} shows no half message, and 36 hours later no trace`, async (t) => {
      const { root, maildir, destinations, visible } = await makeSite(t, "stops", step);
      await assert.rejects(maildir.deliver(chunksOf(...chunks), destinations));
      for (const folder of visible) {
        for (const file of readdirSync(folder))
          assert.equal(readFileSync(join(folder, file), "latin1"), text);
      }
      const hoursLater = (hours: number) => new Date(Date.now() + hours * 3_600_000);
      const left = readdirSync(join(root, "tmp")).length;
      await openTestMaildir(root, { now: hoursLater(35.9) });
      assert.equal(readdirSync(join(root, "tmp")).length, left);
      await openTestMaildir(root, { now: hoursLater(36.1) });
      assert.deepEqual(readdirSync(join(root, "tmp")), []);
    });
  }
}
