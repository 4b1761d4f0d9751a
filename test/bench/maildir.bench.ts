/**
 * Deliveries per second into a Maildir, each durable before the next of its sender begins, beside what the
 * disk can do: the same files written, fsynced, renamed and their folder fsynced with nothing around it.
 * Run it with `npx node test/bench/maildir.bench.ts`.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMaildir } from "../../src/storage/maildir/maildir.ts";

const DURATION_MS = 2000;
const MESSAGE = Buffer.from("Subject: bench\r\n\r\n".padEnd(4096, "A line of text\r\n"));

const folder = mkdtempSync(join(tmpdir(), "maildir-bench-"));
let count = 0;

async function deliverBare(): Promise<void> {
  const name = `bare${++count}`;
  const file = await open(join(folder, "bare", "tmp", name), "wx");
  await file.writeFile(MESSAGE);
  await file.sync();
  await file.close();
  await rename(join(folder, "bare", "tmp", name), join(folder, "bare", "new", name));
  const destination = await open(join(folder, "bare", "new"));
  await destination.sync();
  await destination.close();
}

async function* messageOctets(): AsyncGenerator<Uint8Array> {
  yield MESSAGE;
}

/** How often per second `deliver` was done when so many senders each do it again and again. */
async function rate(senders: number, deliver: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const send = async () => {
    while (performance.now() - start < DURATION_MS) {
      await deliver();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  return done / ((performance.now() - start) / 1000);
}

try {
  for (const subfolder of ["tmp", "new"]) mkdirSync(join(folder, "bare", subfolder), { recursive: true });
  const maildir = await openMaildir(join(folder, "Maildir"), {
    now: () => new Date(),
    randomOctets: randomBytes,
    hostname: "mail.example.test",
  });
  console.log("senders   bare/s   INBOX/s   INBOX and Archive/s");
  for (const senders of [1, 10, 50]) {
    const rates = [
      await rate(senders, deliverBare),
      await rate(senders, () => maildir.deliver(messageOctets(), [{ mailbox: "INBOX" }])),
      await rate(senders, () =>
        maildir.deliver(messageOctets(), [{ mailbox: "INBOX" }, { mailbox: "Archive" }]),
      ),
    ].map((perSecond) => perSecond.toFixed(0));
    console.log(
      `${senders}`.padStart(7),
      rates[0]?.padStart(8),
      rates[1]?.padStart(9),
      rates[2]?.padStart(13),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
