/**
 * Ten thousand messages over fifty connections, while the server is killed at random and started again. A
 * sender whose message was not answered sends it again, as every sender does. Claimed is that afterwards
 * each message that was answered 250 is on disk, whole and once, and that of no attempt there are two copies.
 * Run it with `npm run bench -- smtp-crash`; SEED=n kills at the same moments again.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { mailboxFolder } from "../end-to-end/support/mail-on-disk.ts";
import { ServerProcess } from "../end-to-end/support/server-process.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { claim, endWithin } from "./claims.ts";

const MESSAGES = 10_000;
const CONNECTIONS = 50;
/** A server is killed after it has acknowledged up to so many messages, and a moment later. */
const MAX_ACKNOWLEDGED = 800;
const MAX_MORE_MS = 50;
/** A sender that gets no connection tries again so soon. */
const RETRY_MS = 20;
/** Nothing more is sent after that, with a server that stores nothing; and the rest has its time, too. */
const MAX_MS = 300_000;
const MAX_REST_MS = 60_000;

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
let state = seed;
/** From 0 to 1 (Lehmer's generator). */
function random(): number {
  state = (state * 48_271) % (2 ** 31 - 1);
  return state / (2 ** 31 - 1);
}

endWithin(MAX_MS + MAX_REST_MS);
const folder = await mkdtemp(join(tmpdir(), "smtp-crash-"));
const server = new ServerProcess(folder, { settings: { WEBCAL_ENABLED: "false" } });
process.once("exit", () => void server.kill()); // also when it does not come to its end
await server.start();

/** Of each attempt to send a message, what its X-Attempt says, in the order in which they were begun. */
const attempted = new Set<string>();
const acknowledged = new Set<string>();
let next = 0;
const begunAt = performance.now();
const isOver = () => acknowledged.size >= MESSAGES || performance.now() - begunAt > MAX_MS;

/** Sends one message after the other; the connection may break at any time. */
async function sendMessages(): Promise<void> {
  let client: RawClient | undefined;
  let message: number | undefined;
  for (let tries = 0; ; tries++) {
    message ??= next < MESSAGES ? next++ : undefined;
    if (message === undefined || isOver()) break;
    try {
      client ??= await RawClient.connectSecure(server.smtpPort);
      await sendMessage(client, `${message}.${tries}`, message % 40);
      message = undefined;
    } catch {
      client?.destroy();
      client = undefined;
      await delay(RETRY_MS);
    }
  }
  client?.destroy();
}

async function sendMessage(client: RawClient, attempt: string, kilobytes: number): Promise<void> {
  await client.begin();
  attempted.add(attempt);
  const body = `${"x".repeat(126)}\r\n`.repeat(8 * kilobytes);
  await client.say(`Subject: x\r\nX-Attempt: ${attempt}\r\n\r\n${body}.\r\n`, 250);
  acknowledged.add(attempt);
}

let kills = 0;
async function killAtRandom(): Promise<void> {
  while (!isOver()) {
    const enough = acknowledged.size + Math.ceil(random() * MAX_ACKNOWLEDGED);
    while (acknowledged.size < enough && !isOver()) await delay(1);
    if (isOver()) return;
    await delay(random() * MAX_MORE_MS);
    await server.kill("SIGKILL");
    kills++;
    await server.start();
  }
}

await Promise.all([killAtRandom(), ...Array.from({ length: CONNECTIONS }, sendMessages)]);
const seconds = (performance.now() - begunAt) / 1000;
await server.kill("SIGTERM");

/** How often each attempt is on disk; a file that is not as long as its name says counts as broken. */
const copies = new Map<string, number>();
let broken = 0;
const inbox = mailboxFolder(folder, "INBOX");
for (const subfolder of ["new", "cur"]) {
  for (const name of await readdir(join(inbox, subfolder))) {
    const text = await readFile(join(inbox, subfolder, name), "latin1");
    if (!name.includes(`,S=${text.length},`) || !text.endsWith("\r\n")) broken++;
    const attempt = /^X-Attempt: (\S+)\r$/m.exec(text)?.[1] ?? "";
    copies.set(attempt, (copies.get(attempt) ?? 0) + 1);
  }
}
const temporary = (await readdir(join(inbox, "tmp"))).length;
await rm(folder, { recursive: true });

const lost = [...acknowledged].filter((attempt) => !copies.has(attempt)).length;
const twice = [...copies.values()].filter((count) => count > 1).length;
const unknown = [...copies.keys()].filter((attempt) => !attempted.has(attempt)).length;
const inDoubt = attempted.size - acknowledged.size;
const storedInDoubt = [...copies.keys()].filter((attempt) => !acknowledged.has(attempt)).length;
console.log(
  `${acknowledged.size} messages answered 250 over ${CONNECTIONS} connections in ${seconds.toFixed(0)} s, ${kills} kills (SEED=${seed}); ` +
    `${inDoubt} attempts were cut off, of which ${storedInDoubt} had been stored (RFC 1047), and ${temporary} are in tmp, where files older than 36 hours are removed`,
);
claim(`all ${MESSAGES} messages were answered 250 in the end`, acknowledged.size === MESSAGES);
claim(`the server was killed at least 10 times: ${kills}`, kills >= 10);
claim(`none that was answered 250 is lost: ${lost}`, lost === 0);
claim(`none is there twice: ${twice}`, twice === 0);
claim(`none is there in part: ${broken}, none that nobody sent: ${unknown}`, broken + unknown === 0);
