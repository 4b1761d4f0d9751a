/**
 * The real process with a mailbox of any size, for measurements: filled as SMTP would have filled it, started,
 * mailed to and read by its clients' protocols.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { createTransport } from "nodemailer";

const ROOT = resolve(import.meta.dirname, "../..");
/** What `npm start` runs Node with. */
const NODE_FLAGS = ["--max-semi-space-size=2"];
const COMPILE_CACHE = join(ROOT, "node_modules/.cache/secretary");
/** Writes of the limit; the median of them counts. */
const WRITES = 9;
export const LOGIN = `Basic ${Buffer.from("user:a-password-for-the-bench").toString("base64")}`;

export interface RunningSecretary {
  readonly server: ChildProcess;
  readonly smtpPort: number;
  readonly feedUrl: string;
  /** From the start of the process to the first answer with the feed. */
  readonly startMs: number;
}

/** Single events and every tenth a weekly series, one message each, as SMTP would have stored them. */
export function fillMailbox(folder: string, size: number): void {
  const box = join(folder, "user/Maildir/.Secretary/new");
  mkdirSync(box, { recursive: true });
  for (let index = 0; index < size; index++) {
    const message = invitation(index);
    const octets = Buffer.byteLength(message);
    writeFileSync(join(box, `${1_767_254_400 + index}.M0P1Q${index}.bench,S=${octets},W=${octets}`), message);
  }
}

/** Plain messages that were seen, as another server left them. */
export function fillInbox(folder: string, size: number): void {
  const box = join(folder, "user/Maildir/cur");
  mkdirSync(box, { recursive: true });
  const message = "From: ann@example.org\r\nTo: user@example.test\r\nSubject: Hello\r\n\r\nHello\r\n";
  for (let index = 0; index < size; index++) {
    writeFileSync(join(box, `${1_767_254_400 + index}.M0P1Q${index}.bench,S=${message.length}:2,S`), message);
  }
}

function invitation(index: number): string {
  const day = new Date(Date.UTC(2026, 0, 1 + (index % 700))).toISOString().slice(0, 10).replaceAll("-", "");
  return [
    "Delivered-To: secretary@example.test",
    "From: Ann Example <ann@example.org>",
    "To: secretary@example.test",
    `Subject: Meeting ${index}`,
    "Date: Thu, 01 Jan 2026 08:00:00 +0000",
    `Message-ID: <meeting-${index}@example.org>`,
    "MIME-Version: 1.0",
    "Content-Type: text/calendar; charset=utf-8; method=REQUEST",
    "",
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example//Bench//EN",
    "METHOD:REQUEST",
    "BEGIN:VEVENT",
    `UID:meeting-${index}@example.org`,
    "DTSTAMP:20260101T080000Z",
    "SEQUENCE:0",
    `DTSTART;TZID=Europe/Berlin:${day}T100000`,
    `DTEND;TZID=Europe/Berlin:${day}T110000`,
    ...(index % 10 === 0 ? ["RRULE:FREQ=WEEKLY;COUNT=20"] : []),
    `SUMMARY:Meeting ${index}`,
    `LOCATION:Room ${index % 40}`,
    `DESCRIPTION:Agenda of meeting ${index}\\n1. Plan\\n2. Numbers`,
    "ORGANIZER;CN=Ann Example:mailto:ann@example.org",
    "ATTENDEE;CN=User;RSVP=TRUE:mailto:user@example.test",
    "ATTENDEE;CN=Bob Example:mailto:bob@example.org",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

function spawnSecretary(folder: string, command: string): ChildProcess {
  return spawn(process.execPath, [...NODE_FLAGS, join(ROOT, "src/main.ts"), command], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      DOMAINNAME: "example.test",
      MAILUSER: "user",
      MAILPASSWORD: "a-password-for-the-bench",
      MAILFOLDER: folder,
      SMTP_LISTEN: "127.0.0.1:0",
      IMAP_LISTEN: "127.0.0.1:0",
      WEBCAL_LISTEN: "127.0.0.1:0",
      NODE_COMPILE_CACHE: COMPILE_CACHE,
    },
  });
}

export async function run(folder: string, command: string): Promise<void> {
  const child = spawnSecretary(folder, command);
  child.stdout?.resume();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`Cannot measure: "${command}" ended with ${code}`);
}

/** Until the server says that it is up and the feed is answered. */
export async function start(folder: string): Promise<RunningSecretary> {
  const started = performance.now();
  const server = spawnSecretary(folder, "serve");
  if (server.stdout === null) throw new Error("Cannot measure: the server has no output");
  const lines = createInterface(server.stdout);
  for await (const line of lines) {
    const event = JSON.parse(line) as { msg: string; smtp: { port: number }; web: { port: number } };
    if (event.msg !== "Secretary is up") continue;
    lines.resume();
    const feedUrl = `http://127.0.0.1:${event.web.port}/calendar.ics`;
    await (await readFeed(feedUrl)).bytes();
    server.stdout.resume();
    return { server, smtpPort: event.smtp.port, feedUrl, startMs: performance.now() - started };
  }
  throw new Error("Cannot measure: the server did not start");
}

/** Milliseconds from the answer 250 to the first feed that has the event. */
export async function mailOneMore(round: number, port: number, feedUrl: string): Promise<number> {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
  });
  const index = 1_000_000 + round;
  const before = await readEtag(feedUrl);
  const envelope = { from: "ann@example.org", to: "secretary@example.test" };
  await transport.sendMail({ envelope, raw: invitation(index) });
  const accepted = performance.now();
  let status = 304;
  while (status === 304) {
    status = (await readFeed(feedUrl, { "If-None-Match": before })).status;
  }
  const elapsed = performance.now() - accepted;
  if (!(await (await readFeed(feedUrl)).text()).includes(`UID:meeting-${index}@example.org`)) {
    throw new Error("Cannot measure: the feed changed, but not by the event");
  }
  return elapsed;
}

/** An answer that nobody reads to its end would keep its feed in the server's memory. */
export async function readEtag(url: string): Promise<string> {
  return (await readFeed(url, { "If-None-Match": "" })).headers.get("etag") ?? "";
}

export async function readFeed(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, {
    method: "If-None-Match" in headers ? "HEAD" : "GET",
    headers: { Authorization: LOGIN, ...headers },
  });
  if (response.status !== 200 && response.status !== 304)
    throw new Error(`Cannot measure: HTTP ${response.status}`);
  return response;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds to write so many octets, sync them and rename the file. */
export function writeLimit(folder: string, octets: number): number {
  const content = Buffer.alloc(octets, "x");
  const times = Array.from({ length: WRITES }, () => {
    const started = performance.now();
    const file = openSync(join(folder, "limit.tmp"), "w");
    writeSync(file, content);
    fsyncSync(file);
    closeSync(file);
    renameSync(join(folder, "limit.tmp"), join(folder, "limit"));
    return performance.now() - started;
  });
  return median(times);
}
