import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describer, type ImapOptions, startImapServer } from "../../../src/servers/imap/imap.ts";
import {
  type Account,
  createLoginGate,
  createProxies,
  createScramKeyring,
  createServerTls,
  type Log,
  type LoginOutcome,
  type ScramKeysOf,
} from "../../../src/servers/net/net.ts";
import { type Disk, realDisk } from "../../../src/storage/maildir/disk.ts";
import { type Maildir, openMaildir } from "../../../src/storage/maildir/maildir.ts";
import { readOrMakeTlsPair, type TlsPair } from "../../../src/storage/tls-files/tls-files.ts";
import { ImapClient } from "./imap-client.ts";

export const USER = "anna";
export const PASSWORD = "correct horse";

const ACCOUNT: Account = {
  user: USER,
  domain: "example.test",
  secret: { kind: "password", password: PASSWORD },
};

/** What clients prove to know. */
export const keysOf = createScramKeyring(ACCOUNT, randomBytes) as ScramKeysOf;

const SILENT: Log = { debug: noop, info: noop, warn: noop, error: noop };
function noop(): void {}

let pair: Promise<TlsPair> | undefined;

async function makePair(): Promise<TlsPair> {
  const folder = await mkdtemp(join(tmpdir(), "imap-tls-"));
  const paths = { keyFile: join(folder, "key.pem"), certFile: join(folder, "cert.pem") };
  const made = await readOrMakeTlsPair(paths, { domain: "example.test", now: () => new Date() });
  await rm(folder, { recursive: true });
  return made;
}

export interface RunningImap {
  readonly folder: string;
  readonly maildir: Maildir;
  readonly port: number;
  readonly portTls: number;
  /** In PEM, for clients that want to know whom they trust. */
  readonly certificate: string;
  /** A client that has logged in; until the server's end, or another's. */
  login(lifetime?: Lifetime): Promise<ImapClient>;
  /** A client that has said nothing yet, in TLS. */
  connect(lifetime?: Lifetime): Promise<ImapClient>;
  stop(): Promise<void>;
}

/** Who says when it is over: a test, or a file of them. */
export interface Lifetime {
  after(end: () => unknown): void;
}

/** A server over a Maildir of its own, until the test is over. */
export async function startImap(
  t: Lifetime,
  { disk = realDisk, ...options }: Partial<ImapOptions> & { disk?: Disk } = {},
): Promise<RunningImap> {
  const folder = await mkdtemp(join(tmpdir(), "imap-"));
  const now = options.now ?? (() => new Date());
  const maildir = await openMaildir(folder, {
    now,
    randomOctets: (octets) => randomBytes(octets),
    hostname: "test",
    describer,
    disk,
  });
  pair ??= makePair();
  const server = await startImapServer({
    listen: { host: "127.0.0.1", port: 0 },
    listenTls: { host: "127.0.0.1", port: 0 },
    domain: "example.test",
    tls: createServerTls(await pair),
    mailboxes: maildir.mailboxes,
    attemptLogin: async (_, user, password): Promise<LoginOutcome> =>
      user === USER && password === PASSWORD ? "accepted" : "refused",
    scram: { attempt: createLoginGate(now), keysOf, random: randomBytes },
    proxies: createProxies([]),
    maxMessageOctets: 1_000_000,
    keywordsOfPlaced: new Map([["Secretary", ["$Approved"]]]),
    neededMailboxes: new Set(["Secretary", "Secretary.Held"]),
    version: "0",
    now,
    log: SILENT,
    ...options,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await server.stop();
    await maildir.close();
  };
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, maxRetries: 10 }); // a delivery may just be ending
  });
  const portTls = server.addressTls?.port ?? 0;
  const connect = async (lifetime = t): Promise<ImapClient> => {
    const client = await ImapClient.connect(portTls, { isSecure: true });
    lifetime.after(() => client.destroy());
    return client;
  };
  return {
    folder,
    maildir,
    port: server.address.port,
    portTls,
    certificate: (await pair).cert,
    connect,
    async login(lifetime = t) {
      const client = await connect(lifetime);
      await client.line();
      await client.ok(`LOGIN ${USER} "${PASSWORD}"`);
      return client;
    },
    stop,
  };
}

/** Puts messages into a mailbox as a delivery would. */
export async function deliver(maildir: Maildir, mailbox: string, ...messages: string[]): Promise<void> {
  for (const message of messages) {
    async function* octets(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(message, "latin1");
    }
    await maildir.deliver(octets(), [{ mailbox }]);
  }
}
