import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDotlock } from "../../../src/storage/maildir/dotlock.ts";
import { worldOf } from "../../../src/storage/maildir/surroundings.ts";
import { ownFolder } from "./sandbox.ts";

const world = worldOf({
  now: () => new Date(),
  randomOctets: (octets) => new Uint8Array(octets),
  hostname: "mail.example.test",
});

test("withDotlock holds the lock while something is done, and lets go of it when that fails", async (t) => {
  const path = join(ownFolder(t), "list");
  const result = await withDotlock(path, world, async () => readFileSync(`${path}.lock`, "utf8"));
  assert.equal(result, `${process.pid}:mail.example.test`);
  assert.equal(existsSync(`${path}.lock`), false);
  await assert.rejects(
    withDotlock(path, world, () => Promise.reject(new Error("failed"))),
    /failed/,
  );
  assert.equal(existsSync(`${path}.lock`), false);
});

test("withDotlock waits for somebody else", async (t) => {
  const path = join(ownFolder(t), "list");
  writeFileSync(`${path}.lock`, "1:other.example.test");
  let isFree = false;
  const waiting = withDotlock(path, world, async () => assert.ok(isFree));
  await new Promise((resolve) => setImmediate(resolve));
  isFree = true;
  await unlink(`${path}.lock`);
  await waiting;
});

test("withDotlock does not wait for a process of this host that has died", async (t) => {
  const path = join(ownFolder(t), "list");
  const { pid } = spawnSync("true");
  for (const holder of [pid, process.pid]) {
    writeFileSync(`${path}.lock`, `${holder}:mail.example.test`);
    await withDotlock(path, world, async () => {});
  }
});

test("withDotlock does not wait for a lock that is two minutes old", async (t) => {
  const path = join(ownFolder(t), "list");
  writeFileSync(`${path}.lock`, "1:other.example.test");
  const old = Date.now() / 1000 - 121;
  utimesSync(`${path}.lock`, old, old);
  await withDotlock(path, world, async () => {});
});
