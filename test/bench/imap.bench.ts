/**
 * What mail apps do with 10,000 and with 100,000 messages, beside Dovecot over the same messages where it is
 * installed. Milliseconds, the best of some rounds; the last column is ours divided by Dovecot's. Ours answers
 * over TLS, Dovecot over a pipe, logged in already; both see changes onto the disk (mail_fsync = always).
 * Run: `npm run bench -- imap`; MESSAGES="10000" for one size only, ROWS="SORT|THREAD" for the steps so named only.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "node:tls";
import { Dovecot, hasDovecot, NO_DOVECOT } from "../servers/imap/dovecot.ts";
import { fillMaildir, messageNumber } from "./imap-mail.ts";
import { Session } from "./imap-session.ts";

const SIZES = (process.env.MESSAGES ?? "10000 100000").split(" ").map(Number);
const ROWS = new RegExp(process.env.ROWS ?? "");
const ROUNDS = 3;

/** What takes so long is not measured once more. */
const LONG_MS = 2000;

/** What takes a few milliseconds is measured as often as this gives time for: no two rounds are alike. */
const SHORT_MS = 300;

const COMPILE_CACHE = resolve(import.meta.dirname, "../../node_modules/.cache/bench");

const APPENDS = 50;
const DELIVERIES = 10;
const IDLE_CONNECTIONS = 50;

interface Step {
  readonly name: string;
  readonly commands: readonly string[];
  /** What changes something, or is another thing the second time. */
  readonly isOnce?: boolean;
}

/** It makes the index of texts come into being. */
const INDEXING: Step = {
  name: "SEARCH TEXT, no text indexed",
  commands: ['SEARCH TEXT "needle 4242 "'],
  isOnce: true,
};

/** In one session, after SELECT. */
const READING: readonly Step[] = [
  { name: "FETCH 1:* (FLAGS UID)", commands: ["FETCH 1:* (FLAGS UID)"] },
  {
    name: "FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE), nothing indexed",
    commands: ["FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)"],
    isOnce: true,
  },
  { name: "the same again", commands: ["FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)"] },
  {
    name: "FETCH 1:* BODY.PEEK[HEADER.FIELDS (From To Subject Date)]",
    commands: ["FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (From To Subject Date)])"],
  },
  { name: "UID FETCH 1:10000 BODY.PEEK[]", commands: ["UID FETCH 1:10000 BODY.PEEK[]"] },
  { name: "SEARCH UNSEEN", commands: ["SEARCH UNSEEN"] },
  { name: "SEARCH FROM", commands: ['SEARCH FROM "person77@"'] },
  { name: "SEARCH SUBJECT", commands: ['SEARCH SUBJECT "number 777"'] },
  { name: "SORT (DATE)", commands: ["SORT (DATE) utf-8 ALL"] },
  { name: "THREAD REFERENCES", commands: ["THREAD REFERENCES utf-8 ALL"] },
  INDEXING,
];

/** When all texts are indexed, which Dovecot does not do. */
const SEARCHING_TEXTS: readonly Step[] = [
  { name: "SEARCH TEXT", commands: ['SEARCH TEXT "needle 4242 "'] },
  { name: "SEARCH BODY", commands: ['SEARCH BODY "needle 4242 "'] },
  { name: "SEARCH UID 1:10000 BODY of what is in all", commands: ['SEARCH UID 1:10000 BODY "dull day"'] },
];

/** Dovecot renames files only when it must, so that a STORE counts up to a CHECK. */
const WRITING: readonly Step[] = [
  { name: "STORE 1:* +FLAGS.SILENT, CHECK", commands: store("+FLAGS.SILENT"), isOnce: true },
  { name: "STORE 1:* -FLAGS, CHECK", commands: store("-FLAGS"), isOnce: true },
  {
    name: `APPEND, each of ${APPENDS}`,
    commands: Array(APPENDS).fill(append(messageNumber(1))),
    isOnce: true,
  },
];

function store(flags: string): string[] {
  return [`STORE 1:* ${flags} (\\Flagged)`, "CHECK"];
}

function append(message: string): string {
  return `APPEND Bench {${message.length}+}\r\n${message}`;
}

/** Takes what was measured, by its name. */
type Note = (name: string, value: number) => void;

const ends: (() => unknown)[] = [];
const lifetime = { after: (end: () => unknown): void => void ends.push(end) };

async function measure(size: number): Promise<void> {
  const folder = ownFolder("imap-bench-");
  fillMaildir(folder, size);
  const dovecot = hasDovecot ? await Dovecot.prepare(lifetime, "always") : undefined;
  if (dovecot !== undefined) {
    spawnSync("cp", ["-rl", join(folder, "cur"), dovecot.maildir]);
    await dovecot.handOver();
  }
  const theirs = new Map<string, number>();
  if (dovecot !== undefined) await measureDovecot(dovecot, (name, value) => theirs.set(name, value));
  console.log(`\n${`${size.toLocaleString("en")} messages`.padEnd(66)}     ours  Dovecot  ours/Dovecot`);
  if (dovecot === undefined) console.log(NO_DOVECOT);
  await measureOurs(folder, size, (name, value) => {
    const other = theirs.get(name);
    const ratio = other === undefined ? "" : (value / other).toFixed(2).padStart(14);
    console.log(`${name.padEnd(66)} ${show(value)} ${show(other)}${ratio}`);
  });
}

