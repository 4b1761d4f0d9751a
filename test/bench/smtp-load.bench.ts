/**
 * What an unfriendly crowd costs the server: a thousand idle connections, some that send a letter now and
 * then, some that never read, messages at an octet a second, and then fifty of 10 MB at once. It prints the
 * memory of the process and how long mail of somebody else takes meanwhile, claims bounds for both, and ends
 * with 1 if one does not hold. Run it with `npm run bench -- smtp-load`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { mailboxFolder } from "../end-to-end/support/mail-on-disk.ts";
import { ServerProcess } from "../end-to-end/support/server-process.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { claim, endWithin } from "./claims.ts";

const IDLE = 500;
const IDLE_IN_TLS = 500;
const SLOW = 50;
const DEAF = 20;
const TRICKLING = 50;
const ROUNDS = 5;
const ROUND_MS = 5_000;
const LETTERS_PER_ROUND = 20;
/** What one deaf client asks without reading the answers. */
const QUESTIONS = "NOOP\r\n".repeat(20_000);
const LARGE = 50;
const LARGE_OCTETS = 10_000_000;

/** Far from what a sender waits (RFC 5321 §4.5.3.2: minutes), and from what a machine without load takes. */
const MAX_MAIL_MS = 3_000;
/** While half a gigabyte waits for the disk, a small message waits for it too. */
const MAX_MAIL_BESIDE_LARGE_MS = 30_000;
const MAX_IDLE_KB = 100;
/** Node keeps what it once needed; what grows without end would be beyond it after some rounds. */
const MAX_DRIFT_MB = 30;
const MAX_LARGE_MB = 4;

const MAX_MS = 600_000;

endWithin(MAX_MS);
const folder = await mkdtemp(join(tmpdir(), "smtp-load-"));
const server = new ServerProcess(folder, { settings: { WEBCAL_ENABLED: "false" } });
process.once("exit", () => void server.kill()); // also when it does not come to its end
await server.start();

/** Megabytes, now or at the most since `forgetPeak`. */
function memory(field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
}

function forgetPeak(): void {
  writeFileSync(`/proc/${server.pid}/clear_refs`, "5");
}

/** The longest time in milliseconds that a small message of somebody else takes, connection included. */
async function slowestMail(): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < LETTERS_PER_ROUND; n++) {
    const start = performance.now();
    const client = await RawClient.connectSecure(server.smtpPort);
    await client.begin();
    await client.say("Subject: x\r\n\r\nHello\r\n.\r\n", 250);
    client.destroy();
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}

interface Figures {
  readonly megabytes: number;
  readonly mailMs: number;
}

async function report(what: string): Promise<Figures> {
  const mailMs = await slowestMail();
  const megabytes = memory("VmRSS");
  console.log(
    `${what.padEnd(60)} ${megabytes.toFixed(0).padStart(6)} MB ${mailMs.toFixed(0).padStart(8)} ms`,
  );
  return { megabytes, mailMs };
}

const sockets: Socket[] = [];
function open(): Socket {
  const socket = connect(server.smtpPort, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

async function openSecure(count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let n = 0; n < count; n++) clients.push(await RawClient.connectSecure(server.smtpPort));
  return clients;
}

console.log(`${"while there are".padEnd(60)}    memory  slowest mail`);
await slowestMail(); // what every process needs after a start
const before = await report("no other connections");

for (let n = 0; n < IDLE; n++) open().resume();
const idle = await openSecure(IDLE_IN_TLS);
const withIdle = await report(`${IDLE} that say nothing, ${IDLE_IN_TLS} that say nothing after STARTTLS`);

const slow = Array.from({ length: SLOW }, () => open().resume());
for (let n = 0; n < DEAF; n++) open().pause().write(`EHLO client.example.org\r\n${QUESTIONS}`);
const trickling = await openSecure(TRICKLING);
for (const client of trickling) await client.begin();
const rounds: Figures[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const trickle = setInterval(() => {
    for (const socket of slow) socket.write("N");
    for (const client of trickling) client.send("x");
  }, 1_000);
  await delay(ROUND_MS);
  rounds.push(
    await report(`${SLOW} slow, ${DEAF} deaf, ${TRICKLING} sending an octet a second too, round ${round}`),
  );
  clearInterval(trickle);
}
for (const socket of sockets) socket.destroy();
for (const client of [...idle, ...trickling]) client.destroy();
const after = await report("none of them any more");

forgetPeak();
const message = Buffer.from(`Subject: x\r\n\r\n${`${"x".repeat(98)}\r\n`.repeat(LARGE_OCTETS / 100)}.\r\n`);
const text = message.toString("latin1");
const large = await openSecure(LARGE);
for (const client of large) await client.begin();
const beforeLarge = memory("VmRSS");
const answering = large.map((client) => {
  client.send(text);
  return client.reply();
});
const besideLarge = await report(`${LARGE} sending ${LARGE_OCTETS / 1e6} MB at once`);
const answers = await Promise.all(answering);
const peak = memory("VmHWM");
const stored = (await readdir(join(mailboxFolder(folder, "INBOX"), "new"))).filter((name) =>
  name.includes(",S=100"),
).length;
for (const client of large) client.destroy();
const afterLarge = await report("none of them any more");
await server.kill();
await rm(folder, { recursive: true });

const idleKilobytes = ((withIdle.megabytes - before.megabytes) * 1024) / (IDLE + IDLE_IN_TLS);
const sizes = rounds.map(({ megabytes }) => megabytes);
const drift = Math.max(...sizes) - (sizes[0] ?? 0);
const mailMs = Math.max(...[withIdle, ...rounds, after].map((figures) => figures.mailMs));
const perLarge = (peak - beforeLarge) / LARGE;
const accepted = answers.filter((answer) => answer.startsWith("250")).length;
const whole = (figure: number) => figure.toFixed(0);
console.log(
  `memory: ${whole(before.megabytes)} MB before, ${whole(after.megabytes)} MB after the crowd, ` +
    `${whole(afterLarge.megabytes)} MB after the large messages, ${whole(peak)} MB at the peak`,
);
claim(
  `an idle connection costs at most ${MAX_IDLE_KB} KB: ${whole(idleKilobytes)} KB`,
  idleKilobytes <= MAX_IDLE_KB,
);
claim(
  `a crowd that stays does not cost more and more, within ${MAX_DRIFT_MB} MB: ${whole(drift)} MB`,
  drift <= MAX_DRIFT_MB,
);
claim(
  `mail of others takes less than ${MAX_MAIL_MS} ms beside the crowd: ${whole(mailMs)} ms`,
  mailMs <= MAX_MAIL_MS,
);
claim(
  `all ${LARGE} large messages are stored: ${accepted} answered 250, ${stored} on disk`,
  accepted === LARGE && stored === LARGE,
);
claim(
  `each of them costs at most ${MAX_LARGE_MB} MB while it comes: ${perLarge.toFixed(1)} MB`,
  perLarge <= MAX_LARGE_MB,
);
claim(
  `mail of others takes less than ${MAX_MAIL_BESIDE_LARGE_MS} ms beside them: ${whole(besideLarge.mailMs)} ms`,
  besideLarge.mailMs <= MAX_MAIL_BESIDE_LARGE_MS,
);
