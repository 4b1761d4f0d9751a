import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { FLAG_MARK, TooManyKeywords, type UnreadableMessage } from "../../../src/storage/maildir/maildir.ts";
import { NO_KEYS } from "../../../src/storage/maildir/surroundings.ts";
import { append, expunge, openForImap, shoutingDescriber, viewOf } from "./mailbox-sandbox.ts";
import { chunksOf, textOf } from "./sandbox.ts";

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  return (await listed(batches)).flat();
}

function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

test("a delivered message gets a UID and is told to every view", async (t) => {
  const { root, maildir } = await openForImap(t);
  const [one, other] = [await viewOf(maildir), await viewOf(maildir)];
  const { baseName } = await maildir.deliver(chunksOf("a\n"), [{ mailbox: "INBOX" }]);
  await Promise.all([one.told("arrived"), other.told("arrived")]);
  assert.deepEqual(one.changes, [{ kind: "arrived", uids: [1] }]);
  assert.deepEqual(other.changes, one.changes);
  assert.deepEqual([...one.view.uids()], [1]);
  assert.deepEqual([one.view.uidNext, one.view.messageCount], [2, 1]);
  const [header, line] = readFileSync(join(root, "dovecot-uidlist"), "utf8").split("\n");
  assert.equal(header, `3 V${one.view.uidValidity} N1 G${one.view.mailboxId}`);
  assert.equal(line, `1 :${baseName}`);
});

test("what other programs do is told without being asked for", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { view, changes, told } = await viewOf(maildir);
  writeFileSync(join(root, "cur", "copied.eml"), "a");
  await told("arrived");
  renameSync(join(root, "cur", "copied.eml"), join(root, "cur", "copied.eml:2,S"));
  await told("marked");
  assert.equal(view.marksOf(1), FLAG_MARK.seen);
  unlinkSync(join(root, "cur", "copied.eml:2,S"));
  await told("expunged");
  assert.deepEqual(changes, [
    { kind: "arrived", uids: [1] },
    { kind: "marked", uids: [1], own: false },
    { kind: "expunged", uids: [1] },
  ]);
  assert.equal(view.messageCount, 0);
});

for (const { count, how } of [
  { count: 100, how: "looked at" },
  { count: 2500, how: "listed" },
]) {
  test(`what other programs do to so many messages that they are ${how} is told once each`, async (t) => {
    const { root, maildir } = await openForImap(t);
    const pathOf = (nth: number, letters = "") => join(root, "cur", `${1000 + nth}.name:2,${letters}`);
    for (let nth = 1; nth <= count; nth++) writeFileSync(pathOf(nth), "a");
    const { view, changes } = await viewOf(maildir);
    const of = (kind: "marked" | "expunged") =>
      changes.flatMap((change) => (change.kind === kind ? change.uids : []));
    for (let nth = 2; nth <= count; nth += 2) renameSync(pathOf(nth), pathOf(nth, "S"));
    while (of("marked").length < count / 2) await nextTick();
    for (let nth = 2; nth <= count; nth += 2) unlinkSync(pathOf(nth, "S"));
    while (of("expunged").length < count / 2) await nextTick();
    const uids = Array.from({ length: count }, (_, nth) => nth + 1);
    const even = uids.filter((uid) => uid % 2 === 0);
    const ascending = (one: number, other: number) => one - other;
    assert.deepEqual([of("marked").sort(ascending), of("expunged").sort(ascending)], [even, even]);
    assert.deepEqual(
      [...view.uids()],
      uids.filter((uid) => uid % 2 === 1),
    );
  });
}

