import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type StoredMessage, TooManyKeywords } from "../../../src/storage/maildir/maildir.ts";
import { DiskError, faultyDisk } from "./faulty-disk.ts";
import { chunksOf, openTestMaildir, ownFolder, textOf } from "./sandbox.ts";

async function makeMaildir(t: TestContext) {
  const folder = ownFolder(t);
  const [root, spool] = [join(folder, "Maildir"), join(folder, "spool")];
  mkdirSync(spool);
  const maildir = await openTestMaildir(root);
  /** The only message of a mailbox. */
  async function onlyIn(mailbox: string): Promise<StoredMessage> {
    const [message, ...others] = await maildir.list(mailbox);
    assert.ok(message);
    assert.deepEqual(others, []);
    return message;
  }
  return { root, spool, maildir, onlyIn };
}

test("openMaildir makes every mailbox that is there from the start, and is content to find them", async (t) => {
  const { root } = await makeMaildir(t);
  await openTestMaildir(root);
  for (const folder of [
    "",
    ".Sent",
    ".Drafts",
    ".Trash",
    ".Junk",
    ".Archive",
    ".Secretary",
    ".Secretary.Held",
  ]) {
    const entries = readdirSync(join(root, folder)).filter((entry) => !entry.startsWith("."));
    const others = folder === "" ? "subscriptions" : "maildirfolder";
    assert.deepEqual(entries, ["cur", "new", "tmp", others].sort());
  }
});

test("openMaildir names the folder in which no mail can be kept", async (t) => {
  const root = ownFolder(t);
  writeFileSync(join(root, "cur"), "");
  await assert.rejects(openTestMaildir(root), /^Error: Cannot keep mail in ".*\/cur": /);
});

test("file moves a message out of the spool, marked, with one rename", async (t) => {
  const { root, spool, maildir, onlyIn } = await makeMaildir(t);
  const { baseName } = await maildir.deliver(chunksOf("a\n"), [{ folder: spool }]);
  const filed = await maildir.file(join(spool, baseName), "Secretary", {
    keywords: ["$Approved"],
    flags: ["seen"],
  });
  assert.deepEqual(readdirSync(spool), []);
  assert.deepEqual(await onlyIn("Secretary"), filed);
  assert.match(filed.path, /\.Secretary\/cur\/\d+\.M.*,S=2,W=3:2,Sa$/);
  assert.deepEqual([filed.octets, filed.flags, filed.keywords], [2, ["seen"], ["$Approved"]]);
  assert.equal(readFileSync(join(root, ".Secretary", "dovecot-keywords"), "utf8"), "0 $Approved\n");
});

test("file puts an unmarked message into new under its name, once if it was delivered there too", async (t) => {
  const { root, spool, maildir } = await makeMaildir(t);
  const { baseName } = await maildir.deliver(chunksOf("a\n"), [{ mailbox: "INBOX" }, { folder: spool }]);
  const filed = await maildir.file(join(spool, baseName), "INBOX");
  assert.equal(filed.baseName, baseName);
  assert.deepEqual(readdirSync(join(root, "new")), [baseName]);
  assert.deepEqual(readdirSync(spool), []);
});

test("file adds its marks to a copy that was delivered to the mailbox and marked there since", async (t) => {
  const { root, spool, maildir, onlyIn } = await makeMaildir(t);
  const { baseName } = await maildir.deliver(chunksOf("a\n"), [{ mailbox: "INBOX" }, { folder: spool }]);
  renameSync(join(root, "new", baseName), join(root, "cur", `${baseName}:2,S`));
  await maildir.file(join(spool, baseName), "INBOX", { keywords: ["$Approved"] });
  const message = await onlyIn("INBOX");
  assert.deepEqual([message.flags, message.keywords], [["seen"], ["$Approved"]]);
  assert.deepEqual([...readdirSync(join(root, "new")), ...readdirSync(spool)], []);
});

for (const step of [1, 2, 3]) {
  test(`file stopped before step ${step} has the message in one place`, async (t) => {
    const { root, spool, maildir } = await makeMaildir(t);
    const { baseName } = await maildir.deliver(chunksOf("a\n"), [{ folder: spool }]);
    const stopping = await openTestMaildir(root, { disk: faultyDisk("stops", step) });
    await assert.rejects(stopping.file(join(spool, baseName), "INBOX"), DiskError);
    assert.equal(readdirSync(spool).length + (await maildir.list("INBOX")).length, 1);
  });
}

