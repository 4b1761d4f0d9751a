import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { describer } from "../../../src/servers/imap/imap.ts";
import { type Describer, openMaildir } from "../../../src/storage/maildir/maildir.ts";
import type { ImapClient } from "./imap-client.ts";
import { startImap } from "./imap-fixture.ts";

const COUNT = 2000;
/** It leaves when so many messages were read. */
const READ_BEFORE = 20;

/** The describer, which is given every message that is read, in this thread; and how many those were. */
class CountingDescriber implements Describer {
  readonly version = describer.version;
  readonly keysOf = describer.keysOf;
  calls = 0;
  onCall = (): void => {};

  describe(octets: AsyncIterable<Uint8Array>) {
    this.calls += 1;
    this.onCall();
    return describer.describe(octets);
  }

  describeWhole(octets: Uint8Array) {
    return describer.describeWhole(octets);
  }
}

const CASES: readonly [string, string, (client: ImapClient) => void][] = [
  ["SEARCH", "SEARCH TEXT nowhere", (client) => client.destroy()],
  ["SORT", "UID SORT (SUBJECT) UTF-8 TEXT nowhere", (client) => client.destroy()],
  [
    "THREAD",
    "THREAD REFERENCES UTF-8 BODY nowhere",
    (client) => {
      client.send("bye LOGOUT\r\n");
      client.destroy();
    },
  ],
];

test("a search ends when its client has left, whatever it said before", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "leaving-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const folder of ["cur", "new", "tmp"]) mkdirSync(join(root, folder));
  for (let nth = 0; nth < COUNT; nth++) {
    writeFileSync(join(root, "cur", `${1_700_000_000 + nth}.M1P1.host:2,S`), `Subject: ${nth}\n\ntext\n`);
  }
  const counting = new CountingDescriber();
  const maildir = await openMaildir(root, {
    now: () => new Date(),
    randomOctets: (octets) => randomBytes(octets),
    hostname: "test",
    describer: counting,
  });
  let onGone = (): void => {};
  const log = {
    debug: (_: object, message: string) => {
      if (message === "IMAP client is gone") onGone();
    },
    ...{ info() {}, warn() {}, error() {} },
  };
  const imap = await startImap(t, { mailboxes: maildir.mailboxes, log });
  t.after(async () => {
    await imap.stop();
    await maildir.close();
  });
  for (const [name, command, leave] of CASES) {
    await t.test(name, async () => {
      const client = await imap.login();
      await client.ok("SELECT INBOX");
      await client.ok("FETCH 1:* ENVELOPE"); // what the index can know it knows now
      counting.calls = 0;
      const ended = new Promise<void>((resolve) => {
        counting.onCall = () => {
          if (counting.calls === READ_BEFORE) leave(client);
          if (counting.calls === COUNT) resolve();
        };
        onGone = resolve;
      });
      client.send(`s ${command}\r\n`);
      await ended;
      assert.ok(counting.calls >= READ_BEFORE && counting.calls < COUNT, `${counting.calls} were read`);
    });
  }
});
