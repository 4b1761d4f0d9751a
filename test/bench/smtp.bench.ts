/**
 * Messages per second over SMTP, each durable before its 250, beside Postfix delivering to a Maildir on the
 * same disk: Debian's, with its own settings, its daemon virtual(8) as the one that delivers. Postfix answers
 * when its queue file is durable and delivers afterwards, so its figure is taken when the last message is in
 * the Maildir. Nothing in Postfix verifies senders, so we are measured without that and with it, asking a name
 * server that answers at once: about one domain, whose answers are remembered, and about another for each
 * message. All are sent the same octets by the same client, which does as little as it can, for it shares the
 * processors with them. Connections are kept open: our server, to find out early talkers, greets after a tenth
 * of a second. Run it with `npm run bench -- smtp`; Postfix needs root and
 * MAIL_SERVERS, a folder that `.ci/unpack-mail-servers` has filled.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mailboxFolder } from "../end-to-end/support/mail-on-disk.ts";
import { type ProcessOptions, ServerProcess } from "../end-to-end/support/server-process.ts";
import { findObstacle, startMailServer } from "../mail-servers/mail-server.ts";
import { postfixMailbox } from "../mail-servers/postfix.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { startEmptyDns } from "./empty-dns.ts";

const MESSAGES_PER_CONNECTION = { 1: 300, 10: 150, 50: 40 } as const;
const TEXT = [
  "To: Anna <anna@example.test>",
  "Subject: A letter of ten kilobytes",
  "Date: Sat, 21 Nov 2026 03:34:11 +0000",
  "Message-ID: <letter@example.org>",
  "",
  ...Array<string>(128).fill(
    "A line of text that is about as long as the lines that people write in letters.",
  ),
  "",
].join("\r\n");

interface Letter {
  readonly envelope: Buffer;
  readonly data: Buffer;
}

function letterFrom(domain: string): Letter {
  return {
    envelope: Buffer.from(`MAIL FROM:<bob@${domain}>\r\nRCPT TO:<anna@example.test>\r\nDATA\r\n`),
    data: Buffer.from(`From: Bob <bob@${domain}>\r\n${TEXT}.\r\n`),
  };
}

const LETTER = letterFrom("example.org");
let domains = 0;

/** To MAIL, RCPT, DATA, and to the message. */
const REPLIES = ["2", "2", "3", "2"];

/** Sends messages, each as a pipelined envelope and, after 354, its text (RFC 2920). */
function sendAll(socket: Socket, count: number, nextLetter: () => Letter): Promise<void> {
  const done = Promise.withResolvers<void>();
  let left = count;
  let letter = nextLetter();
  let replies = 0;
  socket.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString("latin1").trimEnd().split("\r\n")) {
      if (!line.startsWith(REPLIES[replies++] ?? "")) done.reject(new Error(`The server said "${line}"`));
    }
    if (replies === 3) socket.write(letter.data);
    if (replies < 4) return;
    replies = 0;
    if (--left === 0) return done.resolve();
    letter = nextLetter();
    socket.write(letter.envelope);
  });
  socket.on("close", () => done.reject(new Error("The server closed the connection")));
  socket.write(letter.envelope);
  return done.promise;
}

interface Contestant {
  readonly port: number;
  readonly mailbox: string;
  readonly secure: boolean;
  /** Whether each message comes from a domain that nobody has written from before. */
  readonly manySenders: boolean;
}

function countMessages(mailbox: string): number {
  try {
    return readdirSync(join(mailbox, "new")).length;
  } catch {
    return 0; // made with the first message
  }
}

async function connect({ port, secure }: Contestant): Promise<Socket> {
  if (secure) return (await RawClient.connectSecure(port)).takeSocket();
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.say("EHLO client.example.org\r\n", 250);
  return client.takeSocket();
}

