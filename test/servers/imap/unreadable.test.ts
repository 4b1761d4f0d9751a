import assert from "node:assert/strict";
import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deliver, type RunningImap, startImap } from "./imap-fixture.ts";

const MESSAGES = ["one", "two", "three", "four", "five", "six"].map(
  (word) => `From: a@example.test\nSubject: About ${word}\nX-Word: ${word}\n\nThe word is ${word}.\n`,
);

/** Messages 1 to 6, of which `damage` makes the third one unreadable, given where its file is to be. */
async function withDamaged(t: TestContext, damage: (path: string) => Promise<void>): Promise<RunningImap> {
  const imap = await startImap(t);
  const cur = join(imap.folder, "cur");
  for (const [nth, text] of MESSAGES.entries()) {
    const path = join(cur, `160000000${nth + 1}.M1P1.host:2,`);
    await (nth === 2 ? damage(path) : writeFile(path, text));
  }
  return imap;
}

/** Ways in which a file cannot be read, even by root. */
const DAMAGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "a folder": (path) => mkdir(path).then(() => {}),
  "a link to itself": (path) => symlink(path, path),
  "a link that leads nowhere": (path) => symlink(`${path}.away`, path),
};

const NOT_READ = "NO [UNAVAILABLE] Some of the messages cannot be read: UID 3";

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`FETCH answers for all messages but ${name}, and names that (RFC 9051 §6.4.5)`, async (t) => {
    const client = await (await withDamaged(t, damage)).login();
    await client.ok("SELECT INBOX");
    for (const items of ["ENVELOPE", "RFC822.SIZE", "BODY.PEEK[]", "BODY.PEEK[HEADER.FIELDS (Subject)]"]) {
      const answers = await client.run(`FETCH 1:* (UID ${items})`);
      assert.equal(answers.pop(), NOT_READ, items);
      assert.deepEqual(
        answers.map((answer) => /^\* (\d) FETCH/.exec(answer)?.[1]),
        ["1", "2", "4", "5", "6"],
        items,
      );
    }
    assert.equal((await client.ok("FETCH 1:* (UID FLAGS)")).length, 6);
    assert.equal((await client.run("FETCH 3 BODY[]")).at(-1), NOT_READ);
    assert.equal((await client.ok("FETCH 1:2,4:6 ENVELOPE")).length, 5);
  });

  test(`SEARCH does not find ${name} by what is in it, SORT and THREAD know nothing of it`, async (t) => {
    const imap = await withDamaged(t, damage);
    const client = await imap.login();
    await client.ok("SELECT INBOX");
    const answerTo = async (command: string) => (await client.ok(command)).join();
    for (const keys of [
      "SUBJECT About",
      "FROM a@",
      "TEXT word",
      "BODY word",
      "NOT BODY none",
      "SMALLER 10000",
    ]) {
      assert.equal(await answerTo(`SEARCH ${keys}`), "SEARCH 1 2 4 5 6", keys);
    }
    assert.equal(await answerTo("SEARCH HEADER X-Word o"), "SEARCH 1 2 4");
    assert.equal(await answerTo("SEARCH OR UNSEEN TEXT word"), "SEARCH 1 2 3 4 5 6");
    // It has its place as if it had no header, and its date is that in its name.
    assert.equal(await answerTo("SORT (SUBJECT) UTF-8 ALL"), "SORT 3 5 4 1 6 2");
    assert.equal(await answerTo("SORT (SUBJECT) UTF-8 SMALLER 10000"), "SORT 5 4 1 6 2");
    assert.equal(await answerTo("THREAD REFERENCES UTF-8 ALL"), "THREAD (3)(1)(2)(4)(5)(6)");
    assert.match(await answerTo("STATUS INBOX (SIZE)"), /SIZE [1-9]/);
  });
}

test("a message that can be read again is answered like any other", async (t) => {
  const imap = await withDamaged(t, DAMAGES["a folder"] ?? assert.fail());
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  assert.equal((await client.run("FETCH 1:* ENVELOPE")).at(-1), NOT_READ);
  const path = join(imap.folder, "cur", "1600000003.M1P1.host:2,");
  await rm(path, { recursive: true });
  await writeFile(path, MESSAGES[2] ?? "");
  await client.ok("NOOP");
  assert.equal((await client.ok("UID FETCH 1:* ENVELOPE")).length, 6);
});

test("SEARCH passes over a message whose header another program cut off", async (t) => {
  const imap = await startImap(t);
  await deliver(imap.maildir, "INBOX", ...MESSAGES);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  await client.ok("FETCH 1:* ENVELOPE"); // what is known of them stays known
  const [file] = (await imap.maildir.list("INBOX")).filter(({ path }) => path.includes("/cur/"));
  await truncate(file?.path ?? "", 10);
  const [found = ""] = await client.ok('SEARCH HEADER X-Word ""');
  assert.equal(found.split(" ").length, MESSAGES.length);
});

test("FETCH names few of many messages that cannot be read", async (t) => {
  const imap = await startImap(t);
  for (let nth = 10; nth < 50; nth += 1) await mkdir(join(imap.folder, "cur", `16000000${nth}.M1P1.host:2,`));
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  const [answer = ""] = await client.run("FETCH 1:* ENVELOPE");
  assert.equal(answer, "NO [UNAVAILABLE] Some of the messages cannot be read: UID 1:20 and 20 more");
});
