import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { ServerProcess } from "./server-process.ts";

/**
 * Mail over many connections while the server is killed again and again; where it is in its work then
 * is chance. CRASH_MESSAGES=10000 CRASH_CONNECTIONS=50 CRASH_KILLS=20 is the full load; the default
 * finishes in seconds.
 */
const MESSAGES = Number(process.env.CRASH_MESSAGES ?? 200);
const CONNECTIONS = Number(process.env.CRASH_CONNECTIONS ?? 10);
const KILLS = Number(process.env.CRASH_KILLS ?? 2);

/** What became of the messages, by their numbers. Every one is sent once. */
interface Ledger {
  next: number;
  readonly acknowledged: Set<number>;
}

/** Sends messages until there are none left; a connection that breaks leaves one in doubt. */
async function sendAll(server: ServerProcess, ledger: Ledger, onAcknowledged: () => void): Promise<void> {
  while (ledger.next < MESSAGES) {
    try {
      const client = await RawClient.connectSecure(server.port);
      while (ledger.next < MESSAGES) {
        const number = ledger.next++;
        await client.begin();
        // Of all sizes, so that some are killed in the middle.
        const body = `${"x".repeat(70)}\r\n`.repeat((number % 50) * 40);
        await client.say(`X-Number: ${number}\r\n\r\n${body}.\r\n`, 250);
        ledger.acknowledged.add(number);
        onAcknowledged();
      }
      client.destroy();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20)); // killed: until it is back
    }
  }
}

async function readNumbers(maildir: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const folder of ["new", "cur"]) {
    for (const name of await readdir(join(maildir, folder))) {
      const text = await readFile(join(maildir, folder, name), "latin1");
      const [, number] = /^X-Number: (\d+)\r\n\r\n/m.exec(text) ?? [];
      assert.ok(number, `${name} is not a whole message`);
      assert.match(name, new RegExp(`,S=${text.length}\\b`), "a file name gives its file's size");
      numbers.push(Number(number));
    }
  }
  return numbers;
}

test(`what was acknowledged survives kill -9, once (${MESSAGES} messages)`, {
  timeout: 600_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "crash-"));
  const server = new ServerProcess(folder);
  await server.start();
  t.after(async () => {
    await server.kill();
    await rm(folder, { recursive: true });
  });

  const ledger: Ledger = { next: 0, acknowledged: new Set() };
  const killEvery = MESSAGES / (KILLS + 1);
  let untilKill = killEvery;
  let restarting = Promise.resolve();
  function onAcknowledged(): void {
    if (--untilKill > 0) return;
    untilKill = killEvery;
    restarting = restarting.then(() => server.kill()).then(() => server.start());
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, () => sendAll(server, ledger, onAcknowledged)));
  await restarting;
  await server.kill("SIGTERM");

  const stored = await readNumbers(join(folder, "anna", "Maildir"));
  assert.equal(new Set(stored).size, stored.length, "nothing is there twice");
  const lost = [...ledger.acknowledged].filter((number) => !stored.includes(number));
  assert.deepEqual(lost, [], "nothing that was acknowledged is lost");
  assert.ok(ledger.acknowledged.size > MESSAGES / 2, "the server was up most of the time");
});