test("list shows what other programs put there, and nothing else", async (t) => {
  const { root, maildir } = await makeMaildir(t);
  for (const name of ["new/1.a.host", "cur/2.b.host:2,Sq", "cur/copied.eml", "cur/.hidden", "tmp/3.c.host"]) {
    writeFileSync(join(root, name), "");
  }
  writeFileSync(join(root, "dovecot-keywords"), "16 $Label1\n");
  const listed = (await maildir.list("INBOX")).sort((one, other) => (one.path < other.path ? -1 : 1));
  assert.deepEqual(
    listed.map(({ baseName, flags, keywords, octets }) => ({ baseName, flags, keywords, octets })),
    [
      { baseName: "2.b.host", flags: ["seen"], keywords: ["$Label1"], octets: undefined },
      { baseName: "copied.eml", flags: [], keywords: [], octets: undefined },
      { baseName: "1.a.host", flags: [], keywords: [], octets: undefined },
    ],
  );
});

test("list has a message once that stands in new and in cur", async (t) => {
  const { root, maildir, onlyIn } = await makeMaildir(t);
  await maildir.deliver(chunksOf("a"), [{ mailbox: "INBOX" }]);
  const message = await onlyIn("INBOX");
  writeFileSync(join(root, "cur", `${message.baseName}:2,S`), "a");
  assert.deepEqual((await onlyIn("INBOX")).flags, ["seen"]);
});

test("mark replaces what it is given and keeps the rest, unknown letters too", async (t) => {
  const { root, maildir, onlyIn } = await makeMaildir(t);
  writeFileSync(join(root, "cur", "1.a.host:2,RSXZ"), "");
  const approved = await maildir.mark(await onlyIn("INBOX"), { keywords: ["$Approved"] });
  assert.deepEqual(readdirSync(join(root, "cur")), ["1.a.host:2,RSXZa"]);
  assert.ok(approved);
  await maildir.mark(approved, { flags: ["flagged"] });
  assert.deepEqual(readdirSync(join(root, "cur")), ["1.a.host:2,FXZa"]);
  assert.deepEqual((await onlyIn("INBOX")).keywords, ["$Approved"]);
});

test("mark fails cleanly when no letter is left", async (t) => {
  const { maildir, onlyIn } = await makeMaildir(t);
  await maildir.deliver(chunksOf("a"), [{ mailbox: "INBOX" }]);
  const names = Array.from({ length: 26 }, (_, at) => `keyword${at}`);
  const marked = await maildir.mark(await onlyIn("INBOX"), { keywords: names });
  assert.ok(marked);
  await assert.rejects(maildir.mark(marked, { keywords: ["one-more"] }), TooManyKeywords);
  assert.deepEqual(await onlyIn("INBOX"), marked);
});

test("move translates keywords into the letters of the other mailbox", async (t) => {
  const { root, maildir, onlyIn } = await makeMaildir(t);
  writeFileSync(join(root, "dovecot-keywords"), "0 $Approved\n1 $Junk\n");
  writeFileSync(join(root, ".Secretary", "dovecot-keywords"), "0 other\n");
  writeFileSync(join(root, "cur", "1.a.host,S=1:2,Fb"), "a");
  const moved = await maildir.move(await onlyIn("INBOX"), "Secretary");
  assert.deepEqual(await maildir.list("INBOX"), []);
  assert.deepEqual(await onlyIn("Secretary"), moved);
  assert.match(moved?.path ?? "", /,S=1:2,Fb$/);
  assert.deepEqual([moved?.flags, moved?.keywords], [["flagged"], ["$Junk"]]);
});

test("a message that was renamed behind our back is found again", async (t) => {
  const { root, maildir, onlyIn } = await makeMaildir(t);
  await maildir.deliver(chunksOf("a", "b"), [{ mailbox: "INBOX" }]);
  const message = await onlyIn("INBOX");
  renameSync(message.path, join(root, "cur", `${message.baseName}:2,S`));
  assert.equal(await textOf(maildir.read(message)), "ab");
  const marked = await maildir.mark(message, { keywords: ["$Approved"] });
  assert.deepEqual(marked?.flags, ["seen"]);
  await maildir.remove(message);
  assert.deepEqual(await maildir.list("INBOX"), []);
});

test("a message that is gone is undefined to mark and move, fine to remove, and a failure to read", async (t) => {
  const { maildir, onlyIn } = await makeMaildir(t);
  await maildir.deliver(chunksOf("a"), [{ mailbox: "INBOX" }]);
  const message = await onlyIn("INBOX");
  await maildir.remove(message);
  assert.equal(await maildir.mark(message, { flags: ["seen"] }), undefined);
  assert.equal(await maildir.move(message, "Trash"), undefined);
  await maildir.remove(message);
  await assert.rejects(textOf(maildir.read(message)), /it is gone/);
});

for (const mailbox of ["", "../etc", "a/b", ".a", "a..b", "inbox", "a\0", "ä", "x".repeat(255)]) {
  test(`the mailbox name ${JSON.stringify(mailbox.slice(0, 8))} leads nowhere`, async (t) => {
    const { maildir } = await makeMaildir(t);
    await assert.rejects(async () => maildir.list(mailbox), /Cannot use/);
  });
}
