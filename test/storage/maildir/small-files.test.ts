import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { MAX_SMALL_OCTETS } from "../../../src/storage/maildir/read-small-file.ts";
import { SmallFiles } from "../../../src/storage/maildir/small-files.ts";
import { ownFolder } from "./sandbox.ts";

test("SmallFiles reads what is small in order, and leaves out what is not there, too large or no file", async (t) => {
  const files = new SmallFiles();
  t.after(() => files.close());
  const folder = ownFolder(t);
  const contents = ["first\r\n", "", "lines\nended\r\nby LF\n", "x".repeat(MAX_SMALL_OCTETS)];
  for (const [nth, content] of contents.entries()) writeFileSync(join(folder, `${nth}`), content);
  writeFileSync(join(folder, "large"), "x".repeat(MAX_SMALL_OCTETS + 1));
  mkdirSync(join(folder, "folder"));
  utimesSync(join(folder, "0"), 1_600_000_000, 1_600_000_000);
  const names = ["0", "missing", "1", "large", "2", "folder", "3"];
  const read = await files.read(names.map((name) => join(folder, name)));
  assert.deepEqual(
    read.map((file) => file && Buffer.from(file.octets).toString()),
    [contents[0], undefined, "", undefined, "lines\r\nended\r\nby LF\r\n", undefined, contents[3]],
  );
  assert.equal(read[0]?.modifiedAt, 1_600_000_000_000);
  assert.deepEqual(await files.read([]), []);
});

test("SmallFiles lets who reads not wait for all searches that are under way", async (t) => {
  const files = new SmallFiles();
  t.after(() => files.close());
  const path = join(ownFolder(t), "small");
  writeFileSync(path, "text ".repeat(6000));
  const module = new URL("./texts-describer.ts", import.meta.url);
  // So many that a search takes longer than a thread has to wait for a processor.
  const texts = Array.from({ length: 300 }, (_, nth) => ({ where: "body", needle: `TEXT ${nth}` }) as const);
  let searches = 0;
  const search = async (): Promise<void> => {
    const [found] = await files.findTexts([path], module, texts);
    assert.equal(found?.areFound.length, texts.length);
    searches += 1;
  };
  await Promise.all([search(), search(), search(), search()]); // both threads have started
  searches = 0;
  const all = Promise.all(Array.from({ length: 100 }, search));
  await nextTick(); // all have asked
  await files.read([path]);
  assert.ok(searches < 50, `waited for ${searches} searches`); // half of all, if they were with the threads already
  await all;
});

test("SmallFiles answers each of very many requests with its own files, whatever thread reads them", async (t) => {
  const files = new SmallFiles();
  t.after(() => files.close());
  const folder = ownFolder(t);
  const paths = Array.from({ length: 10 }, (_, nth) => join(folder, `${nth}`));
  for (const [nth, path] of paths.entries()) writeFileSync(path, `file ${nth}\r\n`);
  const requests = Array.from({ length: 1000 }, (_, nth) =>
    files.read(paths.slice(nth % 10, (nth % 10) + 2)),
  );
  for (const [nth, read] of (await Promise.all(requests)).entries()) {
    assert.deepEqual(
      read.map((file) => file && Buffer.from(file.octets).toString()),
      [nth % 10, (nth % 10) + 1].filter((number) => number < 10).map((number) => `file ${number}\r\n`),
    );
  }
});
