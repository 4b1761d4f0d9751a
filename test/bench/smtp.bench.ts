/**
 * Messages per second over SMTP, each durable before its 250, beside Postfix delivering to a Maildir on the
 * same disk. Postfix answers when its queue file is durable and delivers afterwards, so its figure is taken
 * when the last message is in the Maildir. Connections are kept open: our server, to find out early talkers,
 * greets after a tenth of a second. Run it with `npm run bench -- smtp`; the second server needs root and
 * MAIL_SERVERS, a folder that `.ci/unpack-mail-servers` has filled.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerProcess } from "../end-to-end/server-process.ts";
import { findObstacle, startMailServer } from "../mail-servers/mail-server.ts";
import { postfixMailbox } from "../mail-servers/postfix.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";

const MESSAGES_PER_CONNECTION = { 1: 300, 10: 150, 50: 40 } as const;
const MESSAGE = "Subject: bench\r\n\r\n".padEnd(4096, "A line of text\r\n").replace(/\r?$/, "\r\n");
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

async function measureOurs(settings: Readonly<Record<string, string>>): Promise<[number, number][]> {
  const folder = mkdtempSync(join(tmpdir(), "smtp-bench-"));
  const server = new ServerProcess(folder, { settings });
  await server.start();
  try {
    return await measureAll({
      port: server.port,
      mailbox: join(folder, "anna", "Maildir"),
      secure: settings.SMTP_REQUIRE_TLS !== "false",
    });
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true });
  }
}

async function measurePostfix(): Promise<[number, number][] | undefined> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) {
    console.log(`Postfix ${obstacle}`);
    return undefined;
  }
  const server = await startMailServer(postfixMailbox);
  try {
    return await measureAll({
      port: server.port,
      mailbox: join(server.folder, "mail", "anna"),
      secure: false,
    });
  } finally {
    await server.stop();
  }
}

async function measureAll(contestant: Contestant): Promise<[number, number][]> {
  await measure(contestant, 10); // warm
  const results: [number, number][] = [];
  for (const connections of [1, 10, 50] as const) results.push(await measure(contestant, connections));
  return results;
}

const tls = await measureOurs({});
const plain = await measureOurs({ SMTP_REQUIRE_TLS: "false" });
const postfix = await measurePostfix();
console.log("4 KB messages per second          1 connection   10   50");
function print(name: string, rates: readonly number[] | undefined): void {
  if (rates === undefined) return;
  console.log(name.padEnd(34), rates.map((rate) => rate.toFixed(0).padStart(8)).join(""));
}
print(
  "Secretary, TLS, in the Maildir",
  tls.map(([, delivered]) => delivered),
);
print(
  "Secretary, plain, in the Maildir",
  plain.map(([, delivered]) => delivered),
);
print(
  "Postfix, plain, 250 said",
  postfix?.map(([acknowledged]) => acknowledged),
);
print(
  "Postfix, plain, in the Maildir",
  postfix?.map(([, delivered]) => delivered),
);
