/**
 * What mail apps do, with 10,000 and 100,000 messages, and Dovecot over the same messages where it is installed:
 * times in milliseconds, ours first. Ours is asked over TLS, Dovecot over a pipe and logged in already.
 * Run: `npm run bench -- imap`; MESSAGES="10000" for one size only.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { Dovecot, hasDovecot, NO_DOVECOT } from "../servers/imap/dovecot.ts";

const SIZES = (process.env.MESSAGES ?? "10000 100000").split(" ").map(Number);
const ROUNDS = 3;

/** Enough for the last line of an answer. */
const TAIL_OCTETS = 2000;

/** Commands measured in one session, after SELECT; those that change nothing are asked several times. */
const COMMANDS: readonly { readonly name: string; readonly command: string; readonly isOnce?: boolean }[] = [
  { name: "FETCH 1:* (FLAGS UID)", command: "FETCH 1:* (FLAGS UID)" },
  {
    name: "FETCH 1:* (ENVELOPE …), first",
    command: "FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)",
    isOnce: true,
  },
  { name: "FETCH 1:* (ENVELOPE …)", command: "FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)" },
  {
    name: "FETCH 1:* (header fields)",
    command: "FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (From To Subject Date)])",
  },
  { name: "SEARCH FROM", command: 'SEARCH FROM "person77@"' },
  { name: "SEARCH SUBJECT", command: 'SEARCH SUBJECT "number 777"' },
  { name: "SEARCH BODY", command: 'SEARCH BODY "needle 4242 "' },
  { name: "SEARCH TEXT", command: 'SEARCH TEXT "needle 4242 "' },
  { name: "SEARCH UNSEEN", command: "SEARCH UNSEEN" },
  { name: "SORT (DATE)", command: "SORT (DATE) utf-8 ALL" },
  { name: "THREAD REFERENCES", command: "THREAD REFERENCES utf-8 ALL" },
  { name: "full bodies of 10,000", command: "FETCH 1:10000 BODY.PEEK[]" },
  { name: "STORE 1:* +FLAGS.SILENT", command: "STORE 1:* +FLAGS.SILENT (\\Flagged)", isOnce: true },
  { name: "STORE 1:* +FLAGS again", command: "STORE 1:* +FLAGS (\\Flagged)", isOnce: true },
];

const ends: (() => unknown)[] = [];
const lifetime = { after: (end: () => unknown): void => void ends.push(end) };
async function measure(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "imap-bench-"));
  lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
  fillMaildir(folder, size);
  const ours = await measureOurs(folder);
  const theirs = hasDovecot ? await measureDovecot(folder) : new Map<string, number>();
  console.log(`${size.toLocaleString("en")} messages${hasDovecot ? "" : `; ${NO_DOVECOT}`}`);
  for (const [name, milliseconds] of ours) {
    const other = theirs.get(name);
    const factor = other === undefined ? "" : ` ${(milliseconds / other).toFixed(2).padStart(8)} times`;
    console.log(`  ${name.padEnd(34)} ${show(milliseconds)} ${show(other)}${factor}`);
  }
}

function show(milliseconds: number | undefined): string {
  return (milliseconds === undefined ? "-" : milliseconds.toFixed(milliseconds < 10 ? 1 : 0)).padStart(9);
}

async function measureOurs(folder: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const name of ["LOGIN and SELECT, no index", "LOGIN and SELECT, after a start"]) {
    const server = await startServer(folder);
    times.set(name, await timed(async () => (await openSession(server)).run("SELECT INBOX")));
    await stopServer(server);
  }
  const server = await startServer(folder);
  await (await openSession(server)).run("SELECT INBOX");
  times.set(
    "LOGIN and SELECT, open already",
    await timed(async () => (await openSession(server)).run("SELECT INBOX")),
  );
  const session = await openSession(server);
  await session.run("SELECT INBOX");
  await measureCommands(session, times);
  times.set("delivery to IDLE", await measureIdle(server, session));
  times.set("memory in MB", await memoryOf(server));
  await stopServer(server);
  return times;
}

async function measureDovecot(folder: string): Promise<Map<string, number>> {
  const dovecot = await Dovecot.prepare(lifetime);
  spawnSync("cp", ["-rl", join(folder, "cur"), dovecot.maildir]);
  await dovecot.handOver();
  const times = new Map<string, number>();
  for (const name of ["no index", "after a start", "open already"]) {
    const select = async (): Promise<void> => {
      const session = new Session(dovecot.start(lifetime));
      await session.greeting();
      await session.run("SELECT INBOX");
      await session.run("LOGOUT");
    };
    times.set(`LOGIN and SELECT, ${name}`, await timed(select));
  }
  const session = new Session(dovecot.start(lifetime));
  await session.greeting();
  await session.run("SELECT INBOX");
  await measureCommands(session, times);
  return times;
}

async function measureCommands(session: Session, times: Map<string, number>): Promise<void> {
  for (const { name, command, isOnce } of COMMANDS) {
    const rounds: number[] = [];
    for (let round = 0; round < (isOnce ? 1 : ROUNDS); round++) {
      rounds.push(await timed(() => session.run(command)));
    }
    times.set(name, Math.min(...rounds));
  }
  const message = messageNumber(1);
  const append = async (): Promise<void> => {
    for (let count = 0; count < 100; count++) {
      await session.run(`APPEND Bench {${message.length}+}\r\n${message}`);
    }
  };
  await session.run("CREATE Bench");
  times.set("APPEND of 100", await timed(append));
}

