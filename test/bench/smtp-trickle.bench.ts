/**
 * Messages of 10 MB at one octet a second. At that pace one takes 115 days, so what a server owes everybody else
 * is to end it in time, and that is shown here with the limits of every server, not with shorter ones: it
 * takes half an hour, and next to no processor time. It prints the memory of the process and how long mail of
 * somebody else takes meanwhile, claims when and how each of the slow is ended and that nothing of them stays,
 * and ends with 1 if that does not hold. Run it with `npm run bench -- smtp-trickle`.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTP_LIMITS } from "../../src/servers/smtp/smtp-limits.ts";
import { mailboxFolder } from "../end-to-end/support/mail-on-disk.ts";
import { ServerProcess } from "../end-to-end/support/server-process.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { claim, endWithin } from "./claims.ts";

const OF_EACH_KIND = 20;
const OCTET_MS = 1_000;
const REPORT_MS = 5 * 60_000;
const LETTERS_PER_REPORT = 20;

/** A timer that is late by more has been forgotten. */
const MAX_LATE_MS = 10_000;
const MAX_MAIL_MS = 3_000;
const MAX_DRIFT_MB = 30;

endWithin(SMTP_LIMITS.dataMs + 120_000);
const folder = await mkdtemp(join(tmpdir(), "smtp-trickle-"));
const inbox = mailboxFolder(folder, "INBOX");
const server = new ServerProcess(folder, { settings: { WEBCAL_ENABLED: "false" } });
process.once("exit", () => void server.kill()); // also when it does not come to its end
await server.start();

interface End {
  readonly answer: string;
  readonly ms: number;
}

/** How a connection ends on which an octet is sent every second, or none when `octet` is empty. */
async function trickle(client: RawClient, octet: string): Promise<End> {
  const begun = performance.now();
  const timer = octet === "" ? undefined : setInterval(() => client.send(octet), OCTET_MS);
  const answer = await client.closed();
  clearInterval(timer);
  return { answer: answer.trimEnd(), ms: performance.now() - begun };
}

/** Begins with somebody who has a connection and has said EHLO. */
async function trickleMany(
  octet: string,
  prepare: (client: RawClient) => Promise<void>,
): Promise<Promise<End>[]> {
  const ends: Promise<End>[] = [];
  for (let n = 0; n < OF_EACH_KIND; n++) {
    const client = await RawClient.connectSecure(server.smtpPort);
    await prepare(client);
    ends.push(trickle(client, octet));
  }
  return ends;
}

async function beginMessage(client: RawClient): Promise<void> {
  await client.say("MAIL FROM:<bob@example.org> SIZE=10000000\r\n", 250);
  await client.say("RCPT TO:<user@example.test>\r\n", 250);
  await client.say("DATA\r\n", 354);
  client.send("Subject: x\r\n\r\n");
}

function memory(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

async function unfinished(): Promise<number> {
  return (await readdir(join(inbox, "tmp"))).length;
}

let letters = 0;
/** The longest time in milliseconds that a small message of somebody else takes, connection included. */
async function slowestMail(): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < LETTERS_PER_REPORT; n++) {
    const start = performance.now();
    const client = await RawClient.connectSecure(server.smtpPort);
    await client.begin();
    await client.say("Subject: x\r\n\r\nHello\r\n.\r\n", 250);
    client.destroy();
    letters++;
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}

const reports: { readonly megabytes: number; readonly mailMs: number; readonly files: number }[] = [];
async function report(minute: number): Promise<void> {
  const mailMs = await slowestMail();
  const megabytes = memory();
  const files = await unfinished();
  reports.push({ megabytes, mailMs, files });
  const [mb, ms] = [megabytes.toFixed(0).padStart(7), mailMs.toFixed(0).padStart(10)];
  console.log(`${minute.toFixed(0).padStart(6)} ${mb} MB ${ms} ms ${String(files).padStart(7)}`);
}

await slowestMail(); // what every process needs after a start
const silent = await trickleMany("", async () => undefined);
const commands = await trickleMany("N", async () => undefined);
const messages = await trickleMany("x", beginMessage);
console.log("minute     memory  slowest mail  in tmp");
await report(0);
const begun = performance.now();
const timer = setInterval(() => void report((performance.now() - begun) / 60_000), REPORT_MS);
const endOfCommands = await Promise.all([...silent, ...commands]);
const endOfMessages = await Promise.all(messages);
clearInterval(timer);
await report((performance.now() - begun) / 60_000);
const stored = (await readdir(join(inbox, "new"))).length;
await server.kill("SIGTERM");
await rm(folder, { recursive: true });

/** Says what they were told and when, and claims that it was in time. */
function claimEnds(what: string, ends: readonly End[], limitMs: number): void {
  const first = Math.min(...ends.map(({ ms }) => ms));
  const last = Math.max(...ends.map(({ ms }) => ms));
  const answers = [...new Set(ends.map(({ answer }) => answer))].join(" | ");
  claim(
    `${ends.length} that ${what} are ended with 421 after ${limitMs / 60_000} minutes: ` +
      `after ${(first / 60_000).toFixed(2)} to ${(last / 60_000).toFixed(2)}, "${answers}"`,
    // Their clock began a moment before ours.
    ends.every(({ answer }) => /^421 4\.4\.2 .*$/.test(answer)) &&
      first > limitMs - MAX_LATE_MS &&
      last < limitMs + MAX_LATE_MS,
  );
}
claimEnds("say nothing", endOfCommands.slice(0, OF_EACH_KIND), SMTP_LIMITS.commandMs);
claimEnds("send a command at an octet a second", endOfCommands.slice(OF_EACH_KIND), SMTP_LIMITS.commandMs);
claimEnds("send a message at an octet a second", endOfMessages, SMTP_LIMITS.dataMs);
const files = reports.map((line) => line.files);
claim(
  `nothing of the messages stays: ${Math.max(...files)} files in tmp while they came, ${files.at(-1)} afterwards, ` +
    `${stored - letters} stored that should not be`,
  files.at(-1) === 0 && stored === letters,
);
const sizes = reports.map(({ megabytes }) => megabytes);
const drift = Math.max(...sizes) - (sizes[0] ?? 0);
claim(`memory stays within ${MAX_DRIFT_MB} MB: ${drift.toFixed(0)} MB`, drift <= MAX_DRIFT_MB);
const mailMs = Math.max(...reports.map((line) => line.mailMs));
claim(
  `mail of others takes less than ${MAX_MAIL_MS} ms meanwhile: ${letters} letters, at most ${mailMs.toFixed(0)} ms`,
  mailMs <= MAX_MAIL_MS,
);
