/**
 * What the size of the agenda costs: with 100, 10,000 and 100,000 stored invitations, how fast the calendar is
 * made from the mailbox, how long a start takes, from 250 to visible in the feed for one more, and memory.
 * All with the real process, over SMTP and HTTP. Beside it the physical limit: writing a file of the
 * feed's size with its fsync and rename. Run: `npm run bench -- calendar`.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillMailbox, mailOneMore, median, run, start, writeLimit } from "./secretary-process.ts";

const SIZES = [100, 10_000, 100_000];
const ROUNDS = 7;

for (const size of SIZES) await measure(size);

async function measure(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "secretary-bench-"));
  try {
    fillMailbox(folder, size);
    const rebuilt = await timed(() => run(folder, "rebuild"));
    const { server, startMs, smtpPort, feedUrl } = await start(folder);
    const visibleMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) visibleMs.push(await mailOneMore(round, smtpPort, feedUrl));
    const [own, parser] = memoryOf(server);
    server.kill("SIGTERM");
    await once(server, "exit");
    const octets = readFileSync(join(folder, "webcal/calendar.ics")).length;
    console.log(
      `${size.toLocaleString("en").padStart(8)} events  rebuild ${perSecond(size, rebuilt)} messages/s  ` +
        `start ${startMs.toFixed(0)} ms  250 to visible ${median(visibleMs).toFixed(0)} ms ` +
        `(writing ${(octets / 1e6).toFixed(1)} MB alone ${writeLimit(folder, octets).toFixed(0)} ms)  ` +
        `memory ${own} MB, parser ${parser} MB`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resident megabytes of the server and of its parser process. */
function memoryOf({ pid }: ChildProcess): [number, number] {
  const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return [residentMegabytes(String(pid)), residentMegabytes(child)];
}

function residentMegabytes(pid: string): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function perSecond(count: number, elapsedMs: number): string {
  return ((count / elapsedMs) * 1000).toFixed(0);
}
