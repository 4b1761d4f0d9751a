import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, type TestContext, test } from "node:test";
import { openGreylistDb } from "../../../src/storage/greylist-db/greylist-db.ts";

const HOUR = 3_600_000;
const ATTEMPT = { source: "192.0.2.0/24", reversePath: "bob@example.org", forwardPath: "anna@example.test" };

let root: string;
let files = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "greylist-db-"));
});
after(() => rm(root, { recursive: true }));

function open(t: TestContext, path = join(root, String(++files), "greylist.db")) {
  const clock = { now: 1_000_000_000_000 };
  const problems: Error[] = [];
  const db = openGreylistDb({
    path,
    delayMs: 30_000,
    expiryMs: 36 * HOUR,
    now: () => new Date(clock.now),
    onProblem: (problem) => problems.push(problem),
  });
  t.after(() => db.close());
  return { db, path, clock, problems };
}

test("a stranger waits, passes, and then need not wait for other recipients and return paths", (t) => {
  const { db, clock, problems } = open(t);
  assert.equal(db.check(ATTEMPT), 30);
  clock.now += 29_500;
  assert.equal(db.check(ATTEMPT), 1);
  assert.equal(db.check({ ...ATTEMPT, forwardPath: "bert@example.test" }), 30);
  clock.now += 500;
  assert.equal(db.check(ATTEMPT), 0);
  assert.equal(db.check({ ...ATTEMPT, forwardPath: "carl@example.test" }), 0);
  assert.equal(db.check({ ...ATTEMPT, reversePath: "list+17@example.org" }), 0);
  assert.equal(db.check({ ...ATTEMPT, reversePath: "bob@example.net" }), 30);
  assert.equal(db.check({ ...ATTEMPT, source: "198.51.100.0/24" }), 30);
  assert.deepEqual(problems, []);
});

test("who has proved itself is remembered as long as it writes, and over a restart", (t) => {
  const first = open(t);
  first.db.check(ATTEMPT);
  first.clock.now += 60_000;
  assert.equal(first.db.check(ATTEMPT), 0);
  first.db.close();
  const { db, clock } = open(t, first.path);
  clock.now = first.clock.now;
  for (let visit = 0; visit < 5; visit++) {
    clock.now += 35 * HOUR;
    assert.equal(db.check(ATTEMPT), 0);
  }
  clock.now += 36 * HOUR;
  assert.equal(db.check(ATTEMPT), 30);
});

test("old rows are removed", (t) => {
  const { db, clock, path } = open(t);
  for (let n = 0; n < 100; n++) db.check({ ...ATTEMPT, source: `198.51.${n}.0/24` });
  clock.now += 60_000;
  for (let n = 0; n < 50; n++) db.check({ ...ATTEMPT, source: `198.51.${n}.0/24` });
  clock.now += 37 * HOUR;
  db.check(ATTEMPT);
  const reader = new DatabaseSync(path, { readOnly: true });
  t.after(() => reader.close());
  assert.equal(reader.prepare("SELECT count(*) AS rows FROM waiting").get()?.rows, 1);
  assert.equal(reader.prepare("SELECT count(*) AS rows FROM proven").get()?.rows, 0);
});

test("a locked database lets everybody pass, and is not waited for again and again", (t) => {
  const { db, clock, path, problems } = open(t);
  assert.equal(db.check(ATTEMPT), 30);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN EXCLUSIVE");
  const stranger = { ...ATTEMPT, source: "198.51.100.0/24" };
  for (let n = 0; n < 100; n++) assert.equal(db.check(stranger), 0);
  assert.equal(problems.length, 1);
  other.exec("ROLLBACK");
  clock.now += 10_001;
  assert.equal(db.check(stranger), 30);
});

test("a damaged database is put aside, and nobody is refused for it", async (t) => {
  const path = join(root, "damaged.db");
  await writeFile(path, "this is not a database, and long enough to be taken for one".repeat(100));
  const { db, problems } = open(t, path);
  assert.equal(db.check(ATTEMPT), 0);
  assert.equal(problems.length, 1);
  assert.equal(db.check(ATTEMPT), 30);
  assert.ok((await readdir(root)).includes("damaged.db.damaged"));
});

test("a place where no database can be lets everybody pass", async (t) => {
  const path = join(root, "file");
  await writeFile(path, "");
  const { db, problems } = open(t, join(path, "greylist.db"));
  assert.equal(db.check(ATTEMPT), 0);
  assert.equal(db.check(ATTEMPT), 0);
  assert.equal(problems.length, 1);
});
