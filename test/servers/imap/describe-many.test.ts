import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { describer } from "../../../src/servers/imap/imap.ts";
import { type DescribedMessage, type Describer, openMaildir } from "../../../src/storage/maildir/maildir.ts";

const COUNT = 600;
const PARTS = ["header", "structure"] as const;
const { version, describe, describeWhole, keysOf } = describer;

/** A mailbox that another program filled, and how often the describer here was asked for what. */
async function openForeign(t: TestContext, module: URL | undefined) {
  const root = mkdtempSync(join(tmpdir(), "describe-test-"));
  const counting = {
    version,
    calls: 0,
    keyCalls: 0,
    describe(octets) {
      counting.calls += 1;
      return describe(octets);
    },
    describeWhole(octets) {
      counting.calls += 1;
      return describeWhole(octets);
    },
    keysOf(header) {
      counting.keyCalls += 1;
      return keysOf(header);
    },
    ...(module && { module }),
  } satisfies Describer & { calls: number; keyCalls: number };
  for (const folder of ["cur", "new", "tmp"]) mkdirSync(join(root, folder));
  for (let nth = 0; nth < COUNT; nth += 1) writeFileSync(join(root, "cur", nameOf(nth)), messageNumber(nth));
  const maildir = await openMaildir(root, {
    now: () => new Date(),
    randomOctets: (octets) => new Uint8Array(octets),
    hostname: "mail.example.test",
    describer: counting,
  });
  t.after(async () => {
    await maildir.close();
    rmSync(root, { recursive: true, force: true });
  });
  const view = await maildir.mailboxes.open("INBOX", () => {});
  assert.ok(view);
  return { view, counting };
}

/** What is known of the messages. */
async function listForeign(t: TestContext, module: URL | undefined) {
  const { view, counting } = await openForeign(t, module);
  const messages: Omit<DescribedMessage<(typeof PARTS)[number]>, "internalDate">[] = [];
  for await (const batch of view.descriptions(view.uids(), PARTS)) {
    for (const { uid, octets, description } of batch) messages.push({ uid, octets, description });
  }
  return { messages, calls: counting.calls };
}

function nameOf(nth: number): string {
  return `${1_700_000_000 + nth}.M1P1.host:2,S`;
}

/** One of them too large for the threads, one empty, others with and without CR. */
function messageNumber(nth: number): string {
  if (nth === 3) return "";
  const end = nth % 2 === 0 ? "\n" : "\r\n";
  const lines = [`Subject: gr\u00fc\u00dfe ${nth}`, `Message-ID: <${nth}@example.org>`, "", "text"];
  return lines.join(end) + end + (nth === 5 ? `long${end}`.repeat(20_000) : "");
}

test("threads describe many messages as they are described here, and leave large ones to us", async (t) => {
  const here = await listForeign(t, undefined);
  const there = await listForeign(t, describer.module);
  assert.equal(here.messages.length, COUNT);
  assert.equal(here.calls, COUNT);
  assert.equal(there.calls, 1);
  assert.deepEqual(there.messages, here.messages);
});

test("messages are described here when the threads cannot", async (t) => {
  const { messages, calls } = await listForeign(t, new URL("missing.ts", import.meta.url));
  assert.equal(messages.length, COUNT);
  assert.equal(calls, COUNT);
});

test("threads make keys with the descriptions where somebody asks for keys first", async (t) => {
  const orders = [];
  for (const module of [undefined, describer.module]) {
    const { view, counting } = await openForeign(t, module);
    const order = [];
    for await (const columns of view.columns(view.uids(), ["subjectKey", "idKey"])) order.push(columns.parts);
    orders.push(order);
    assert.equal(counting.keyCalls, module === undefined ? COUNT : 1);
  }
  assert.deepEqual(orders[1], orders[0]);
});
