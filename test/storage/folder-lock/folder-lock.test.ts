import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isFolderLocked, takeFolderLock } from "../../../src/storage/folder-lock/folder-lock.ts";
import { ownFolder } from "../../end-to-end/support/test-settings.ts";

test("a lock is had by one, seen by all, and free again when it is released", (t) => {
  const folder = ownFolder(t);
  const path = join(folder, "lock");
  assert.equal(isFolderLocked(path), false);
  assert.deepEqual(readdirSync(folder), []); // it only looked
  for (let round = 0; round < 2; round++) {
    const lock = takeFolderLock(path);
    assert.ok(lock);
    assert.equal(takeFolderLock(path), undefined);
    assert.equal(isFolderLocked(path), true);
    lock.release();
    assert.equal(isFolderLocked(path), false);
  }
  assert.deepEqual(readdirSync(folder), ["lock"]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a file that is no lock fails with what to do", (t) => {
  const path = join(ownFolder(t), "lock");
  writeFileSync(path, "something else ".repeat(100));
  assert.equal(isFolderLocked(path), false);
  const sentence = `Cannot lock "${path}": stop what works with this folder, and delete the file`;
  assert.throws(() => takeFolderLock(path), { message: sentence });
});
