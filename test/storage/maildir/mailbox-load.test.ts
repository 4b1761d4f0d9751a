import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { FLAG_MARK, type MailboxView } from "../../../src/storage/maildir/maildir.ts";
import { append, expunge, openForImap, viewOf } from "./mailbox-sandbox.ts";

/** What has to survive: UIDs with marks, by file, and what gives them their meaning. */
function snapshot(view: MailboxView) {
  return {
    uidValidity: view.uidValidity,
    mailboxId: view.mailboxId,
    uidNext: view.uidNext,
    marks: [...view.uids()].map((uid) => [uid, view.marksOf(uid)]),
    modSeqs: [...view.uids()].map((uid) => view.modSeqOf(uid)),
  };
}

/** A mailbox with messages 1, 3 and 4 of four, closed well. */
async function makeMailbox(t: TestContext) {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b", "c", "d"]);
  const { view } = await viewOf(maildir);
  await expunge(view, [2]);
  await view.store([3], () => FLAG_MARK.seen);
  const before = snapshot(view);
  await maildir.close();
  return { root, before };
}

/** The mailbox as a new start finds it. */
async function reopen(t: TestContext, root: string) {
  const { maildir } = await openForImap(t, { root });
  const { view } = await viewOf(maildir);
  return { maildir, view };
}

/** Dates the folders back, so that the index trusts them. */
function letTimePass(root: string): void {
  for (const folder of ["cur", "new"]) utimesSync(join(root, folder), 1_600_000_000, 1_600_000_000);
}

test("a restart changes nothing", async (t) => {
  const { root, before } = await makeMailbox(t);
  assert.deepEqual(snapshot((await reopen(t, root)).view), before);
});

test("a restart takes the index as it is when nothing happened meanwhile", async (t) => {
  const { root, before } = await makeMailbox(t);
  letTimePass(root);
  await (await reopen(t, root)).maildir.close();
  // Only an index that is believed does not notice this.
  for (const name of readdirSync(join(root, "cur"))) renameSync(join(root, "cur", name), join(root, name));
  letTimePass(root);
  const { view } = await reopen(t, root);
  assert.deepEqual(snapshot(view), before);
});

for (const [name, damage] of [
  ["deleted", (path: string) => unlinkSync(path)],
  ["cut short", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
  ["empty", (path: string) => writeFileSync(path, "")],
  ["of nonsense", (path: string) => writeFileSync(path, "nonsense".repeat(100))],
] as const) {
  test(`with the index ${name}, UIDs and marks are the same and mod-sequences higher`, async (t) => {
    const { root, before } = await makeMailbox(t);
    damage(join(root, "secretary.index"));
    const { view } = await reopen(t, root);
    const { modSeqs, ...after } = snapshot(view);
    const { modSeqs: _, ...expected } = before;
    assert.deepEqual(after, expected);
    assert.ok(modSeqs.every((modSeq, nth) => (modSeq ?? 0) > (before.modSeqs[nth] ?? 0)));
    assert.equal(view.expungedSince(before.modSeqs[0] ?? 0), undefined);
  });
}

test("an index that somebody removed while the mailbox is in use is written again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { root } = await makeMailbox(t);
  letTimePass(root);
  await (await reopen(t, root)).maildir.close(); // with an index that is believed, none has to be written
  const { view } = await reopen(t, root);
  const index = join(root, "secretary.index");
  unlinkSync(index);
  await view.refresh();
  t.mock.timers.tick(10_000);
  while (!existsSync(index)) await nextTick();
});

test("an index with any single octet changed is no index, and nothing depends on it", async (t) => {
  const { root, before } = await makeMailbox(t);
  const index = readFileSync(join(root, "secretary.index"));
  for (let at = 0; at < index.length; at += 41) {
    const damaged = Buffer.from(index);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(join(root, "secretary.index"), damaged);
    const { view, maildir } = await reopen(t, root);
    assert.deepEqual(snapshot(view).marks, before.marks);
    await maildir.close();
  }
});

test("with dovecot-uidlist deleted, UIDs come from the index and are written again", async (t) => {
  const { root, before } = await makeMailbox(t);
  unlinkSync(join(root, "dovecot-uidlist"));
  const { view, maildir } = await reopen(t, root);
  assert.deepEqual(snapshot(view).marks, before.marks);
  assert.equal(view.uidValidity, before.uidValidity);
  await maildir.close();
  unlinkSync(join(root, "secretary.index"));
  assert.deepEqual(snapshot((await reopen(t, root)).view).marks, before.marks);
});

test("with both lost, the mailbox has a new UIDVALIDITY", async (t) => {
  const { root, before } = await makeMailbox(t);
  for (const name of ["dovecot-uidlist", "secretary.index"]) unlinkSync(join(root, name));
  // A second later, or the clock would be the same.
  const { view } = await reopen(t, root);
  assert.notEqual(view.mailboxId, before.mailboxId);
  assert.deepEqual([...view.uids()], [1, 2, 3]);
});

