import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { FeedClient, readFeed } from "./support/feed-client.ts";
import { mailboxes, messageFiles, messageIdOf, messageIds } from "./support/mail-on-disk.ts";
import { invitation, plainMail } from "./support/messages.ts";
import { ServerProcess } from "./support/server-process.ts";
import { atEnd, DOMAIN, ownFolder, SECRETARY } from "./support/test-settings.ts";
import { eventually } from "./support/waiting.ts";

/**
 * Mail over many connections while the server is killed again and again; where it is in its work then is
 * chance. KILLS=1000 and KILL_SEED=n for more of it, and for the same of it.
 */
const KILLS = Number(process.env.KILLS ?? 20);
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 2 ** 31);
const CONNECTIONS = 10;
/** A server lives until it has acknowledged at most so many messages, and a little more. */
const MAX_ACKNOWLEDGED = 12;
const MAX_MORE_MS = 40;
/** However slow everything is. */
const MAX_LIFE_MS = 5_000;

/** Where mail goes: what is sent to the secretary with an event in it becomes an event. */
const KINDS = [
  { kind: "event", recipients: [SECRETARY] },
  { kind: "event-for-both", recipients: [SECRETARY, `user@${DOMAIN}`] },
  { kind: "plain", recipients: [`user@${DOMAIN}`] },
  { kind: "plain-to-secretary", recipients: [SECRETARY] },
  { kind: "plain-to-both", recipients: [SECRETARY, `user@${DOMAIN}`] },
] as const;

type Kind = (typeof KINDS)[number]["kind"];

/** What became of each message, by its Message-ID. None is sent twice. */
interface Ledger {
  next: number;
  isOver: boolean;
  /** Resolves when the server is up: for good, or again after it was killed. */
  up: Promise<void>;
  readonly sent: Map<string, Kind>;
  readonly acknowledged: Set<string>;
}

async function sendAll(server: ServerProcess, ledger: Ledger): Promise<void> {
  while (!ledger.isOver) {
    try {
      const client = await RawClient.connectSecure(server.smtpPort);
      while (!ledger.isOver) await sendNext(client, ledger);
      client.destroy();
    } catch {
      await ledger.up;
    }
  }
}

async function sendNext(client: RawClient, ledger: Ledger): Promise<void> {
  const number = ledger.next++;
  const { kind, recipients } = KINDS[number % KINDS.length] ?? KINDS[0];
  const id = `${kind}-${number}`;
  // Of all sizes, so that some are killed in the middle.
  const padding = `${"x".repeat(70)}\n`.repeat((number % 20) * 20);
  const text = kind.startsWith("event") ? invitation({ uid: id }, { messageId: id }) : plainMail(id);
  await client.say("MAIL FROM:<ann@example.org>\r\n", 250);
  for (const recipient of recipients) await client.say(`RCPT TO:<${recipient}>\r\n`, 250);
  await client.say("DATA\r\n", 354);
  ledger.sent.set(id, kind);
  await client.say(`${text}${padding}`.replaceAll("\n", "\r\n").concat(".\r\n"), 250);
  ledger.acknowledged.add(id);
}

/** Mulberry32: numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`what was answered 250 survives ${KILLS} kills, once, and is in the feed`, {
  timeout: 3_600_000,
}, async (t) => {
  t.diagnostic(`KILL_SEED=${SEED}`);
  const random = randomNumbers(SEED);
  const folder = ownFolder(t);
  const server = new ServerProcess(folder);
  atEnd(t, async () => void (await server.kill()));
  const up = server.start();
  const ledger: Ledger = { next: 0, isOver: false, up, sent: new Map(), acknowledged: new Set() };
  await up;
  const sending = Array.from({ length: CONNECTIONS }, () => sendAll(server, ledger));
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = ledger.acknowledged.size + Math.floor(random() * (MAX_ACKNOWLEDGED + 1));
    const latest = performance.now() + MAX_LIFE_MS;
    while (ledger.acknowledged.size < enough && performance.now() < latest) await delay(1);
    await delay(random() * MAX_MORE_MS);
    const restarted = Promise.withResolvers<void>();
    ledger.up = restarted.promise;
    await server.kill("SIGKILL");
    await server.start();
    restarted.resolve();
  }
  ledger.isOver = true;
  await Promise.all(sending);
  const spool = join(folder, "webcal", "spool");
  await eventually(60_000, () => assert.deepEqual(readdirSync(spool), [], "nothing is left in the spool"));
  await eventually(10_000, async () => {
    const feed = readFeed(await new FeedClient(server.webPort).octets());
    assert.deepEqual(feed.map(({ uid }) => uid).sort(), messageIds(folder, "Secretary"));
  });
  assert.equal(await server.kill("SIGTERM"), 0);

  t.diagnostic(
    `${ledger.acknowledged.size} messages acknowledged, ${ledger.sent.size - ledger.acknowledged.size} in doubt`,
  );
  assertOnce(folder, ledger);
  const published = readFeed(readFileSync(join(folder, "webcal", "calendar.ics")));
  assert.deepEqual(published.map(({ uid }) => uid).sort(), messageIds(folder, "Secretary"));
  const errors = server.log.filter(({ level }) => level === "error");
  assert.deepEqual(errors, []);
});

/** Every acknowledged message is in its place once; of the others, those that are there are whole. */
function assertOnce(folder: string, { sent, acknowledged }: Ledger): void {
  const places = new Map<string, string[]>();
  for (const mailbox of mailboxes(folder)) {
    for (const path of messageFiles(folder, mailbox)) {
      const text = readFileSync(path, "latin1");
      const id = messageIdOf(text);
      assert.ok(path.includes(`,S=${text.length},`), `${path} has as many octets as its name says`);
      assert.doesNotMatch(path, /:2,.*a/, `${path} was not put there by the user`);
      places.set(id, [...(places.get(id) ?? []), mailbox]);
    }
  }
  const expected: Readonly<Record<Kind, readonly string[]>> = {
    event: ["Secretary"],
    "event-for-both": ["INBOX", "Secretary"],
    plain: ["INBOX"],
    "plain-to-secretary": ["INBOX"],
    "plain-to-both": ["INBOX"],
  };
  for (const [id, kind] of sent) {
    const found = (places.get(id) ?? []).sort();
    // Its sender got no answer and will send it again: it may be missing, or in one place of two.
    const isInDoubt = !acknowledged.has(id) && found.every((place) => expected[kind].includes(place));
    if (!isInDoubt || found.length > expected[kind].length) assert.deepEqual(found, expected[kind], id);
  }
}