test("refresh finds everything at once, and gives UIDs in the order of arrival", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  const { view, changes } = await viewOf(maildir);
  for (const name of [
    "cur/1700000003.M5P1Q2.host:2,S",
    "new/1700000003.M5P1Q1.host",
    "new/1700000002.9_1.host",
    "new/z.eml",
  ]) {
    writeFileSync(join(root, name), "a");
  }
  await view.refresh();
  assert.deepEqual(changes, [{ kind: "arrived", uids: [3, 4, 5, 6] }]);
  assert.equal(view.marksOf(5), FLAG_MARK.seen);
  const lines = readFileSync(join(root, "dovecot-uidlist"), "utf8").split("\n").slice(3, -1);
  assert.deepEqual(lines, [
    "3 :1700000002.9_1.host",
    "4 :1700000003.M5P1Q1.host",
    "5 :1700000003.M5P1Q2.host",
    "6 :z.eml",
  ]);
});

test("claimRecent gives each new message to one view and moves it to cur", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  const [one, other] = [await viewOf(maildir), await viewOf(maildir)];
  assert.equal((await maildir.mailboxes.status("INBOX"))?.recent, 2);
  assert.deepEqual(await one.view.claimRecent(), [1, 2]);
  assert.deepEqual(await other.view.claimRecent(), []);
  assert.deepEqual(namesIn(join(root, "new")), []);
  assert.ok(namesIn(join(root, "cur")).every((name) => name.endsWith(":2,")));
  assert.deepEqual(other.changes, []);
});

test("store renames the files and tells whose change it was", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b", "c"]);
  const [one, other] = [await viewOf(maildir), await viewOf(maildir)];
  const approved = await one.view.addKeywords(["$Approved"]);
  await one.view.store([1, 3, 99], (marks) => marks | FLAG_MARK.seen | approved);
  assert.deepEqual(one.changes, [{ kind: "keywords" }, { kind: "marked", uids: [1, 3], own: true }]);
  assert.deepEqual(other.changes.at(-1), { kind: "marked", uids: [1, 3], own: false });
  assert.equal(namesIn(join(root, "cur")).filter((name) => name.endsWith(":2,Sa")).length, 2);
  assert.equal(other.view.marksOf(3), FLAG_MARK.seen | approved);
  assert.equal(other.view.marksOf(2), 0);
  await one.view.store([1], (marks) => marks & ~FLAG_MARK.seen);
  assert.equal(other.view.marksOf(1), approved);
});

test("store that changes nothing is no change", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["a"]);
  const { view, changes } = await viewOf(maildir);
  const before = view.modSeqOf(1);
  await view.store([1], (marks) => marks);
  assert.deepEqual([changes, view.modSeqOf(1)], [[], before]);
});

test("store keeps letters that mean nothing to us", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,ZSX"), "");
  const { view } = await viewOf(maildir);
  await view.store([1], (marks) => marks | FLAG_MARK.flagged);
  assert.deepEqual(namesIn(join(root, "cur")), ["a:2,FSXZ"]);
});

test("store with unchangedSince leaves alone what changed later (RFC 7162 §3.1.3)", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  const { view } = await viewOf(maildir);
  const since = view.highestModSeq;
  await view.store([1], (marks) => marks | FLAG_MARK.seen);
  assert.ok((view.modSeqOf(1) ?? 0) > since && view.modSeqOf(1) === view.highestModSeq);
  const { modified } = await view.store([1, 2], (marks) => marks | FLAG_MARK.flagged, since);
  assert.deepEqual(modified, [1]);
  assert.deepEqual([view.marksOf(1), view.marksOf(2)], [FLAG_MARK.seen, FLAG_MARK.flagged]);
});

test("store finds a file that was renamed behind our back", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,"), "");
  const { view } = await viewOf(maildir);
  renameSync(join(root, "cur", "a:2,"), join(root, "cur", "a:2,R"));
  await view.store([1], (marks) => marks | FLAG_MARK.seen);
  assert.deepEqual(namesIn(join(root, "cur")), ["a:2,RS"]);
});

test("addKeywords fails cleanly at the 27th, and never takes a letter in use", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,c"), "");
  const { view } = await viewOf(maildir);
  assert.equal(await view.addKeywords(["first"]), 1 << 3);
  assert.deepEqual(view.keywords, [undefined, undefined, undefined, "first"]);
  const many = Array.from({ length: 22 }, (_, nth) => `keyword${nth}`);
  await view.addKeywords(many);
  await assert.rejects(view.addKeywords(["one-more"]), TooManyKeywords);
  assert.equal(view.keywords.length, 26);
});

