/**
 * Messages per second over SMTP, each durable before its 250, beside Postfix delivering to a Maildir on the
 * same disk. Postfix answers when its queue file is durable and delivers afterwards, so its figure is taken
 * when the last message is in the Maildir. Connections are kept open: our server, to find out early talkers,
 * greets after a tenth of a second. Run it with `npm run bench -- smtp`; the second server needs root and
 * MAIL_SERVERS, a folder that `.ci/unpack-mail-servers` has filled.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerProcess } from "../end-to-end/server-process.ts";
import { findObstacle, startMailServer } from "../mail-servers/mail-server.ts";
import { postfixMailbox } from "../mail-servers/postfix.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";

const MESSAGES_PER_CONNECTION = { 1: 300, 10: 150, 50: 40 } as const;
const MESSAGE = "Subject: bench\r\n\r\n".padEnd(10_240, "A line of text\r\n").replace(/\r?$/, "\r\n");
const ENVELOPE = "MAIL FROM:<bob@example.org>\r\nRCPT TO:<anna@example.test>\r\nDATA\r\n";

/** Sends messages, each as a pipelined envelope and, after 354, its text (RFC 2920). */
async function sendAll(client: RawClient, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    client.send(ENVELOPE);
    for (const code of [250, 250, 354]) await client.reply(code);
    await client.say(`${MESSAGE}.\r\n`, 250);
  }
}

interface Contestant {
  readonly port: number;
  readonly mailbox: string;
  readonly secure: boolean;
}

function countMessages(mailbox: string): number {
  try {
    return readdirSync(join(mailbox, "new")).length;
  } catch {
    return 0; // made with the first message
  }
}

async function connect({ port, secure }: Contestant): Promise<RawClient> {
  if (secure) return RawClient.connectSecure(port);
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.say("EHLO client.example.org\r\n", 250);
  return client;
}

/** Messages per second: acknowledged, and in the mailbox. */
async function measure(contestant: Contestant, connections: 1 | 10 | 50): Promise<[number, number]> {
  const perConnection = MESSAGES_PER_CONNECTION[connections];
  const before = countMessages(contestant.mailbox);
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(contestant)));
  const start = performance.now();
  await Promise.all(clients.map((client) => sendAll(client, perConnection)));
  const acknowledged = performance.now() - start;
  const total = connections * perConnection;
  while (countMessages(contestant.mailbox) < before + total) await new Promise((done) => setTimeout(done, 5));
  const delivered = performance.now() - start;
  for (const client of clients) client.destroy();
  return [(total / acknowledged) * 1000, (total / delivered) * 1000];
}

/**
 * What the disk grants: as many writers at once, each writing, syncing and renaming files of the same size and
 * syncing their folder, every one for itself.
 */
async function diskLimit(folder: string, writers: number): Promise<number> {
  const count = MESSAGES_PER_CONNECTION[writers as keyof typeof MESSAGES_PER_CONNECTION];
  const write = async (writer: number) => {
    for (let n = 0; n < count; n++) {
      const path = join(folder, `limit-${writer}-${n}`);
      const file = await open(`${path}.tmp`, "wx");
      await file.writeFile(MESSAGE);
      await file.sync();
      await file.close();
      await rename(`${path}.tmp`, path);
      const entries = await open(folder, "r");
      await entries.sync();
      await entries.close();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return ((writers * count) / (performance.now() - start)) * 1000;
}

/** So that what else the machine does meets all of them alike, they take turns; the middle one counts. */
const TURNS = 3;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "smtp-bench-")));
const [secured = "", unsecured = ""] = folders;
const [ours, oursPlain] = [
  new ServerProcess(secured),
  new ServerProcess(unsecured, { settings: { SMTP_REQUIRE_TLS: "false" } }),
];
const obstacle = await findObstacle();
if (obstacle !== undefined) console.log(`Postfix ${obstacle}`);
const postfix = obstacle === undefined ? await startMailServer(postfixMailbox) : undefined;
try {
  await Promise.all([ours.start(), oursPlain.start()]);
  const mailboxIn = (folder: string) => join(folder, "anna", "Maildir");
  const contestants: Record<string, Contestant> = {
    "Secretary, TLS": { port: ours.port, mailbox: mailboxIn(secured), secure: true },
    "Secretary, plain": { port: oursPlain.port, mailbox: mailboxIn(unsecured), secure: false },
  };
  if (postfix !== undefined) {
    const mailbox = join(postfix.folder, "mail", "anna");
    contestants["Postfix, plain"] = { port: postfix.port, mailbox, secure: false };
  }
  for (const contestant of Object.values(contestants)) await measure(contestant, 10); // warm
  console.log("10 KB messages per second   250 said   in the Maildir");
  for (const connections of [1, 10, 50] as const) {
    const rates = new Map<string, [number, number][]>();
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [name, contestant] of Object.entries(contestants)) {
        rates.set(name, [...(rates.get(name) ?? []), await measure(contestant, connections)]);
      }
    }
    const limit = await diskLimit(mkdtempSync(join(secured, "limit-")), connections);
    console.log(
      `${String(connections).padStart(2)} ${"the disk alone".padEnd(24)} ${limit.toFixed(0).padStart(8)}`,
    );
    for (const [name, results] of rates) {
      const [said, stored] = [0, 1].map((index) =>
        median(results.map((result) => result[index] ?? 0)).toFixed(0),
      );
      console.log(
        `${String(connections).padStart(2)} ${name.padEnd(24)} ${said?.padStart(8)} ${stored?.padStart(16)}`,
      );
    }
  }
} finally {
  await Promise.all([ours.kill(), oursPlain.kill(), postfix?.stop()]);
  for (const folder of folders) rmSync(folder, { recursive: true });
}
