/** The server that `imap.bench.ts` measures, over the Maildir it is given; prints its port, stops with its input. */
import { randomBytes } from "node:crypto";
import { describer, startImapServer } from "../../src/servers/imap/imap.ts";
import { createProxies, createServerTls } from "../../src/servers/net/net.ts";
import { openMaildir } from "../../src/storage/maildir/maildir.ts";
import { readOrMakeTlsPair } from "../../src/storage/tls-files/tls-files.ts";

const [folder = "", tlsFolder = ""] = process.argv.slice(2);
const now = (): Date => new Date();
const maildir = await openMaildir(folder, { now, randomOctets: randomBytes, hostname: "bench", describer });
const paths = { keyFile: `${tlsFolder}/key.pem`, certFile: `${tlsFolder}/cert.pem` };
const log = { debug: noop, info: noop, warn: console.error, error: console.error };
const server = await startImapServer({
  listen: { host: "127.0.0.1", port: 0 },
  listenTls: { host: "127.0.0.1", port: 0 },
  domain: "example.test",
  tls: createServerTls(await readOrMakeTlsPair(paths, { domain: "example.test", now })),
  mailboxes: maildir.mailboxes,
  attemptLogin: async () => "accepted",
  scram: undefined,
  proxies: createProxies([]),
  maxMessageOctets: 10_000_000,
  keywordsOfPlaced: new Map(),
  neededMailboxes: new Set(),
  version: "0",
  now,
  log,
});
process.stdin.resume().once("end", async () => {
  await server.stop();
  await maildir.close();
});
process.on("message", (what) => {
  if (what === "memory") process.send?.(process.memoryUsage().rss);
  if (what === "deliver") void deliver();
});
process.send?.(server.addressTls?.port ?? 0);

async function deliver(): Promise<void> {
  async function* octets(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("From: ann@example.org\r\nSubject: new\r\n\r\nnew\r\n");
  }
  await maildir.deliver(octets(), [{ mailbox: "INBOX" }]);
  process.send?.("delivered");
}

function noop(): void {}