test("expunge removes what is marked, and only that, for good", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b", "c"]);
  const [one, other] = [await viewOf(maildir), await viewOf(maildir)];
  const since = one.view.highestModSeq;
  await one.view.store([1, 3], (marks) => marks | FLAG_MARK.trashed);
  assert.deepEqual(await one.view.expunge([2, 3]), [3]);
  assert.deepEqual(other.changes.at(-1), { kind: "expunged", uids: [3] });
  assert.deepEqual([...other.view.uids()], [1, 2]);
  assert.deepEqual(other.view.expungedSince(since), [3]);
  assert.deepEqual(other.view.expungedSince(one.view.highestModSeq), []);
  assert.equal(other.view.expungedSince(1), undefined);
  assert.equal(namesIn(join(root, "cur")).length + namesIn(join(root, "new")).length, 2);
  assert.deepEqual(await append(maildir, ["d"]), [4]);
});

test("copy gives links with new UIDs, marks, keywords and dates, in order", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  const { view } = await viewOf(maildir);
  await (await viewOf(maildir, "Archive")).view.addKeywords(["other"]);
  const keyword = await view.addKeywords(["$Approved"]);
  await view.store([2], () => FLAG_MARK.flagged | keyword);
  const copied = await view.copy([1, 2], "Archive");
  const archive = (await viewOf(maildir, "Archive")).view;
  assert.deepEqual(copied, { uidValidity: archive.uidValidity, from: [1, 2], to: [1, 2] });
  assert.deepEqual(archive.keywords, ["other", "$Approved"]);
  assert.equal(archive.marksOf(2), FLAG_MARK.flagged | 0b10);
  const dates = async (of: typeof view) =>
    (await all(of.facts([1, 2]))).map(({ internalDate }) => internalDate);
  assert.deepEqual(await dates(archive), await dates(view));
  assert.deepEqual(namesIn(join(root, ".Archive", "tmp")), []);
  assert.equal(view.messageCount, 2);
});

test("copy to no mailbox is undefined", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["a"]);
  const { view } = await viewOf(maildir);
  assert.equal(await view.copy([1], "Nowhere"), undefined);
  assert.equal(await view.move([1], "../Nowhere"), undefined);
});

test("move takes messages out of one mailbox and into the other", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["a", "b", "c"]);
  const [inbox, trash] = [await viewOf(maildir), await viewOf(maildir, "Trash")];
  const keyword = await inbox.view.addKeywords(["$Junk"]);
  await inbox.view.store([3], () => keyword | FLAG_MARK.seen);
  const moved = await inbox.view.move([1, 3], "Trash");
  assert.deepEqual(moved, { uidValidity: trash.view.uidValidity, from: [1, 3], to: [1, 2] });
  assert.deepEqual([...inbox.view.uids()], [2]);
  assert.deepEqual(inbox.changes.at(-1), { kind: "expunged", uids: [1, 3] });
  assert.deepEqual(trash.changes.at(-1), { kind: "arrived", uids: [1, 2] });
  assert.equal(trash.view.marksOf(2), FLAG_MARK.seen | 1);
});

test("move within a mailbox gives new UIDs", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  const { view } = await viewOf(maildir);
  assert.deepEqual((await view.move([1], "INBOX"))?.to, [3]);
  assert.deepEqual([...view.uids()], [2, 3]);
});

test("moves in opposite directions do not wait for each other for ever", async (t) => {
  const { maildir } = await openForImap(t);
  await append(
    maildir,
    Array.from({ length: 20 }, (_, nth) => `${nth}`),
  );
  await append(
    maildir,
    Array.from({ length: 20 }, (_, nth) => `${nth}`),
    "Trash",
  );
  const [inbox, trash] = [(await viewOf(maildir)).view, (await viewOf(maildir, "Trash")).view];
  await Promise.all([inbox.move(inbox.uids(), "Trash"), trash.move(trash.uids(), "INBOX")]);
  assert.deepEqual([inbox.messageCount, trash.messageCount], [20, 20]);
});

