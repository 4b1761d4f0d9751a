import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpungeLog, MAX_EXPUNGED } from "../../../src/storage/maildir/expunge-log.ts";

test("ExpungeLog tells what was expunged since, and since when it knows", () => {
  const log = new ExpungeLog(100);
  log.add([7], 101);
  log.add([3, 9], 105);
  assert.deepEqual(log.since(100), [3, 7, 9]);
  assert.deepEqual(log.since(101), [3, 9]);
  assert.deepEqual(log.since(105), []);
  assert.equal(log.since(99), undefined);
});

test("ExpungeLog forgets the oldest, and says so", () => {
  const log = new ExpungeLog(100);
  log.add([1, 2], 101);
  log.add([3], 102);
  log.add(
    Array.from({ length: MAX_EXPUNGED - 1 }, (_, nth) => nth + 10),
    103,
  );
  assert.equal(log.since(100), undefined);
  assert.equal(log.since(101)?.length, MAX_EXPUNGED);
  log.add(
    Array.from({ length: MAX_EXPUNGED + 5 }, (_, nth) => nth + 100_000),
    104,
  );
  assert.equal(log.since(103), undefined);
  assert.deepEqual(log.since(104), []);
});

test("ExpungeLog is the same after being written and read", () => {
  const log = new ExpungeLog(100);
  log.add([7], 101);
  const again = ExpungeLog.from(JSON.parse(JSON.stringify(log.entries)));
  again.add([8], 102);
  assert.deepEqual([again.since(100), again.since(99)], [[7, 8], undefined]);
});