/** From a delivery that is done to the word of it in IDLE; the median of some. */
async function measureIdle(server: ChildProcess, session: Session): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 20; round++) {
    await session.begin("IDLE");
    const told = session.untilReceived(/ EXISTS\r\n/).then(() => performance.now());
    server.send("deliver");
    await once(server, "message");
    const delivered = performance.now();
    rounds.push(Math.max(0, (await told) - delivered));
    await session.finish("DONE");
  }
  return rounds.sort((one, other) => one - other)[rounds.length >> 1] ?? 0;
}

async function startServer(folder: string): Promise<ChildProcess & { port: number }> {
  const script = join(import.meta.dirname, "imap-server.ts");
  const tlsFolder = mkdtempSync(join(tmpdir(), "imap-bench-tls-"));
  lifetime.after(() => rmSync(tlsFolder, { recursive: true, force: true }));
  const server = fork(script, [folder, tlsFolder], { stdio: ["pipe", "inherit", "inherit", "ipc"] });
  const [port] = await once(server, "message");
  return Object.assign(server, { port });
}

async function stopServer(server: ChildProcess): Promise<void> {
  server.disconnect();
  server.stdin?.end();
  await once(server, "exit");
}

async function memoryOf(server: ChildProcess): Promise<number> {
  server.send("memory");
  const [octets] = await once(server, "message");
  return octets / 1e6;
}

async function openSession({ port }: { port: number }): Promise<Session> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.setNoDelay(true);
  lifetime.after(() => socket.destroy());
  const session = new Session(socket);
  await session.greeting();
  await session.run("LOGIN anna x");
  return session;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** Sends commands and waits for the ends of their answers, without looking at the rest. */
class Session {
  readonly #stream: Duplex;
  #tags = 0;
  #tail = "";
  #onData: () => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => {
      this.#tail = (this.#tail + chunk.subarray(-TAIL_OCTETS).toString("latin1")).slice(-TAIL_OCTETS);
      this.#onData();
    });
  }

  greeting(): Promise<void> {
    return this.untilReceived(/^\* .*\r\n$/);
  }

  async run(command: string): Promise<void> {
    const tag = `t${++this.#tags}`;
    this.#stream.write(`${tag} ${command}\r\n`);
    await this.untilReceived(new RegExp(`(^|\n)${tag} (OK|NO|BAD).*\r\n$`));
    if (!this.#tail.includes(`${tag} OK`))
      throw new Error(`${command.slice(0, 50)}: ${this.#tail.slice(-100)}`);
  }

  /** Sends a command that asks for more. */
  async begin(command: string): Promise<void> {
    this.#tail = "";
    this.#stream.write(`t${++this.#tags} ${command}\r\n`);
    await this.untilReceived(/\+ .*\r\n/);
  }

  /** Sends what ends it. */
  async finish(line: string): Promise<void> {
    this.#stream.write(`${line}\r\n`);
    await this.untilReceived(new RegExp(`(^|\n)t${this.#tags} OK.*\r\n$`));
  }

  async untilReceived(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#tail)) {
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }
}

function fillMaildir(folder: string, size: number): void {
  for (const subfolder of ["cur", "new", "tmp"]) mkdirSync(join(folder, subfolder));
  for (let number = 1; number <= size; number++) {
    const message = messageNumber(number);
    const name = `${1_700_000_000 + number}.M${number}P1.bench,S=${message.length},W=${message.length}`;
    writeFileSync(join(folder, "cur", `${name}:2,${number % 3 === 0 ? "" : "S"}`), message);
  }
}

/** Mail as it comes: a chain of Received, text and HTML, now and then an answer. 4 KB. */
function messageNumber(number: number): string {
  const received = (hop: number): string =>
    `Received: from host${hop}.example.net (host${hop}.example.net [192.0.2.${hop}])\r\n\tby mx.example.test with ESMTPS id ${number}.${hop};\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n`;
  const date = new Date(1_700_000_000_000 + number * 600_000).toUTCString().replace("GMT", "+0000");
  const answered = number % 4 === 0 ? number - 3 : undefined;
  return [
    received(1) + received(2) + received(3).trimEnd(),
    `From: Person ${number % 500} <person${number % 500}@example.org>`,
    `To: Anna <anna@example.test>, person${number % 7}@example.net`,
    `Subject: ${answered === undefined ? "" : "Re: "}Message number ${answered ?? number}`,
    `Date: ${date}`,
    `Message-ID: <${number}@example.org>`,
    ...(answered === undefined ? [] : [`References: <${answered}@example.org>`]),
    "MIME-Version: 1.0",
    "Content-Type: multipart/alternative; boundary=bench",
    "",
    "--bench",
    "Content-Type: text/plain; charset=utf-8",
    "",
    `Here is needle ${number} among words. ${"All work and no play makes a dull day.\r\n".repeat(25)}`,
    "--bench",
    "Content-Type: text/html; charset=utf-8",
    "",
    `<p>Here is needle ${number} among words.</p>${"<p>All work and no play makes a dull day.</p>\r\n".repeat(25)}`,
    "--bench--",
    "",
  ].join("\r\n");
}

try {
  for (const size of SIZES) await measure(size);
} finally {
  for (const end of ends.reverse()) await end();
}
