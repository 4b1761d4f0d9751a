import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createProxies, createServerTls, type Log } from "../../../src/servers/net/net.ts";
import { type MailTransaction, type SmtpOptions, startSmtpServer } from "../../../src/servers/smtp/smtp.ts";
import { readOrMakeTlsPair, type TlsPair } from "../../../src/storage/tls-files/tls-files.ts";

export const NOW = new Date("2026-11-21T03:34:11Z");

export interface Delivered {
  readonly transaction: MailTransaction;
  readonly text: string;
}

let pair: Promise<TlsPair> | undefined;

export async function makePair(): Promise<TlsPair> {
  const folder = await mkdtemp(join(tmpdir(), "smtp-"));
  const paths = { keyFile: join(folder, "key.pem"), certFile: join(folder, "cert.pem") };
  const made = await readOrMakeTlsPair(paths, { domain: "example.test", now: () => new Date() });
  await rm(folder, { recursive: true });
  return made;
}

export const SILENT: Log = { debug: noop, info: noop, warn: noop, error: noop };
function noop(): void {}

/** Reads a message to its end, as every `deliver` must. */
export async function readAll(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** A server for example.test that keeps what it is sent, until the test is over. */
export async function startServer(t: TestContext, options: Partial<SmtpOptions> = {}) {
  pair ??= makePair();
  const delivered: Delivered[] = [];
  const server = await startSmtpServer({
    listen: { host: "127.0.0.1", port: 0 },
    domain: "example.test",
    tls: createServerTls(await pair),
    deliver: async (transaction, octets) => {
      delivered.push({ transaction, text: await readAll(octets) });
    },
    maxMessageOctets: 100_000,
    foreignRecipients: "reject",
    blockedRecipients: [],
    requireTls: true,
    proxies: createProxies([]),
    now: () => NOW,
    random: (octets) => randomBytes(octets),
    log: SILENT,
    ...options,
  });
  t.after(() => server.stop());
  return { server, delivered, port: server.address.port };
}