test("an old index loses to a newer dovecot-uidlist and to the folders", async (t) => {
  const { root } = await makeMailbox(t);
  const oldIndex = readFileSync(join(root, "secretary.index"));
  const { view, maildir } = await reopen(t, root);
  const since = view.highestModSeq;
  await append(maildir, ["e", "f"]); // 5 and 6
  await expunge(view, [3, 5]);
  await view.store([4], () => FLAG_MARK.flagged);
  const later = snapshot(view);
  await maildir.close();
  writeFileSync(join(root, "secretary.index"), oldIndex);

  const again = (await reopen(t, root)).view;
  assert.deepEqual(snapshot(again).marks, later.marks);
  assert.equal(again.uidNext, 7);
  assert.ok(again.highestModSeq > view.highestModSeq);
  assert.deepEqual(again.expungedSince(since), [3, 5]);
});

test("what an old backup of dovecot-uidlist does not know is written into it again", async (t) => {
  const { root } = await makeMailbox(t);
  const oldList = readFileSync(join(root, "dovecot-uidlist"));
  const { maildir } = await reopen(t, root);
  await append(maildir, ["e"]); // 5
  await maildir.close();
  writeFileSync(join(root, "dovecot-uidlist"), oldList);
  const again = await reopen(t, root);
  assert.deepEqual([...again.view.uids()], [1, 3, 4, 5]);
  assert.match(readFileSync(join(root, "dovecot-uidlist"), "utf8"), /^3 V\d+ N6 .*\n(?:.*\n)*5 :/);
});

test("a UID that was told is not given to another message, though dovecot-uidlist says it is free", async (t) => {
  const { root } = await makeMailbox(t);
  const oldList = readFileSync(join(root, "dovecot-uidlist"));
  const { maildir, view } = await reopen(t, root);
  await append(maildir, ["e"]); // 5
  await expunge(view, [5]);
  await maildir.close();
  writeFileSync(join(root, "dovecot-uidlist"), oldList);
  assert.deepEqual(await append((await reopen(t, root)).maildir, ["f"]), [6]);
});

test("UIDs that another program gave are taken over, with its fields", async (t) => {
  const { root, before } = await makeMailbox(t);
  writeFileSync(join(root, "cur", "foreign:2,"), "");
  appendFileSync(join(root, "dovecot-uidlist"), "9 P7 W1 :foreign\n");
  const { view, maildir } = await reopen(t, root);
  assert.deepEqual([...view.uids()], [1, 3, 4, 9]);
  assert.equal(view.uidNext, 10);
  await append(maildir, ["e"]);
  unlinkSync(join(root, "dovecot-uidlist"));
  await append(maildir, ["f"]);
  const list = readFileSync(join(root, "dovecot-uidlist"), "utf8");
  assert.match(list, new RegExp(`^3 V${before.uidValidity} N1[12] G${before.mailboxId}\n`));
  assert.match(list, /\n9 P7 W1 :foreign\n10 :.*\n11 :.*\n$/);
});

test("a line that a crash cut short does not spoil the next one", async (t) => {
  const { root } = await makeMailbox(t);
  appendFileSync(join(root, "dovecot-uidlist"), "5 :1795233504.M3237");
  const { maildir } = await reopen(t, root);
  assert.deepEqual(await append(maildir, ["e"]), [5]);
  await maildir.close();
  unlinkSync(join(root, "secretary.index"));
  assert.deepEqual([...(await reopen(t, root)).view.uids()], [1, 3, 4, 5]);
});

test("another UIDVALIDITY ends all views, and the next one has it", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a"]);
  const { view, changes } = await viewOf(maildir);
  const list = readFileSync(join(root, "dovecot-uidlist"), "utf8");
  writeFileSync(join(root, "dovecot-uidlist"), list.replace(/ V\d+ /, " V7 "));
  await view.refresh();
  assert.deepEqual(changes, [{ kind: "gone" }]);
  assert.equal((await viewOf(maildir)).view.uidValidity, 7);
});

test("a message that Dovecot gave another UID is another message", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a"]);
  const { view, changes } = await viewOf(maildir);
  const list = readFileSync(join(root, "dovecot-uidlist"), "utf8");
  writeFileSync(join(root, "dovecot-uidlist"), list.replace(/^1 :/m, "8 :"));
  await view.refresh();
  assert.deepEqual(changes, [
    { kind: "expunged", uids: [1] },
    { kind: "arrived", uids: [8] },
  ]);
});

test("many expunged messages do not stay in dovecot-uidlist for ever", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(
    maildir,
    Array.from({ length: 150 }, (_, nth) => `${nth}`),
  );
  const { view } = await viewOf(maildir);
  await expunge(view, view.uids().subarray(0, 140) as unknown as number[]);
  await maildir.close();
  const lines = readFileSync(join(root, "dovecot-uidlist"), "utf8").trimEnd().split("\n");
  assert.equal(lines.length, 11);
  assert.match(lines[0] ?? "", / N151 /);
});

test("a whole mailbox can be restored from a backup while it is in use", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b"], "Archive");
  const { view } = await viewOf(maildir, "Archive");
  const backup = join(root, "backup");
  cpSync(join(root, ".Archive"), backup, { recursive: true });
  await expunge(view, [1, 2]);
  rmSync(join(root, ".Archive"), { recursive: true });
  renameSync(backup, join(root, ".Archive"));
  const { view: restored } = await viewOf(maildir, "Archive");
  assert.equal(restored.messageCount, 2);
  assert.equal(restored.uidValidity, view.uidValidity);
  assert.deepEqual([...restored.uids()], [3, 4]);
});
