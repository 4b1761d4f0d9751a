import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FLAG_MARK } from "../../../src/storage/maildir/maildir.ts";
import { append, openForImap, viewOf } from "./mailbox-sandbox.ts";

const FIRST = ["INBOX", "Archive", "Drafts", "Junk", "Secretary", "Secretary.Held", "Sent", "Trash"];

test("list has INBOX first and nothing that is no mailbox", async (t) => {
  const { root, maildir } = await openForImap(t);
  for (const folder of [".Own/cur", ".Not/new", "..x/cur", ".INBOX/cur", "plain/cur"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, ".file"), "");
  assert.deepEqual(await maildir.mailboxes.list(), [
    "INBOX",
    "Archive",
    "Drafts",
    "Junk",
    "Own",
    ...FIRST.slice(4),
  ]);
});

test("create and the renaming of INBOX make no mailbox that cannot be opened", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  await append(maildir, ["a"]);
  const obstacle = join(root, ".New", "dovecot-uidlist"); // a file is written there
  mkdirSync(obstacle, { recursive: true });
  await assert.rejects(mailboxes.create("New"), /EISDIR/);
  await assert.rejects(mailboxes.rename("INBOX", "New"), /EISDIR/);
  assert.deepEqual(await mailboxes.list(), FIRST);
  assert.deepEqual(readdirSync(join(root, ".New")), ["dovecot-uidlist"]);
  rmSync(obstacle, { recursive: true });
  assert.equal(await mailboxes.create("New"), "created");
  assert.equal((await mailboxes.status("New"))?.messages, 0);
});

test("create makes a Maildir++ folder, once, with any name that is one", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  assert.equal(await mailboxes.create("Tr&AOQ-ume.2026"), "created");
  assert.deepEqual(readdirSync(join(root, ".Tr&AOQ-ume.2026")).sort(), [
    "cur",
    "dovecot-uidlist",
    "maildirfolder",
    "new",
    "tmp",
  ]);
  assert.equal(await mailboxes.create("Tr&AOQ-ume.2026"), "exists");
  assert.equal(await mailboxes.create("INBOX"), "exists");
  for (const name of ["", ".", "a..b", "a/b", "inbox", "a\n"]) {
    assert.equal(await mailboxes.create(name), "bad-name", JSON.stringify(name));
  }
});

test("delete removes a mailbox, tells its views, and leaves those below it", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  await mailboxes.create("a");
  await mailboxes.create("a.b");
  await append(maildir, ["x"], "a");
  const { view, changes } = await viewOf(maildir, "a");
  const { uidValidity } = view;
  assert.equal(await mailboxes.delete("a"), "deleted");
  assert.deepEqual(changes, [{ kind: "gone" }]);
  assert.deepEqual((await mailboxes.list()).slice(-1), ["a.b"]);
  assert.ok(readdirSync(root).every((entry) => !entry.includes("TRASHED")));
  assert.equal(await mailboxes.delete("a"), "missing");
  assert.equal(await mailboxes.delete("INBOX"), "bad-name");

  await mailboxes.create("a");
  assert.ok((await viewOf(maildir, "a")).view.uidValidity > uidValidity);
});

test("what a crash left of a deleted mailbox is removed at the next start", async (t) => {
  const { root, maildir } = await openForImap(t);
  await maildir.close();
  mkdirSync(join(root, "..DOVECOT-TRASHED", "cur"), { recursive: true });
  await openForImap(t, { root });
  assert.equal(existsSync(join(root, "..DOVECOT-TRASHED")), false);
});

test("rename takes along the mailboxes below, with their messages and UIDs", async (t) => {
  const { maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  for (const name of ["a", "a.b", "ab"]) await mailboxes.create(name);
  await append(maildir, ["x", "y"], "a.b");
  const { view, changes } = await viewOf(maildir, "a.b");
  const { mailboxId, uidValidity } = view;
  assert.equal(await mailboxes.rename("a", "z.y"), "renamed");
  assert.deepEqual(changes, [{ kind: "gone" }]);
  assert.deepEqual((await mailboxes.list()).slice(FIRST.length), ["ab", "z.y", "z.y.b"]);
  const after = (await viewOf(maildir, "z.y.b")).view;
  assert.deepEqual([after.mailboxId, after.uidValidity, after.messageCount], [mailboxId, uidValidity, 2]);
});

test("rename is refused where it would hide or lose a mailbox", async (t) => {
  const { maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  for (const name of ["a", "a.b", "c.b"]) await mailboxes.create(name);
  assert.equal(await mailboxes.rename("nowhere", "d"), "missing");
  assert.equal(await mailboxes.rename("a", "Trash"), "exists");
  assert.equal(await mailboxes.rename("a", "c"), "exists"); // c.b is there
  assert.equal(await mailboxes.rename("a", "a.b.c"), "bad-name");
  assert.equal(await mailboxes.rename("a", "../c"), "bad-name");
  assert.equal(await mailboxes.rename("a", "x".repeat(253)), "bad-name"); // too long for a.b
  assert.deepEqual((await mailboxes.list()).slice(FIRST.length), ["a", "a.b", "c.b"]);
});

test("rename of INBOX moves its messages and leaves it empty (RFC 9051 §6.3.6)", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["x", "y"]);
  const { view, changes } = await viewOf(maildir);
  assert.equal(await maildir.mailboxes.rename("INBOX", "old"), "renamed");
  assert.deepEqual(changes, [{ kind: "expunged", uids: [1, 2] }]);
  assert.equal(view.messageCount, 0);
  assert.equal((await maildir.mailboxes.status("old"))?.messages, 2);
});

