import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_SMALL_OCTETS, SmallFiles } from "../../../src/storage/maildir/small-files.ts";
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
