import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readConfig } from "../../src/app/config.ts";
import { createLog } from "../../src/app/log.ts";
import { startApp } from "../../src/app/server.ts";
import { REAL_WORLD } from "../../src/app/world.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";

/** example.org and example.com send from 192.0.2.1; the latter has no policy. */
const ZONE: Readonly<Record<string, string>> = {
  "example.org": "v=spf1 ip4:192.0.2.1 -all",
  "_dmarc.example.org": "v=DMARC1; p=none",
  "_dmarc.strict.example": "v=DMARC1; p=reject",
  "example.com": "v=spf1 ip4:192.0.2.1 -all",
};
const [SENDER, STRANGER] = ["192.0.2.1", "198.51.100.1"];

async function resolve(name: string, type: string): Promise<string[][]> {
  const text = type === "TXT" ? ZONE[name] : undefined;
  if (text === undefined) throw Object.assign(new Error(`No ${type} of ${name}`), { code: "ENOTFOUND" });
  return [[text]];
}

interface Invitation {
  readonly uid: string;
  readonly from: string;
  readonly summary: string;
  readonly sequence?: number;
}

function invitation({ uid, from, summary, sequence = 0 }: Invitation): string {
  return (
    `From: <${from}>\r\nTo: <secretary@example.test>\r\nSubject: ${summary}\r\n` +
    `Message-ID: <${uid}-${sequence}-${summary}@example.org>\r\nMIME-Version: 1.0\r\n` +
    "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" +
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n" +
    `UID:${uid}\r\nSEQUENCE:${sequence}\r\nDTSTAMP:20261101T08000${sequence}Z\r\nDTSTART:20301201T090000Z\r\n` +
    `SUMMARY:${summary}\r\nORGANIZER:mailto:bob@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`
  );
}

async function start(t: TestContext, settings: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "verified-"));
  const reading = readConfig(() => "", {
    DOMAINNAME: "example.test",
    MAILUSER: "anna",
    MAILPASSWORD: "x",
    MAILFOLDER: folder,
    SMTP_LISTEN: "127.0.0.1:0",
    IMAP_LISTEN: "127.0.0.1:0",
    WEBCAL_LISTEN: "127.0.0.1:0",
    TRUSTED_PROXIES: "127.0.0.1",
    ...settings,
  });
  assert.ok(reading.ok);
  const clock = { ms: Date.now() };
  const world = { ...REAL_WORLD, resolve, now: () => new Date(clock.ms) };
  const app = await startApp(reading.config, {
    log: createLog({ debug: false, format: "lines", write: () => undefined }),
    world,
  });
  t.after(async () => {
    await app.stop();
    await rm(folder, { recursive: true });
  });
  /** Sends a message and waits until it is sorted; returns the refusal of RCPT, or the answer to the message. */
  async function send(message: string, address: string): Promise<string> {
    const client = await RawClient.connectFrom(address, app.addresses.smtp.port);
    await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
    client.send("RCPT TO:<secretary@example.test>\r\n");
    let answer = await client.reply();
    if (answer.startsWith("250")) {
      await client.say("DATA\r\n", 354);
      client.send(`${message}.\r\n`);
      answer = await client.reply();
    }
    client.destroy();
    await app.settled();
    return answer;
  }
  const feed = () => Buffer.from(app.feed()?.octets ?? []).toString();
  return { send, feed, clock };
}

test("WEBCAL_POLICY=verified publishes what DMARC confirms, and holds everything else", async (t) => {
  const { send, feed } = await start(t, { WEBCAL_POLICY: "verified" });
  const bob = { uid: "1", from: "bob@example.org", summary: "Confirmed" };
  assert.match(await send(invitation(bob), SENDER), /^250 /);
  assert.match(await send(invitation({ ...bob, uid: "2", summary: "Forged" }), STRANGER), /^250 /);
  const shop = { uid: "3", from: "shop@example.com", summary: "No policy" };
  assert.match(await send(invitation(shop), SENDER), /^250 /);
  assert.deepEqual(feed().match(/SUMMARY:.*/g), ["SUMMARY:Confirmed"]);
});

test("who borrows the organizer's name changes nothing in the event", async (t) => {
  const { send, feed } = await start(t, {});
  const lunch = { uid: "1", from: "bob@example.org", summary: "Lunch" };
  await send(invitation(lunch), SENDER);
  await send(invitation({ ...lunch, sequence: 1, summary: "Forged" }), STRANGER);
  assert.match(feed(), /SUMMARY:Lunch\r/);
  await send(invitation({ ...lunch, sequence: 2, summary: "Dinner" }), SENDER);
  assert.match(feed(), /SUMMARY:Dinner\r/);
});

for (const [policy, answer] of [
  ["reject", /^550 5\.7\.1 /],
  ["observe", /^250 /],
] as const) {
  test(`DMARC_POLICY=${policy} is what becomes of mail that its author's domain wants refused`, async (t) => {
    const { send } = await start(t, { DMARC_POLICY: policy });
    const forged = invitation({ uid: "1", from: "bob@strict.example", summary: "Forged" });
    assert.match(await send(forged, STRANGER), answer);
  });
}

test("greylisting does not keep senders waiting whose events are in the calendar", async (t) => {
  const { send, clock } = await start(t, {
    GRAYLISTING_ENABLED: "true",
    DMARC_POLICY: "off",
    GRAYLISTING_DELAY: "1s",
  });
  const lunch = invitation({ uid: "1", from: "bob@example.org", summary: "Lunch" });
  assert.match(await send(lunch, STRANGER), /^451 4\.7\.1 /);
  clock.ms += 1_000;
  assert.match(await send(lunch, STRANGER), /^250 /);
  assert.match(await send(lunch, "203.0.113.9"), /^250 /);
});