/** Messages per second: acknowledged, and in the mailbox. */
async function measure(contestant: Contestant, connections: 1 | 10 | 50): Promise<[number, number]> {
  const perConnection = MESSAGES_PER_CONNECTION[connections];
  const before = countMessages(contestant.mailbox);
  const sockets = await Promise.all(Array.from({ length: connections }, () => connect(contestant)));
  const start = performance.now();
  const nextLetter = () => (contestant.manySenders ? letterFrom(`${++domains}.example.org`) : LETTER);
  await Promise.all(sockets.map((socket) => sendAll(socket, perConnection, nextLetter)));
  const acknowledged = performance.now() - start;
  const total = connections * perConnection;
  while (countMessages(contestant.mailbox) < before + total) await new Promise((done) => setTimeout(done, 5));
  const delivered = performance.now() - start;
  for (const socket of sockets) socket.destroy();
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
      await file.writeFile(LETTER.data);
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

const obstacle = await findObstacle();
if (obstacle !== undefined) console.log(`Postfix, and verifying senders, ${obstacle}`);
const dns = await startEmptyDns();
const etc = mkdtempSync(join(tmpdir(), "smtp-bench-"));
const resolvConf = join(etc, "resolv.conf");
writeFileSync(resolvConf, `nameserver 127.0.0.1:${dns.port}\n`);

const VERIFYING = "Secretary as it comes";
/** Ours, with settings that are not as in the other tests, which verify nobody. */
const OURS: Record<string, ProcessOptions> = {
  ...(obstacle === undefined && { [VERIFYING]: { settings: { DMARC_POLICY: "reject" }, resolvConf } }),
  "Secretary, TLS": { settings: { WEBCAL_ENABLED: "false" } },
  "Secretary, plain": { settings: { WEBCAL_ENABLED: "false", SMTP_REQUIRE_TLS: "false" } },
};
const ours = Object.entries(OURS).map(([name, options]) => {
  const folder = mkdtempSync(join(tmpdir(), "smtp-bench-"));
  return { name, folder, secure: !name.includes("plain"), server: new ServerProcess(folder, options) };
});
const postfix = obstacle === undefined ? await startMailServer(postfixMailbox) : undefined;
try {
  await Promise.all(ours.map(({ server }) => server.start()));
  const contestants: Record<string, Contestant> = {};
  for (const { name, folder, secure, server } of ours) {
    const port = server.smtpPort;
    const mailbox = mailboxFolder(folder, "INBOX");
    contestants[name] = { port, mailbox, secure, manySenders: false };
    if (name === VERIFYING) {
      contestants["  the same, many senders"] = { port, mailbox, secure, manySenders: true };
    }
  }
  if (postfix !== undefined) {
    const mailbox = join(postfix.folder, "mail", "anna");
    contestants["Postfix, plain"] = { port: postfix.port, mailbox, secure: false, manySenders: false };
  }
  // A server has been running for longer than a compiler needs: ours goes on getting faster for 5,000 messages.
  for (const contestant of Object.values(contestants)) {
    for (const connections of [10, 50, 50] as const) await measure(contestant, connections);
  }
  console.log("10 KB messages per second      250 said   in the Maildir");
  for (const connections of [1, 10, 50] as const) {
    const rates = new Map<string, [number, number][]>();
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [name, contestant] of Object.entries(contestants)) {
        rates.set(name, [...(rates.get(name) ?? []), await measure(contestant, connections)]);
      }
    }
    const limit = await diskLimit(mkdtempSync(join(ours[0]?.folder ?? "", "limit-")), connections);
    console.log(
      `${String(connections).padStart(2)} ${"the disk alone".padEnd(27)} ${limit.toFixed(0).padStart(8)}`,
    );
    for (const [name, results] of rates) {
      const [said, stored] = [0, 1].map((index) =>
        median(results.map((result) => result[index] ?? 0)).toFixed(0),
      );
      console.log(
        `${String(connections).padStart(2)} ${name.padEnd(27)} ${said?.padStart(8)} ${stored?.padStart(16)}`,
      );
    }
  }
} finally {
  await Promise.all([...ours.map(({ server }) => server.kill()), postfix?.stop()]);
  for (const folder of [etc, ...ours.map(({ folder }) => folder)]) rmSync(folder, { recursive: true });
  dns.stop();
}
