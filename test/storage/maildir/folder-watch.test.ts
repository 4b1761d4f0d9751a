import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openTestMaildir, ownFolder } from "./sandbox.ts";

/** Watches the mailbox `Secretary` and counts the hints. */
async function watchSecretary(t: TestContext) {
  const root = ownFolder(t);
  const maildir = await openTestMaildir(root);
  let hints = 0;
  const watching = maildir.watch("Secretary", () => {
    hints += 1;
  });
  t.after(() => watching.stop());
  /** Acts, once or until it helps, and waits for a hint. */
  async function expectHint(act: () => void, { again = false } = {}): Promise<void> {
    const before = hints;
    act();
    while (hints === before) {
      await new Promise((resolve) => setImmediate(resolve));
      if (again) act();
    }
  }
  return { folder: join(root, ".Secretary"), watching, expectHint, hints: () => hints };
}

test("watch tells of every change, from the moment it returns until it is stopped", async (t) => {
  const { folder, watching, expectHint, hints } = await watchSecretary(t);
  const [inNew, inCur] = [join(folder, "new", "1.a.host"), join(folder, "cur", "1.a.host:2,S")];
  await expectHint(() => writeFileSync(inNew, ""));
  await expectHint(() => renameSync(inNew, inCur));
  await expectHint(() => unlinkSync(inCur));
  await watching.stop();
  const before = hints();
  writeFileSync(inNew, "");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hints(), before);
});

test("watch goes on when a backup has put new folders in place of the old ones", async (t) => {
  const { folder, expectHint } = await watchSecretary(t);
  // What surrounds the messages is watched a little later than they are.
  await expectHint(() => writeFileSync(join(folder, "dovecot-keywords"), "0 $Approved\n"), { again: true });
  await expectHint(() => rmSync(join(folder, "new"), { recursive: true }));
  await expectHint(() => mkdirSync(join(folder, "new")));
  // More often than late hints of what was done before could account for.
  for (let count = 1; count <= 20; count += 1) {
    await expectHint(() => writeFileSync(join(folder, "new", `${count}.a.host`), ""));
  }
});

test("watch names the file that something happened to, also a list beside the messages", async (t) => {
  const root = ownFolder(t);
  const maildir = await openTestMaildir(root);
  const hinted = new Set<string | undefined>();
  const watching = maildir.watch("Secretary", (path) => hinted.add(path));
  t.after(() => watching.stop());
  for (const name of ["new/1.a.host", "cur/2.a.host:2,S", "dovecot-keywords", "dovecot-uidlist"]) {
    const path = join(root, ".Secretary", name);
    while (!hinted.has(path)) {
      writeFileSync(path, `${hinted.size}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  assert.ok(!hinted.has(undefined)); // which would have all messages looked at
});