test("append takes flags, keywords and a date, and shows all messages or none", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { view } = await viewOf(maildir);
  const date = new Date("2001-02-03T04:05:06Z");
  const first = await maildir.mailboxes.stage(chunksOf("a\r\n"), date);
  const second = await maildir.mailboxes.stage(chunksOf("bb\n"));
  assert.deepEqual([first.octets, second.octets], [3, 3]);
  assert.equal(namesIn(join(root, "tmp")).length, 2);
  await maildir.mailboxes.append("INBOX", [
    { message: first, flags: ["seen"], keywords: ["$Approved"] },
    { message: second },
  ]);
  const facts = await all(view.facts([1, 2]));
  assert.deepEqual(
    facts.map(({ uid, octets }) => [uid, octets]),
    [
      [1, 3],
      [2, 4],
    ],
  );
  assert.equal(facts[0]?.internalDate, date.getTime());
  assert.deepEqual([view.marksOf(1), view.marksOf(2)], [FLAG_MARK.seen | 1, 0]);
  assert.deepEqual(await view.claimRecent(), [1, 2]);
});

test("append to no mailbox is undefined, and what was staged can be discarded", async (t) => {
  const { root, maildir } = await openForImap(t);
  const message = await maildir.mailboxes.stage(chunksOf("a"));
  assert.equal(await maildir.mailboxes.append("Nowhere", [{ message }]), undefined);
  await message.discard();
  assert.deepEqual(namesIn(join(root, "tmp")), []);
});

test("stage that fails leaves nothing", async (t) => {
  const { root, maildir } = await openForImap(t);
  async function* broken() {
    yield* chunksOf("a");
    throw new Error("The client hung up");
  }
  await assert.rejects(maildir.mailboxes.stage(broken()), /Cannot write a message/);
  assert.deepEqual(namesIn(join(root, "tmp")), []);
});

for (const [name, text, name2] of [
  ["CRLF", "a\r\nbc\r\n", "x,S=7,W=7:2,"],
  ["LF", "a\nbc\n", "y:2,"],
  ["a lie about its size", "a\nbc\n", "z,S=3,W=3:2,"],
] as const) {
  test(`open reads any range of a message with ${name} as CRLF`, async (t) => {
    const { root, maildir } = await openForImap(t);
    writeFileSync(join(root, "cur", name2), text);
    const { view } = await viewOf(maildir);
    const message = await view.open(1);
    assert.ok(message);
    const wire = "a\r\nbc\r\n";
    assert.equal(message.octets, wire.length);
    for (let start = 0; start <= wire.length; start += 1) {
      for (let end = start; end <= wire.length; end += 1) {
        assert.equal(await textOf(message.read(start, end)), wire.slice(start, end));
      }
    }
    await message.close();
  });
}

test("open keeps a message readable that is expunged, and finds one that was renamed", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,"), "text");
  const { view } = await viewOf(maildir);
  renameSync(join(root, "cur", "a:2,"), join(root, "cur", "a:2,T"));
  const message = await view.open(1);
  assert.ok(message);
  assert.deepEqual(await view.expunge([1]), [1]);
  assert.equal(await textOf(message.read(0, 4)), "text");
  await message.close();
  assert.equal(await view.open(1), undefined);
});

test("facts of another program's message come from its file, once", async (t) => {
  const { root, maildir } = await openForImap(t);
  const path = join(root, "cur", "1700000000.R8.host:2,");
  writeFileSync(path, "a\nb\n");
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  const { view } = await viewOf(maildir);
  const expected = {
    uid: 1,
    octets: 6,
    internalDate: 1_600_000_000_000,
  };
  assert.deepEqual(await all(view.facts([1, 2])), [expected]);
  assert.deepEqual(view.savedAt(1), new Date(1_700_000_000_000));
  assert.equal(view.savedAt(2), undefined);
  unlinkSync(path);
  assert.deepEqual(await all(view.facts([1])), [expected]);
});

