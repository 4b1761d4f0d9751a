import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTextIndexThread, TextIndex } from "../../../src/storage/maildir/text-index.ts";
import { append, expunge, openForImap, shoutingDescriber, viewOf } from "./mailbox-sandbox.ts";
import { ownFolder } from "./sandbox.ts";

const OWNER = { uidValidity: 1, mailboxId: "a", version: 1 };
const TEXTS = ["HELLO WORLD", "HELP", 'ÜBER "X" AND Y', "A\0BC NUL", "日本語テキスト", ""];
const ALL = Uint32Array.from(TEXTS.keys(), (nth) => nth + 1);

function makeIndex(t: TestContext, folder: string, owner = OWNER): TextIndex {
  const thread = makeTextIndexThread();
  t.after(() => thread.close());
  return new TextIndex(thread, folder, owner);
}

async function makeFilledIndex(t: TestContext, folder = ownFolder(t)): Promise<TextIndex> {
  const index = makeIndex(t, folder);
  for (const [nth, text] of TEXTS.entries()) await index.put([[nth + 1, text]]);
  return index;
}

test("find has all messages that contain the needle", async (t) => {
  const index = await makeFilledIndex(t);
  const needles = TEXTS.flatMap((text) => {
    const characters = [...text];
    return characters.flatMap((_, from) =>
      characters.slice(from).map((_, length) => characters.slice(from, from + length + 1).join("")),
    );
  });
  for (const needle of new Set([...needles, "NOWHERE", '"', "*", "NEAR(", "ABSENT AND"])) {
    const found = new Set(await index.find(needle, ALL));
    for (const [nth, text] of TEXTS.entries()) {
      if (text.includes(needle)) assert.ok(found.has(nth + 1), `${JSON.stringify(needle)} in ${nth + 1}`);
    }
  }
});

test("find has few others, once the needle is three characters long", async (t) => {
  const index = await makeFilledIndex(t);
  assert.deepEqual([...(await index.find("HEL", ALL))], [1, 2]);
  assert.deepEqual([...(await index.find("HELLO", ALL))], [1]);
  assert.deepEqual([...(await index.find("HEL", ALL.slice(1)))], [2]);
  assert.deepEqual([...(await index.find("HEL", ALL.slice(0, 1)))], [1]);
  assert.deepEqual([...(await index.find("HEL", Uint32Array.of()))], []);
  assert.deepEqual([...(await index.find('"X" AND', ALL))], [3]);
  assert.deepEqual([...(await index.find("本語テ", ALL))], [5]);
  assert.deepEqual([...(await index.find("LO", ALL))], [...ALL]);
});

test("find has what is not in the index, and what is too long to be in it as a whole", async (t) => {
  const index = await makeFilledIndex(t);
  await index.put([[7, `${"x".repeat(300_000)}END`]]);
  assert.deepEqual([...(await index.find("HELLO", Uint32Array.of(1, 2, 7, 8)))], [1, 7, 8]);
});

test("a removed message is not in the index, and findMissing removes those that are no more", async (t) => {
  const index = await makeFilledIndex(t);
  index.remove([1]);
  assert.deepEqual([...(await index.findMissing(ALL.slice(0, 3)))], [1]);
  assert.deepEqual([...(await index.findMissing(ALL))], [1, 4, 5, 6]);
});

test("an index lasts, belongs to its owner, and is made anew when damaged", async (t) => {
  const folder = ownFolder(t);
  await (await makeFilledIndex(t, folder)).close();
  assert.deepEqual([...(await makeIndex(t, folder).findMissing(ALL))], []);
  assert.deepEqual([...(await makeIndex(t, folder, { ...OWNER, version: 2 }).findMissing(ALL))], [...ALL]);
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "no database ".repeat(1000));
  const index = makeIndex(t, folder);
  assert.deepEqual([...(await index.find("HELLO", ALL))], [...ALL]);
  await index.put([[1, "HELLO"]]);
  assert.deepEqual([...(await index.find("NOWHERE", ALL))], [2, 3, 4, 5, 6]);
});

test("an index whose files somebody removed is made anew", async (t) => {
  const folder = ownFolder(t);
  const index = await makeFilledIndex(t, folder);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  assert.deepEqual([...(await index.findMissing(ALL))], [...ALL]);
  await index.put([[1, "HELLO"]]);
  await index.close();
  assert.deepEqual([...(await makeIndex(t, folder).findMissing(ALL))], [...ALL.slice(1)]);
});

test("indexTexts indexes what is missing, and mayContain forgets what was expunged", async (t) => {
  const { root, maildir } = await openForImap(t, { describer: shoutingDescriber() });
  for (let nth = 1; nth <= 150; nth += 1) writeFileSync(join(root, "cur", `${nth}.eml`), `message ${nth}\n`);
  const { view } = await viewOf(maildir);
  const find = async (needle: string) => {
    view.indexTexts();
    return [...(await view.mayContain(view.uids(), needle))];
  };
  assert.equal((await find("MESSAGE 77")).length, 150);
  while ((await find("NOWHERE")).length > 0); // until all are indexed
  assert.deepEqual((await find("MESSAGE 77")).length, 1);
  const [uid = 0] = await find("MESSAGE 77");
  await expunge(view, [uid]);
  assert.deepEqual(await find("MESSAGE 77"), []);
  const [last = 0] = await append(maildir, ["message 77\n"]);
  while ((await find("NOWHERE")).length > 0);
  assert.deepEqual(await find("MESSAGE 77"), [last]);
});
