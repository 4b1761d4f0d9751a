import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type RunningImap, startImap } from "./imap-fixture.ts";

const COUNT = 500;

/** A mailbox that another program filled. */
function fillFolder({ folder }: RunningImap, mailbox: string): string {
  const filled = join(folder, `.${mailbox}`);
  for (const name of ["", "cur", "new", "tmp"]) mkdirSync(join(filled, name), { recursive: true });
  for (let nth = 0; nth < COUNT; nth++) {
    writeFileSync(join(filled, "cur", `${1_700_000_000 + nth}.M1P1.host:2,S`), `Subject: ${nth}\n\ntext\n`);
  }
  return filled;
}

function describedIn(folder: string): number {
  const index = new DatabaseSync(join(folder, "secretary.index.sqlite"), { readOnly: true });
  try {
    return Number(index.prepare("SELECT count(*) AS count FROM keys").get()?.count);
  } catch {
    return 0; // it is just being made
  } finally {
    index.close();
  }
}

test("a foreign mailbox is described once it is selected, while its client waits in IDLE", async (t) => {
  const imap = await startImap(t);
  const folder = fillFolder(imap, "Foreign");
  const client = await imap.login();
  await client.ok("SELECT Foreign");
  client.send("i IDLE\r\n");
  assert.match(await client.line(), /^\+/);
  while (describedIn(folder) < COUNT) await delay(20);
  client.send("DONE\r\n");
  assert.match(await client.line(), /^i OK/);
});

test("a mailbox is deleted while it is being described, by whoever makes that wait", async (t) => {
  const imap = await startImap(t);
  for (const mailbox of ["One", "Two"]) fillFolder(imap, mailbox);
  const client = await imap.login();
  for (const command of ["SELECT One", "DELETE One", "SELECT Two", "RENAME Two Three"])
    await client.ok(command);
  assert.deepEqual(await client.ok("STATUS Three (MESSAGES)"), [`STATUS Three (MESSAGES ${COUNT})`]);
  assert.match((await client.run("STATUS One (MESSAGES)")).at(-1) ?? "", /^NO \[NONEXISTENT\]/);
});