test("descriptions are made once, at arrival, and follow a message into another mailbox", async (t) => {
  const describer = shoutingDescriber();
  const { maildir } = await openForImap(t, { describer });
  const { view } = await viewOf(maildir);
  await append(maildir, ["a\n", "b\n"]);
  const described = await all(view.descriptions([1, 2], ["header", "structure"]));
  assert.deepEqual(
    described.map(({ description }) => description.structure),
    ["A\r\n", "B\r\n"],
  );
  await all(view.descriptions([1, 2], ["header", "structure"]));
  await view.copy([1], "Archive");
  await view.move([2], "Archive");
  const archive = (await viewOf(maildir, "Archive")).view;
  const carried = await all(archive.descriptions([1, 2], ["header", "structure"]));
  assert.deepEqual(
    carried.map(({ description }) => description.structure),
    ["A\r\n", "B\r\n"],
  );
  assert.ok(describer.calls <= 4, `${describer.calls} calls`);
});

test("describe makes what is missing behind everybody, and who asks meanwhile has nothing made twice", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  const count = 600; // more than are looked up together
  for (let uid = 1; uid <= count; uid++) writeFileSync(join(root, "cur", `${1000 + uid}:2,`), `no. ${uid}\n`);
  const { view } = await viewOf(maildir);
  const uids = [...view.uids()];
  view.describe(calm);
  const lists = await Promise.all([uids, uids].map((list) => all(view.descriptions(list, ["structure"]))));
  for (const list of lists) {
    assert.deepEqual(
      list.map(({ uid, description }) => [uid, description.structure]),
      uids.map((uid) => [uid, `NO. ${uid}\r\n`]),
    );
  }
  assert.equal(describer.calls, count);
});

const calm = (): Promise<void> => Promise.resolve();

test("descriptions whose files somebody removed are made again, and kept", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  await append(maildir, ["a", "b"]);
  const { view } = await viewOf(maildir);
  const describeAll = () => all(view.descriptions(view.uids(), ["header"]));
  await describeAll();
  for (const name of namesIn(root)) if (name.startsWith("secretary.index.")) rmSync(join(root, name));
  await view.refresh();
  for (let round = 0; round < 2; round++) {
    assert.equal((await describeAll()).length, 2);
    assert.equal(describer.calls, 4);
  }
  assert.ok(namesIn(root).includes("secretary.index.sqlite"));
});

test("keys are made of descriptions that are there, and others have their turn meanwhile", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  const count = 600; // more than are looked up together
  for (let uid = 1; uid <= count; uid++) writeFileSync(join(root, "cur", `${1000 + uid}:2,`), `no. ${uid}\n`);
  await all(
    (await viewOf(maildir)).view.descriptions(
      Array.from({ length: count }, (_, nth) => nth + 1),
      ["header"],
    ),
  );
  await maildir.close();
  forgetKeys(root);
  const { view } = await viewOf((await openForImap(t, { root, describer })).maildir);
  let turns = 0;
  let isDone = false;
  const countTurn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  const [columns] = await listed(view.columns(view.uids(), ["subjectKey"]));
  isDone = true;
  assert.equal(columns?.parts.subjectKey.length, count);
  assert.equal(columns?.parts.subjectKey.at(-1), `NO. ${count}\r\n`);
  assert.equal(describer.calls, count);
  assert.ok(turns > 0);
});

function forgetKeys(root: string): void {
  const index = new DatabaseSync(join(root, "secretary.index.sqlite"));
  index.exec("DELETE FROM keys; DELETE FROM texts");
  index.close();
}

