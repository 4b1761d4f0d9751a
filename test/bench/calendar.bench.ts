/**
 * What the size of the agenda costs: with 100, 10,000 and nearly 100,000 stored invitations (the agenda takes no
 * more), how fast the calendar is made from the mailbox, how long a start takes, from 250 to visible in the
 * feed for one more, and memory. All with the real process as `npm start` runs it, over SMTP and HTTP; the
 * first start of all, which compiles, is not counted. Beside each its physical limit, measured in the same run:
 * reading the messages, starting Node, writing a file of the feed's size durably.
 *
 * With 10,000 invitations INBOX holds 90,000 messages, and memory is looked at once more when the parser
 * process was ended because nothing came. Run: `npm run bench -- calendar`; it takes some minutes.
 */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fillInbox, fillMailbox, mailOneMore, median, run, start, writeLimit } from "./secretary-process.ts";

const SIZES = [100, 10_000, 99_990];
const ROUNDS = 7;
/** The size at which memory is promised, and the messages that are there besides. */
const PROMISED_SIZE = 10_000;
const OTHER_MESSAGES = 90_000;
/** The parser process is ended after a minute without work. */
const IDLE_MS = 90_000;

await inFolder(compile);
for (const size of SIZES) await inFolder((folder) => measure(folder, size));

async function compile(folder: string): Promise<void> {
  fillMailbox(folder, 1);
  await run(folder, "rebuild");
  await stop((await start(folder)).server);
}

async function measure(folder: string, size: number): Promise<void> {
  fillMailbox(folder, size);
  if (size === PROMISED_SIZE) fillInbox(folder, OTHER_MESSAGES);
  const readMs = readLimit(join(folder, "user/Maildir/.Secretary/new"));
  const rebuildMs = await timed(() => run(folder, "rebuild"));
  const { startMs, visibleMs, memory } = await measureServer(folder, size);
  const octets = readFileSync(join(folder, "webcal/calendar.ics")).length;
  console.log(`${size.toLocaleString("en")} events
  rebuild ${perSecond(size, rebuildMs)} messages/s (reading their files ${perSecond(size, readMs)})
  start ${startMs.toFixed(0)} ms (Node alone ${nodeStartMs().toFixed(0)} ms)
  250 to visible ${visibleMs.toFixed(0)} ms (writing ${(octets / 1e6).toFixed(1)} MB ${writeLimit(folder, octets).toFixed(0)} ms)
  memory ${memory}`);
}

async function measureServer(folder: string, size: number) {
  const { server, startMs, smtpPort, feedUrl } = await start(folder);
  try {
    const visibleMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) visibleMs.push(await mailOneMore(round, smtpPort, feedUrl));
    const used = memoryOf(server);
    const memory = size === PROMISED_SIZE ? `${used}; idle ${await idleMemoryOf(server)}` : used;
    return { startMs, visibleMs: median(visibleMs), memory };
  } finally {
    await stop(server);
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "secretary-bench-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
}

/** Resident memory of the server and of its parser process, if it has one. */
function memoryOf({ pid }: ChildProcess): string {
  const parser = childOf(pid);
  const server = `server ${residentMegabytes(String(pid))} MB`;
  return parser === "" ? `${server}, no parser` : `${server}, parser ${residentMegabytes(parser)} MB`;
}

async function idleMemoryOf(server: ChildProcess): Promise<string> {
  const end = performance.now() + IDLE_MS;
  while (childOf(server.pid) !== "" && performance.now() < end) await delay(1_000);
  return memoryOf(server);
}

function childOf(pid: number | undefined): string {
  const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child;
}

function residentMegabytes(pid: string): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** Milliseconds to read every file, one after the other. */
function readLimit(folder: string): number {
  const started = performance.now();
  for (const name of readdirSync(folder)) readFileSync(join(folder, name));
  return performance.now() - started;
}

function nodeStartMs(): number {
  const started = performance.now();
  spawnSync(process.execPath, ["--eval", "0"]);
  return performance.now() - started;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function perSecond(count: number, elapsedMs: number): string {
  return ((count / elapsedMs) * 1000).toFixed(0);
}
