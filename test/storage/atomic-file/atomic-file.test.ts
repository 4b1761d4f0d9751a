import assert from "node:assert/strict";
import fs from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import {
  checkPrivateFolder,
  makePrivateFolder,
  openPrivateFolder,
  syncFolder,
  writeFileAtomically,
} from "../../../src/storage/atomic-file/atomic-file.ts";

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "atomic-file-"));
});
after(() => rm(root, { recursive: true }));

async function makeFolder(name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  return folder;
}

/** Replaces `sync` of every file handle: the file system cannot be made to fail, so this is a fake. */
async function mockSync(t: TestContext, sync: () => Promise<void>) {
  const handle = await open(root, "r");
  const prototype = Object.getPrototypeOf(handle) as { sync(): Promise<void> };
  await handle.close();
  return t.mock.method(prototype, "sync", sync);
}

/** The same for descriptors that are no handles. */
function mockFsync(t: TestContext, fsync: (done: (error: Error | null) => void) => void) {
  const fake = (_: number, done: (error: Error | null) => void) => fsync(done);
  const { mock } = t.mock.method(fs, "fsync", fake as typeof fs.fsync);
  syncBuiltinESMExports();
  function restore(): void {
    mock.restore();
    syncBuiltinESMExports();
  }
  t.after(restore);
  return { mock, restore };
}

test("writeFileAtomically makes a file that only its owner can read", async () => {
  const folder = await makeFolder("make");
  await writeFileAtomically(join(folder, "a"), Buffer.from("one"));
  assert.equal(await readFile(join(folder, "a"), "latin1"), "one");
  assert.equal((await stat(join(folder, "a"))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ["a"]);
});

test("writeFileAtomically replaces a file and leaves nothing else behind", async () => {
  const folder = await makeFolder("replace");
  await writeFile(join(folder, "a"), "a long old content");
  await writeFileAtomically(join(folder, "a"), Buffer.from("new"));
  assert.equal(await readFile(join(folder, "a"), "latin1"), "new");
  assert.deepEqual(await readdir(folder), ["a"]);
});

test("writeFileAtomically shows every reader the old file or a new one", async () => {
  const folder = await makeFolder("readers");
  const path = join(folder, "a");
  const versions = Array.from({ length: 20 }, (_, version) => Buffer.alloc(100_000, version));
  await writeFileAtomically(path, Buffer.alloc(100_000, 255));
  let done = false;
  const writing = Promise.all(versions.map((octets) => writeFileAtomically(path, octets))).finally(() => {
    done = true;
  });
  while (!done) {
    const seen = await readFile(path);
    assert.equal(seen.length, 100_000);
    assert.ok(seen.every((octet) => octet === seen[0]));
  }
  await writing;
  assert.deepEqual(await readdir(folder), ["a"]);
});

test("writeFileAtomically keeps the old file when the disk is full", async (t) => {
  const folder = await makeFolder("full");
  await writeFile(join(folder, "a"), "old");
  await mockSync(t, () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })));
  await assert.rejects(
    writeFileAtomically(join(folder, "a"), Buffer.from("new")),
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === "ENOSPC",
  );
  assert.equal(await readFile(join(folder, "a"), "latin1"), "old");
  assert.deepEqual(await readdir(folder), ["a"]);
});

test("writeFileAtomically rejects when the folder is missing", async () => {
  await assert.rejects(
    writeFileAtomically(join(root, "missing", "a"), Buffer.from("x")),
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === "ENOENT",
  );
});

test("syncFolder starts an fsync after each call, and callers share it", async (t) => {
  const folder = await makeFolder("group");
  const finish: (() => void)[] = [];
  const { mock } = mockFsync(t, (done) => finish.push(() => done(null)));
  const first = syncFolder(folder);
  let late = 0;
  const others = Array.from({ length: 50 }, () => syncFolder(folder).then(() => late++));
  finish[0]?.();
  await first;
  assert.equal(late, 0, "the first fsync may have begun before they asked");
  assert.equal(finish.length, 2);
  finish[1]?.();
  await Promise.all(others);
  assert.equal(mock.callCount(), 2);
});

test("syncFolder tells all who shared a failed fsync, and works again afterwards", async (t) => {
  const folder = await makeFolder("failing");
  const { restore } = mockFsync(t, (done) => done(new Error("input/output error")));
  const outcomes = await Promise.allSettled([syncFolder(folder), syncFolder(folder), syncFolder(folder)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  restore();
  await syncFolder(folder);
});

test("makePrivateFolder makes what is missing, durably and for the owner only", async (t) => {
  const base = await makeFolder("folders");
  const { mock } = mockFsync(t, (done) => done(null));
  await makePrivateFolder(join(base, "a", "b"));
  await makePrivateFolder(join(base, "a", "b"));
  assert.equal((await stat(join(base, "a", "b"))).mode & 0o777, 0o700);
  assert.equal(mock.callCount(), 2);
});

test("openPrivateFolder and checkPrivateFolder say the same of what cannot be, and the check makes nothing", async () => {
  const base = await makeFolder("refused");
  await writeFile(join(base, "file"), "");
  const CASES = [
    // Node's own recursive mkdir never ends there.
    { path: "/proc/secretary/mail", advice: "no folder can be made there; choose another" },
    { path: join(base, "file"), advice: "a part of this path is a file; choose a folder" },
    { path: join(base, "file", "below"), advice: "a part of this path is a file; choose a folder" },
  ];
  for (const { path, advice } of CASES) {
    const message =
      process.geteuid?.() !== 0 && path.startsWith("/proc") ? /user id/ : new RegExp(`: ${advice}$`);
    for (const attempt of [openPrivateFolder, checkPrivateFolder]) {
      await assert.rejects(attempt(path, "mail"), (error: Error) => {
        assert.match(error.message, /^Cannot keep mail in "/);
        assert.match(error.message, message);
        return true;
      });
    }
  }
  await checkPrivateFolder(join(base, "new", "one"), "mail");
  assert.deepEqual(await readdir(base), ["file"]);
});