test("keys are made behind who has a mailbox listed, and not again for who sorts it or at leisure", async (t) => {
  const describer = shoutingDescriber();
  let calls = 0;
  const { keysOf } = describer;
  describer.keysOf = (header) => {
    calls += 1;
    return keysOf(header);
  };
  const { root, maildir } = await openForImap(t, { describer });
  for (let uid = 1; uid <= 100; uid++) writeFileSync(join(root, "cur", `${1000 + uid}:2,`), `no. ${uid}\n`);
  const { view } = await viewOf(maildir);
  const afterwards = Promise.withResolvers<void>();
  let asked = 0;
  view.describe(async () => {
    if (++asked > 1) await afterwards.promise; // when it knows that nothing is described
  });
  await all(view.descriptions(view.uids(), ["structure"]));
  while (calls < 100) await nextTick();
  await nextTick(); // the last of them are put into the index
  const [columns] = await listed(view.columns(view.uids(), ["subjectKey"]));
  assert.equal(columns?.parts.subjectKey.at(-1), "NO. 100\r\n");
  afterwards.resolve();
  while (asked < 5) await nextTick(); // 32 messages each time
  await nextTick();
  assert.equal(calls, 100);
});

test("messages whose keys are just being made are ordered by what the index keeps of them", async (t) => {
  const describer = shoutingDescriber();
  describer.keysOf = () => ({ ...NO_KEYS, subjectKey: "\ud800" }); // which SQLite does not keep
  const { root, maildir } = await openForImap(t, { describer });
  for (const name of ["1000", "1001"]) writeFileSync(join(root, "cur", `${name}:2,`), "text");
  const { view } = await viewOf(maildir);
  for (let round = 0; round < 2; round++) {
    const [columns] = await listed(view.columns(view.uids(), ["subjectKey"]));
    assert.deepEqual(columns?.parts.subjectKey, ["\ufffd", "\ufffd"]);
  }
});

test("others have their turn while keys are made of few headers that are long", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  for (let uid = 1; uid <= 20; uid++) {
    writeFileSync(join(root, "cur", `${1000 + uid}:2,`), "To: a@example.org\n".repeat(5000));
  }
  let sinceTurn = 0;
  let most = 0;
  let calls = 0;
  let isDone = false;
  const takeTurn = (): void => {
    sinceTurn = 0;
    if (!isDone) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  const { keysOf } = describer;
  describer.keysOf = (header) => {
    most = Math.max(most, ++sinceTurn);
    calls += 1;
    return keysOf(header);
  };
  const first = await viewOf(maildir);
  await all(first.view.descriptions(first.view.uids(), ["header"]));
  while (calls < 20) await nextTick(); // behind us
  await maildir.close();
  forgetKeys(root);
  const { view } = await viewOf((await openForImap(t, { root, describer })).maildir);
  await listed(view.columns(view.uids(), ["subjectKey"])); // for us
  isDone = true;
  assert.equal(calls, 40);
  assert.ok(most > 0 && most <= 5, `${most}`);
});

test("describe needs nobody who asks, and begins again when many more come", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  const { view } = await viewOf(maildir);
  for (const round of [1, 2]) {
    for (let nth = 0; nth < 300; nth++) writeFileSync(join(root, "cur", `${round}.${nth}:2,`), "text");
    await view.refresh();
    view.describe(calm);
    while (describer.calls < 300 * round) await nextTick();
  }
  view.describe(calm);
  await all(view.descriptions(view.uids(), ["header"]));
  assert.equal(describer.calls, 600);
});

test("describe passes over what cannot be read, and goes on", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  for (let nth = 100; nth < 300; nth++) writeFileSync(join(root, "cur", `${nth}:2,`), "text");
  mkdirSync(join(root, "cur", "1:2,")); // the first of all, and no file
  const { view } = await viewOf(maildir);
  view.describe(calm);
  while (describer.calls < 160) await nextTick(); // all but those that were looked at with it
});

