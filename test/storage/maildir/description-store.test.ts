import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { DescriptionStore } from "../../../src/storage/maildir/description-store.ts";
import type { DaySearch, MessageKeys } from "../../../src/storage/maildir/mailbox-view.ts";
import { NO_KEYS } from "../../../src/storage/maildir/surroundings.ts";
import { ownFolder } from "./sandbox.ts";

const OWNER = { uidValidity: 1, mailboxId: "x", version: 1 };

/** A store with a description and keys for each of the UIDs. */
function storeOf(t: TestContext, keys: ReadonlyMap<number, Partial<MessageKeys>>): DescriptionStore {
  const folder = mkdtempSync(join(tmpdir(), "descriptions-"));
  const store = new DescriptionStore(folder, OWNER);
  t.after(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  store.put(new Map([...keys.keys()].map((uid) => [uid, descriptionOf(uid)])));
  store.putKeys(new Map([...keys].map(([uid, each]) => [uid, { ...NO_KEYS, ...each }])));
  return store;
}

function descriptionOf(uid: number) {
  return { header: `header of ${uid}`, structure: `structure of ${uid}` };
}

/** UIDs near each other, which are read as a range, and far apart, which are not. */
const WANTED: Readonly<Record<string, readonly number[]>> = {
  near: [1, 2, 3, 4, 6, 7],
  far: [1, 3, 900, 4_000_000_000],
};

const SUBJECTS = new Map([
  [1, { subject: "\x1eGRU\u0308SSE" }],
  [3, { subject: null, cc: "GRU\u0308SSE" }],
  [4, { subject: "", from: "GRU\u0308SSE" }],
  [5, { subject: "U\u0308" }],
  [6, { subject: "A\0BU\u0308" }],
  [900, { subject: "\x1eNOTHING\x1eU\u0308" }],
  [4_000_000_000, { subject: "\x1eNOTHING" }],
]);

const FOUND: Readonly<Record<string, readonly number[]>> = { near: [1, 3, 2, 0, 1, 3], far: [1, 2, 1, 0] };

for (const [name, uids] of Object.entries(WANTED)) {
  test(`find says of messages whose UIDs are ${name} whether they have the needle`, (t) => {
    const store = storeOf(t, SUBJECTS);
    assert.deepEqual([...store.find(uids, { part: "subject", needle: "U\u0308" })], FOUND[name]);
    assert.deepEqual(
      [...store.find(uids, { part: "subject", needle: "\x1e" })].map((found) => found === 1),
      uids.map((uid) => SUBJECTS.get(uid)?.subject?.includes("\x1e") === true),
    );
  });

  test(`find says of messages whose UIDs are ${name} on which side of a day they were sent`, (t) => {
    const days = new Map([...SUBJECTS.keys()].map((uid) => [uid, uid === 6 ? null : (uid % 3) - 1]));
    const store = storeOf(t, new Map([...days].map(([uid, sentDay]) => [uid, { sentDay }])));
    const expected = (isWanted: (day: number) => boolean): number[] =>
      uids.map((uid) => {
        const day = days.get(uid);
        if (day === undefined) return 3;
        return day === null ? 2 : Number(isWanted(day));
      });
    const find = (relation: DaySearch["relation"]) => [
      ...store.find(uids, { part: "sentDay", relation, day: 0 }),
    ];
    assert.deepEqual(
      find("before"),
      expected((day) => day < 0),
    );
    assert.deepEqual(
      find("on"),
      expected((day) => day === 0),
    );
    assert.deepEqual(
      find("since"),
      expected((day) => day >= 0),
    );
  });

  test(`get and columns give what is there in the order of UIDs that are ${name}`, (t) => {
    const sentAt = (uid: number) => (uid % 3 === 0 ? null : 1_700_000_000_000 - uid);
    const store = storeOf(t, new Map([...SUBJECTS.keys()].map((uid) => [uid, { sentAt: sentAt(uid) }])));
    const there = (uid: number) => SUBJECTS.has(uid);
    const described = uids.map((uid) => (there(uid) ? descriptionOf(uid) : undefined));
    assert.deepEqual(store.get(uids, ["structure", "header"]), described);
    const columns = store.columns(uids, ["subjectKey", "sentAt"]);
    assert.deepEqual(columns, [
      uids.map((uid) => (there(uid) ? "" : undefined)),
      uids.map((uid) => (there(uid) ? sentAt(uid) : undefined)),
    ]);
  });
}

test("what many puts wrote is checkpointed when nobody has written for a while", async (t) => {
  const folder = ownFolder(t);
  const store = new DescriptionStore(folder, OWNER);
  t.after(() => store.close());
  const structure = "x".repeat(1000);
  for (let uid = 1; uid <= 1000; uid++) store.put(new Map([[uid, { header: "", structure }]]));
  const database = join(folder, "secretary.index.sqlite");
  assert.ok(statSync(database).size < 100_000); // all is in the log
  while (statSync(database).size < 1_000_000) await delay(10);
  assert.equal(store.get([1000], ["structure"])[0]?.structure, structure);
});

test("a store that somebody else keeps from writing loses only what it was to write", (t) => {
  const folder = ownFolder(t);
  const store = new DescriptionStore(folder, OWNER);
  t.after(() => store.close());
  const put = (uid: number) => store.put(new Map([[uid, { header: "", structure: `${uid}` }]]));
  put(1);
  const other = new DatabaseSync(join(folder, "secretary.index.sqlite"));
  other.exec("BEGIN IMMEDIATE");
  put(2);
  other.exec("ROLLBACK");
  other.close();
  put(3);
  const structures = store.get([1, 2, 3], ["structure"]).map((parts) => parts?.structure);
  assert.deepEqual(structures, ["1", undefined, "3"]);
});

test("a store whose file can neither be opened nor removed is empty, and nobody fails for it", (t) => {
  const folder = ownFolder(t);
  mkdirSync(join(folder, "secretary.index.sqlite", "in the way"), { recursive: true });
  const store = new DescriptionStore(folder, OWNER);
  t.after(() => store.close());
  store.put(new Map([[1, { header: "", structure: "" }]]));
  store.putKeys(new Map([[1, NO_KEYS]]));
  assert.deepEqual(store.get([1], ["structure"]), [undefined]);
  assert.deepEqual([...store.find([1], { part: "subject", needle: "X" })], [3]);
});

test("find and get of nothing are nothing, and a closed store knows nothing", (t) => {
  const store = storeOf(t, SUBJECTS);
  assert.deepEqual([...store.find([], { part: "subject", needle: "X" })], []);
  assert.deepEqual(store.get([], ["header"]), []);
  store.remove([1]);
  assert.deepEqual([...store.find([1, 5], { part: "subject", needle: "X" })], [3, 0]);
  store.close();
  assert.deepEqual([...store.find([1, 5], { part: "subject", needle: "X" })], [3, 3]);
  assert.deepEqual(store.get([1, 5], ["header"]), [undefined, undefined]);
});
