/**
 * What an unfriendly crowd costs the server: a thousand idle connections, some that send a letter now and
 * then, some that never read, and messages at a trickle, all at once. It prints the memory of the process
 * and how long ordinary mail takes meanwhile. Run it with `npm run bench -- smtp-load`.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerProcess } from "../end-to-end/server-process.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";

const IDLE = 1000;
const SLOW = 50;
const DEAF = 20;
const TRICKLING = 10;
const ROUNDS = 10;
const LETTERS_PER_ROUND = 20;
/** What one deaf client asks without reading the answers. */
const QUESTIONS = "NOOP\r\n".repeat(20_000);

const folder = await mkdtemp(join(tmpdir(), "smtp-load-"));
const server = new ServerProcess(folder);
await server.start();

function residentMegabytes(): string {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024).toFixed(0);
}

/** The longest time in milliseconds that a small message of somebody else takes, connection included. */
async function slowestMail(): Promise<string> {
  let slowest = 0;
  for (let n = 0; n < LETTERS_PER_ROUND; n++) {
    const start = performance.now();
    const client = await RawClient.connectSecure(server.port);
    await client.begin();
    await client.say("Subject: x\r\n\r\nHello\r\n.\r\n", 250);
    client.destroy();
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest.toFixed(0);
}

function report(what: string, mail: string): void {
  console.log(`${what.padEnd(46)} ${residentMegabytes().padStart(6)} MB ${mail.padStart(8)} ms`);
}

const sockets: Socket[] = [];
function open(): Socket {
  const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

console.log("while there are                              memory  slowest mail");
report("no other connections", await slowestMail());

for (let n = 0; n < IDLE; n++) open().resume();
report(`${IDLE} more that say nothing`, await slowestMail());

const slow = Array.from({ length: SLOW }, () => open().resume());
const deaf = Array.from({ length: DEAF }, () => {
  const socket = open().pause();
  socket.write(`EHLO client.example.org\r\n${QUESTIONS}`);
  return socket;
});
const trickling = await Promise.all(
  Array.from({ length: TRICKLING }, async () => {
    const client = await RawClient.connectSecure(server.port);
    await client.begin();
    return client;
  }),
);
for (let round = 1; round <= ROUNDS; round++) {
  const trickle = setInterval(() => {
    for (const socket of slow) socket.write("N");
    for (const client of trickling) client.send("x");
  }, 100);
  const mail = await slowestMail();
  clearInterval(trickle);
  report(`${SLOW} slow, ${DEAF} deaf, ${TRICKLING} trickling as well, round ${round}`, mail);
}

for (const socket of [...sockets, ...deaf]) socket.destroy();
for (const client of trickling) client.destroy();
await slowestMail();
report("none of them any more", await slowestMail());
await server.kill();
await rm(folder, { recursive: true });