function show(value: number | undefined): string {
  return (value === undefined ? "-" : value.toFixed(value < 10 ? 1 : 0)).padStart(8);
}

async function measureOurs(folder: string, size: number, note: Note): Promise<void> {
  let server = await startServer(folder);
  note("LOGIN and SELECT, no index", await timed(async () => openSelected(server)));
  await stopServer(server);
  server = await startServer(folder);
  note("LOGIN and SELECT, after a start", await timed(async () => openSelected(server)));
  note("LOGIN and SELECT, open already", await timed(async () => openSelected(server)));
  const idleMegabytes = await memoryOf(server);
  const session = await openSelected(server);
  await measureSteps(session, READING, note);
  if (ROWS.test(INDEXING.name)) {
    note("indexing all texts behind it", await timed(() => textsAreIndexed(folder, size)));
  }
  await measureSteps(session, SEARCHING_TEXTS, note);
  await session.run("CREATE Bench");
  await measureSteps(session, WRITING, note);
  note("delivery to word of it in IDLE", await measureIdle(session, () => deliverTo(server)));
  const busyMegabytes = await memoryOf(server);
  await stopServer(server);
  note("MB of the process, the mailbox opened", idleMegabytes);
  note("MB after all of this", busyMegabytes);
  note(`MB that ${IDLE_CONNECTIONS} connections in IDLE cost`, await measureConnections(folder));
}

async function measureDovecot(dovecot: Dovecot, note: Note): Promise<void> {
  const openSession = async (): Promise<Session> => {
    const stream = dovecot.start(lifetime);
    const session = new Session(stream, stream);
    await session.greeting();
    await session.run("SELECT INBOX");
    return session;
  };
  for (const name of ["no index", "after a start", "open already"]) {
    note(`LOGIN and SELECT, ${name}`, await timed(async () => (await openSession()).run("LOGOUT")));
  }
  const session = await openSession();
  await measureSteps(session, [...READING, ...SEARCHING_TEXTS], note);
  await session.run("CREATE Bench");
  await measureSteps(session, WRITING, note);
  note("delivery to word of it in IDLE", await measureIdle(session, async () => deliverBeside(dovecot)));
}

async function measureSteps(session: Session, steps: readonly Step[], note: Note): Promise<void> {
  for (const { name, commands, isOnce } of steps.filter((step) => ROWS.test(step.name))) {
    const runAll = async (): Promise<void> => {
      for (const command of commands) await session.run(command);
    };
    let best = await timed(runAll);
    let total = best;
    for (let round = 1; !isOnce && (round < ROUNDS || total < SHORT_MS) && total < LONG_MS; round++) {
      const milliseconds = await timed(runAll);
      best = Math.min(best, milliseconds);
      total += milliseconds;
    }
    note(name, name.startsWith("APPEND") ? best / commands.length : best);
  }
}

/** From the moment when a delivery is done, at the latest, to the word of it; the median of some. */
async function measureIdle(session: Session, deliver: () => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < DELIVERIES; round++) {
    await session.begin("IDLE");
    const told = session.untilReceived(/ EXISTS\r\n/).then(() => performance.now());
    await deliver();
    const delivered = performance.now();
    rounds.push(Math.max(0, (await told) - delivered));
    await session.finish("DONE");
  }
  return rounds.sort((one, other) => one - other)[rounds.length >> 1] ?? 0;
}

async function deliverTo(server: ChildProcess): Promise<void> {
  server.send("deliver");
  await once(server, "message");
}

let deliveries = 0;

/** As any delivery agent does. */
function deliverBeside({ maildir }: Dovecot): void {
  const name = `${Math.floor(Date.now() / 1000)}.M${deliveries++}P1.bench`;
  writeFileSync(join(maildir, "tmp", name), messageNumber(1), { mode: 0o644 });
  renameSync(join(maildir, "tmp", name), join(maildir, "new", name));
}

async function measureConnections(folder: string): Promise<number> {
  const server = await startServer(folder);
  await openSelected(server);
  const before = await memoryOf(server);
  for (let count = 0; count < IDLE_CONNECTIONS; count++) {
    const session = await openSelected(server);
    await session.begin("IDLE");
  }
  const after = await memoryOf(server);
  await stopServer(server);
  return after - before;
}

/** Looks into the index from time to time: nobody is told when it is complete. */
async function textsAreIndexed(folder: string, size: number): Promise<void> {
  for (;;) {
    const index = new DatabaseSync(join(folder, "secretary.text.sqlite"), { readOnly: true });
    const count = index.prepare("SELECT count(*) AS count FROM done").get()?.count;
    index.close();
    if (Number(count) >= size) return;
    await delay(50);
  }
}

async function startServer(folder: string): Promise<ChildProcess & { port: number }> {
  const script = join(import.meta.dirname, "imap-server.ts");
  const arguments_ = [folder, ownFolder("imap-bench-tls-")];
  const server = fork(script, arguments_, {
    stdio: ["pipe", "inherit", "inherit", "ipc"],
    // As `npm start` has it.
    execArgv: ["--max-semi-space-size=2"],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
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

async function openSelected({ port }: { port: number }): Promise<Session> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.setNoDelay(true);
  lifetime.after(() => socket.destroy());
  const session = new Session(socket, socket);
  await session.greeting();
  await session.run("LOGIN anna x");
  await session.run("SELECT INBOX");
  return session;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

function ownFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

try {
  for (const size of SIZES) await measure(size);
} finally {
  for (const end of ends.reverse()) await end();
}