test("of a message that cannot be read the world is told, once, and where it is", async (t) => {
  const told: UnreadableMessage[] = [];
  const { root, maildir } = await openForImap(t, { onUnreadable: (message) => told.push(message) });
  for (const name of ["1", "2", "3", "4", "5"]) writeFileSync(join(root, "cur", `${name}:2,`), "text");
  const { view } = await viewOf(maildir);
  const path = join(root, "cur", "3:2,");
  rmSync(path);
  symlinkSync(path, path);
  for (let round = 0; round < 2; round++) {
    const described = await all(view.descriptions(view.uids(), ["header"]));
    assert.deepEqual(
      described.map(({ uid }) => uid),
      [1, 2, 4, 5],
    );
    const [columns] = await listed(view.columns(view.uids(), ["subjectKey"]));
    assert.deepEqual(columns?.uids, [...view.uids()]);
  }
  assert.deepEqual(
    told.map(({ mailbox, uid, path }) => ({ mailbox, uid, path })),
    [{ mailbox: "INBOX", uid: 3, path }],
  );
  assert.match(String(told[0]?.err), /ELOOP/);
  await assert.rejects(view.open(3), /ELOOP/);
});

test("describe waits for calm, and does not keep who closes the mailbox waiting", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  for (let nth = 0; nth < 100; nth++) writeFileSync(join(root, "cur", `${nth}:2,`), "text");
  const { view } = await viewOf(maildir);
  let asked = 0;
  view.describe(async () => {
    asked += 1;
    if (asked > 3) await new Promise(() => {}); // never calm again
  });
  while (asked <= 3) await nextTick();
  await maildir.close();
  assert.ok(describer.calls > 0 && describer.calls < 100, `${describer.calls} calls`);
});

test("columns give parts and facts of the messages that are there, and make what is not in the index", async (t) => {
  const describer = shoutingDescriber();
  const { root, maildir } = await openForImap(t, { describer });
  for (const name of ["a", "b", "c"]) writeFileSync(join(root, "cur", `${name}:2,`), `${name}\n`);
  const { view } = await viewOf(maildir);
  await expunge(view, [2]);
  for (let round = 0; round < 2; round++) {
    const [columns, ...others] = await listed(view.columns([1, 2, 3, 9], ["subjectKey", "sentAt"]));
    assert.deepEqual(others, []);
    assert.deepEqual(columns?.uids, [1, 3]);
    assert.deepEqual(columns?.octets, [3, 3]);
    assert.deepEqual(columns?.parts, { subjectKey: ["A\r\n", "C\r\n"], sentAt: [null, null] });
  }
  const [facts] = await listed(view.columns([1, 2, 3], []));
  assert.deepEqual([facts?.uids, facts?.internalDates.length, facts?.parts], [[1, 3], 2, {}]);
});

test("descriptions are made again for another describer, and after the file is damaged", async (t) => {
  const root = (await openForImap(t)).root;
  const describer = shoutingDescriber();
  async function describeAll(): Promise<number> {
    const { maildir } = await openForImap(t, { root, describer });
    const { view } = await viewOf(maildir);
    const before = describer.calls;
    assert.equal((await all(view.descriptions(view.uids(), ["header"]))).length, 1);
    await maildir.close();
    return describer.calls - before;
  }
  writeFileSync(join(root, "cur", "a:2,"), "text");
  assert.equal(await describeAll(), 1);
  assert.equal(await describeAll(), 0);
  describer.version = 2;
  assert.equal(await describeAll(), 1);
  writeFileSync(
    join(root, "secretary.index.sqlite"),
    "This is no database at all, whatever it says".repeat(500),
  );
  assert.equal(await describeAll(), 1);
  assert.equal(await describeAll(), 0);
});

test("a message in two files is one message, and the copy comes to light when the first is expunged", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,"), "text");
  copyFileSync(join(root, "cur", "a:2,"), join(root, "cur", "a:2,S"));
  const { view } = await viewOf(maildir);
  assert.equal(view.messageCount, 1);
  await expunge(view, [1]);
  writeFileSync(join(root, "cur", "b"), "text"); // so that there is a reason to look
  await view.refresh();
  assert.deepEqual([...view.uids()], [2, 3]);
});