test("status counts without opening a view", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["x", "y", "z"]);
  const { view } = await viewOf(maildir);
  await view.store([1], () => FLAG_MARK.seen);
  await view.store([2], () => FLAG_MARK.trashed);
  const { uidValidity, mailboxId, highestModSeq } = view;
  const expected = {
    messages: 3,
    unseen: 2,
    deleted: 1,
    recent: 1,
    uidNext: 4,
    uidValidity,
    mailboxId,
    highestModSeq,
  };
  assert.deepEqual(await maildir.mailboxes.status("INBOX"), expected);
  assert.equal(await maildir.mailboxes.status("Nowhere"), undefined);
});

test("subscriptions of an older Dovecot are read, and those at the same time are all kept", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  writeFileSync(join(root, "subscriptions"), "INBOX\na.b\n");
  assert.deepEqual(await mailboxes.subscriptions(), ["INBOX", "a.b"]);
  await Promise.all(["c", "d.e", "c"].map((name) => mailboxes.subscribe(name)));
  await mailboxes.unsubscribe("INBOX");
  await mailboxes.unsubscribe("never");
  assert.deepEqual(await mailboxes.subscriptions(), ["a.b", "c", "d.e"]);
});

test("what mailboxes are created for survives a restart and a new name, and goes with the mailbox", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { mailboxes } = maildir;
  await mailboxes.create("one", ["\\Archive", "\\Junk"]);
  await mailboxes.create("one.below", ["\\Sent"]);
  await mailboxes.create("plain");
  assert.equal(await mailboxes.create("one", ["\\Trash"]), "exists");
  await mailboxes.rename("one", "two words");
  const kept = new Map([
    ["two words", ["\\Archive", "\\Junk"]],
    ["two words.below", ["\\Sent"]],
  ]);
  assert.deepEqual(await mailboxes.specialUses(), kept);
  await maildir.close();
  const again = (await openForImap(t, { root })).maildir.mailboxes;
  assert.deepEqual(await again.specialUses(), kept);
  await again.delete("two words");
  await again.create("two words");
  assert.deepEqual([...(await again.specialUses()).keys()], ["two words.below"]);
});

test("the user is subscribed to the mailboxes that the first start makes, and not again to what is there", async (t) => {
  const { root, maildir } = await openForImap(t);
  assert.deepEqual((await maildir.mailboxes.subscriptions()).toSorted(), FIRST.toSorted());
  await maildir.mailboxes.unsubscribe("Junk");
  await maildir.mailboxes.delete("Trash");
  await maildir.mailboxes.unsubscribe("Trash");
  await maildir.close();
  const again = (await openForImap(t, { root })).maildir.mailboxes;
  assert.deepEqual(
    (await again.subscriptions()).toSorted(),
    FIRST.filter((name) => name !== "Junk").toSorted(),
  );
});

test("restore makes a mailbox again of which something is missing, and nothing where the Maildir is away", async (t) => {
  const { root, maildir } = await openForImap(t);
  assert.equal(await maildir.restore("Secretary"), false);
  for (const gone of [".Secretary", ".Secretary/new"]) {
    rmSync(join(root, gone), { recursive: true });
    assert.equal(await maildir.restore("Secretary"), true, gone);
    assert.deepEqual(await maildir.list("Secretary"), []);
  }
  renameSync(root, `${root}.away`);
  t.after(() => rmSync(`${root}.away`, { recursive: true }));
  await assert.rejects(maildir.restore("Secretary"), /^Error: Cannot find the Maildir "/);
  assert.equal(existsSync(root), false);
});

test("append to a large mailbox that nobody looks at keeps up with what others do there", async (t) => {
  const { root, maildir } = await openForImap(t);
  await maildir.mailboxes.create("Large");
  const folder = join(root, ".Large", "cur");
  for (let nth = 0; nth < 1100; nth += 1) writeFileSync(join(folder, `${nth}:2,S`), "there before");
  const countOf = async () => (await maildir.mailboxes.status("Large"))?.messages;
  assert.equal(await countOf(), 1100);
  for (let nth = 1; nth <= 5; nth += 1) {
    const [uid = 0] = await append(maildir, ["appended"], "Large");
    writeFileSync(join(folder, `other${nth}:2,S`), "put there");
    assert.equal(await countOf(), 1100 + 2 * nth);
    assert.equal(uid, 1100 + 2 * nth - 1);
  }
});
