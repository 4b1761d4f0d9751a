import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseImapDialog } from "../../dialogs/imap-dialog.ts";
import type { ImapClient } from "./imap-client.ts";
import { PASSWORD, startImap, USER } from "./imap-fixture.ts";

/** Time for each state; `FUZZ_SECONDS=600 node --test …` searches longer. */
const MILLISECONDS = Number(process.env.FUZZ_SECONDS ?? 0.5) * 1000;

/** What the clients of the dialogs say: the commands that are mutated. */
const folder = join(import.meta.dirname, "../../../fixtures/dialogs/imap");
const COMMANDS = readdirSync(folder).flatMap((file) =>
  parseImapDialog(readFileSync(join(folder, file), "latin1")).steps.flatMap((step) =>
    step.do === "send" ? [step.octets.replaceAll("$BOX", "INBOX")] : [],
  ),
);

/** Every state a session can be in, and how a client gets there (RFC 9051 §3). */
const STATES: Readonly<Record<string, (client: ImapClient) => Promise<unknown>>> = {
  "not authenticated": async () => undefined,
  authenticated: (client) => client.ok(`LOGIN ${USER} "${PASSWORD}"`),
  selected: async (client) => {
    await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
    await client.append(
      "INBOX",
      "Subject: a\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nb\r\n--x--\r\n",
    );
    await client.ok("SELECT INBOX");
  },
  "selected, everything enabled": async (client) => {
    await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
    await client.ok("ENABLE QRESYNC UTF8=ACCEPT IMAP4rev2");
    await client.ok("SELECT INBOX");
  },
  "selected for reading": async (client) => {
    await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
    await client.ok("EXAMINE INBOX");
  },
  idling: async (client) => {
    await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
    await client.ok("SELECT INBOX");
    client.send("i IDLE\r\n");
    await client.line();
  },
  "in a literal": async (client) => {
    await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
    client.send("a APPEND INBOX {100}\r\n");
    await client.line();
  },
};

for (const [state, enter] of Object.entries(STATES)) {
  test(`no octets sent while ${state} harm the server`, async (t) => {
    const errors: object[] = [];
    const log = { debug: noop, info: noop, warn: noop, error: (fields: object) => void errors.push(fields) };
    const imap = await startImap(t, { log, maxMessageOctets: 10_000 });
    const random = createRandom(t);
    const end = performance.now() + MILLISECONDS;
    while (performance.now() < end) {
      const client = await imap.connect();
      await client.line();
      await enter(client);
      const sent: string[] = [];
      for (let count = random(8); count >= 0; count--) sent.push(mutate(random));
      client.send(sent.join(""));
      client.finish();
      await client.closed();
      client.destroy();
      assert.deepEqual(errors, [], `after ${JSON.stringify(sent)}`);
    }
    const client = await imap.login();
    await client.ok("SELECT INBOX");
    await client.ok("UID FETCH 1:* (FLAGS ENVELOPE BODY.PEEK[])");
  });
}

/** A number below the limit; the same ones for a seed, which is told when the test fails. */
type Random = (limit: number) => number;

function createRandom(t: TestContext): Random {
  let state = Number(process.env.SEED ?? 1);
  t.diagnostic(`SEED=${state}`);
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

const SPICE = [
  "{5}\r\n",
  "{3+}\r\n",
  "(",
  ")",
  '"',
  "\\",
  "\0",
  "\xff",
  "*",
  "$",
  "1:*",
  "NIL",
  "BODY[",
  "]",
  "<0.1>",
  "9".repeat(20),
  " ",
  "\r\n",
];

/** A command of the dialogs, often with a few octets changed, cut, doubled or put in. */
function mutate(random: Random): string {
  let text = COMMANDS[random(COMMANDS.length)] ?? "";
  for (let count = random(4); count > 0; count--) {
    const at = random(text.length + 1);
    const before = text.slice(0, at);
    const after = text.slice(at);
    const other = COMMANDS[random(COMMANDS.length)] ?? "";
    const mutations = [
      () => before + String.fromCharCode(random(256)) + after.slice(1),
      () => before + (SPICE[random(SPICE.length)] ?? "") + after,
      () => before + after.slice(random(10)),
      () => before + after.slice(0, random(20)) + after,
      () => before + other.slice(random(other.length + 1)),
    ];
    text = mutations[random(mutations.length)]?.() ?? text;
  }
  return text;
}

function noop(): void {}