test("a message that somebody copied to another name stays what it is, however often the folder is listed", async (t) => {
  const { root, maildir } = await openForImap(t);
  writeFileSync(join(root, "cur", "a:2,F"), "text");
  const { view } = await viewOf(maildir);
  // One of them comes before it in the folder, whatever its order is.
  for (const letters of ["", "S", "R", "FS", "RS"]) {
    copyFileSync(join(root, "cur", "a:2,F"), join(root, "cur", `a:2,${letters}`));
  }
  await view.refresh();
  assert.equal(view.marksOf(1), FLAG_MARK.flagged);
});

test("a view is told when its mailbox is deleted behind our back", async (t) => {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a"], "Archive");
  const { view, changes } = await viewOf(maildir, "Archive");
  rmSync(join(root, ".Archive"), { recursive: true });
  await view.refresh();
  assert.deepEqual(changes, [{ kind: "gone" }]);
  assert.equal(await maildir.mailboxes.open("Archive", () => {}), undefined);
});

test("a closed view hears nothing", async (t) => {
  const { maildir } = await openForImap(t);
  const { view, changes } = await viewOf(maildir);
  view.close();
  await append(maildir, ["a"]);
  assert.deepEqual(changes, []);
});

test("openEach opens all in order: small, large, renamed by somebody else, and none for what is gone", async (t) => {
  const { root, maildir } = await openForImap(t);
  const texts = Array.from({ length: 80 }, (_, nth) =>
    nth % 9 === 4 ? `${nth}\n`.repeat(20_000) : `${nth}\n`,
  );
  const pathOf = (nth: number, letters = ""): string =>
    join(root, "cur", `${1_700_000_000 + nth}.M1P1.elsewhere:2,${letters}`);
  for (const [nth, text] of texts.entries()) writeFileSync(pathOf(nth), text);
  const { view } = await viewOf(maildir);
  renameSync(pathOf(10), pathOf(10, "S"));
  unlinkSync(pathOf(20));
  const read: (string | undefined)[] = [];
  const uids: number[] = [];
  for await (const [uid, opened] of view.openEach(view.uids())) {
    uids.push(uid);
    read.push(opened && (await textOf(opened.read(0, opened.octets))));
    await opened?.close();
  }
  assert.deepEqual(
    uids,
    Array.from(texts, (_, nth) => nth + 1),
  );
  const expected = texts.map((text) => text.replaceAll("\n", "\r\n"));
  assert.deepEqual(
    read.map((text, nth) => text === expected[nth]),
    expected.map((_, nth) => nth !== 20),
  );
  assert.equal(read[20], undefined);
});

test("who is late in using a Maildir that is closed fails, and leaves nothing open", async (t) => {
  const { root, maildir } = await openForImap(t);
  const { view } = await viewOf(maildir);
  await append(maildir, ["a\n"]);
  const late = ["INBOX", "Sent"].map((mailbox) => maildir.mailboxes.open(mailbox, () => {}));
  await maildir.close();
  await Promise.allSettled(late);
  const before = namesIn(join(root, "cur"));
  await assert.rejects(view.refresh(), /^Error: Cannot use a mailbox: the Maildir is closed$/);
  await assert.rejects(
    view.store([1], () => FLAG_MARK.seen),
    /the Maildir is closed/,
  );
  await assert.rejects(
    maildir.mailboxes.open("Archive", () => {}),
    /the Maildir is closed/,
  );
  assert.deepEqual(namesIn(join(root, "cur")), before);
  const watchers = process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap");
  assert.deepEqual(watchers, []);
});

test("a mailbox that is being loaded while the Maildir is closed is not watched", async (t) => {
  const { maildir } = await openForImap(t);
  const late = maildir.mailboxes.open("Sent", () => {});
  await nextTick(); // it has begun
  await maildir.close();
  await late;
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap"),
    [],
  );
});
