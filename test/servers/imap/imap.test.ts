import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MailboxView } from "../../../src/storage/maildir/maildir.ts";
import { ImapClient } from "./imap-client.ts";
import { deliver, startImap } from "./imap-fixture.ts";

const message = (subject: string, body = "text"): string => `Subject: ${subject}\r\n\r\n${body}\r\n`;

test("what other programs put into the Maildir and take out appears, in IDLE too", async (t) => {
  const imap = await startImap(t);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  client.send("i IDLE\r\n");
  assert.match(await client.line(), /^\+/);
  const begun = performance.now();
  await writeFile(join(imap.folder, "new", "1700000000.M1P1.elsewhere"), message("dropped in"));
  assert.equal(await client.line(), "* 1 EXISTS");
  assert.ok(performance.now() - begun < 30_000);
  await client.line(); // RECENT
  const [name = ""] = await readdir(join(imap.folder, "cur"));
  await copyFile(join(imap.folder, "cur", name), join(imap.folder, "cur", "1700000001.M1P1.elsewhere:2,FS"));
  assert.equal(await client.line(), "* 2 EXISTS");
  client.send("DONE\r\n");
  while (!(await client.line()).startsWith("i OK"));
  const [flags] = await client.ok("FETCH 2 FLAGS");
  assert.match(flags ?? "", /\\Flagged \\Seen/);
});

test("every delivery is told to who idles", async (t) => {
  const imap = await startImap(t);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  client.send("i IDLE\r\n");
  await client.line();
  for (let count = 1; count <= 10; count++) {
    await deliver(imap.maildir, "INBOX", message(`${count}`));
    while ((await client.line()) !== `* ${count} EXISTS`);
  }
});

test("of a message no more is read than its client takes", async (t) => {
  const imap = await startImap(t, { maxMessageOctets: 50_000_000 });
  const { mailboxes } = imap.maildir;
  let octetsRead = 0;
  const open = mailboxes.open.bind(mailboxes);
  mailboxes.open = async (...args) => {
    const view = await open(...args);
    if (view !== undefined) {
      view.openEach = counting(view.openEach.bind(view), (octets) => (octetsRead += octets));
    }
    return view;
  };
  const client = await imap.login();
  await client.append("INBOX", message("large", "x".repeat(30_000_000)));
  await client.ok("SELECT INBOX");
  await client.ok("FETCH 1 BODYSTRUCTURE");
  client.pause();
  client.send("a FETCH 1 BODY.PEEK[]\r\n".repeat(3));
  const other = await imap.login();
  for (let round = 0; round < 200; round++) await other.ok("STATUS INBOX (MESSAGES)");
  // What the system keeps for the two sockets, and no more.
  assert.ok(octetsRead > 0 && octetsRead < 20_000_000, `${octetsRead} octets were read`);
  client.destroy();
});

/** Opens messages and counts what is read of them. */
function counting(
  openEach: MailboxView["openEach"],
  count: (octets: number) => void,
): MailboxView["openEach"] {
  return async function* (uids) {
    for await (const [uid, opened] of openEach(uids)) {
      if (opened === undefined) continue;
      async function* read(start: number, end: number): AsyncGenerator<Uint8Array> {
        for await (const octets of opened?.read(start, end) ?? []) {
          count(octets.length);
          yield octets;
        }
      }
      yield [uid, { octets: opened.octets, read, close: () => opened.close() }];
    }
  };
}

test("a session whose mailbox is deleted is ended", async (t) => {
  const imap = await startImap(t);
  const [first, second] = [await imap.login(), await imap.login()];
  await first.ok("CREATE gone");
  await first.ok("SELECT gone");
  await second.ok("DELETE gone");
  first.send("a NOOP\r\n");
  assert.match(await first.line(), /^\* BYE/);
  await first.closed();
});

test("logins are counted and slowed by whom the server was given", async (t) => {
  const attempts: string[] = [];
  const imap = await startImap(t, {
    attemptLogin: async (address, user, password) => {
      attempts.push(`${address} ${user} ${password}`);
      return "slow-down";
    },
  });
  const client = await imap.connect();
  await client.line();
  assert.match((await client.run("LOGIN anna {4+}\r\np\xc3\xa4s")).at(-1) ?? "", /^NO \[LIMIT\]/);
  assert.deepEqual(attempts, ["127.0.0.1 anna päs"]);
});

test("commands and answers are traced, but no password and no mail", async (t) => {
  const lines: string[] = [];
  const debug = (fields: object) => void lines.push(JSON.stringify(fields));
  const imap = await startImap(t, { log: { debug, info: noop, warn: noop, error: noop } });
  const client = await imap.connect();
  await client.line();
  const credentials = Buffer.from("\0anna\0hunter2").toString("base64");
  for (const command of [
    `AUTHENTICATE PLAIN ${credentials}`,
    "LOGIN anna {7+}\r\nhunter2",
    "LOGIN  anna hunter2",
  ])
    await client.run(command);
  await client.run(credentials);
  client.send("hunter2\r\n");
  await client.line();
  await client.ok('LOGIN anna "correct horse"');
  await client.run("LOGIN anna hunter2");
  await client.append("INBOX", message("secret plan", "secret text"));
  await client.ok("SELECT INBOX");
  await client.ok("FETCH 1 (UID BODY[])");
  const all = lines.join("\n");
  assert.doesNotMatch(all, /hunter2|correct horse|secret|AGFubmE/);
  assert.match(all, /t\d+ SELECT INBOX.*t\d+ OK \[READ-WRITE\].*FETCH 1 \(UID BODY\[\]\)/s);
});

test("more connections than allowed are turned away with a word", async (t) => {
  const rate = { burst: 9, intervalMs: 1 };
  const connections = { total: 2, open: [9, 9, 9], rate: [rate, rate, rate] } as const;
  const imap = await startImap(t, { limits: { connections } });
  const clients = await Promise.all([1, 2].map(() => imap.connect()));
  for (const client of clients) await client.line();
  const third = await ImapClient.connect(imap.port, { isSecure: false });
  t.after(() => third.destroy());
  assert.equal(await third.line(), "* BYE [LIMIT] Too many connections");
  await third.closed();
});

test("who does not log in is not waited for, nor who says nothing in IDLE", async (t) => {
  const imap = await startImap(t, { limits: { loginMs: 100, idleMs: 200, keepAliveMs: 50 } });
  const silent = await imap.connect();
  const handshaking = await ImapClient.connect(imap.portTls, { isSecure: false });
  t.after(() => handshaking.destroy());
  const idling = await imap.login();
  await idling.ok("SELECT INBOX");
  idling.send("i IDLE\r\n");
  await idling.line();
  assert.equal(await idling.line(), "* OK Still here");
  await silent.closed();
  assert.equal(await handshaking.closed(), "");
  while (!(await idling.line()).startsWith("* BYE"));
  await idling.closed();
});

test("who has logged in may say nothing for longer than before the login, but not for ever", async (t) => {
  const imap = await startImap(t, { limits: { loginMs: 100, idleMs: 1_000 } });
  const quiet = await imap.login();
  const begun = performance.now();
  await quiet.closed();
  assert.ok(performance.now() - begun > 900);
});

test("who does not log in is not waited for, however busy it looks", async (t) => {
  const imap = await startImap(t, { limits: { loginMs: 300 } });
  const owner = await imap.login();
  const busy = await imap.connect();
  await busy.line();
  const drip = setInterval(() => busy.send("a"), 20);
  assert.equal(await busy.line(), "* BYE Too long without a login");
  clearInterval(drip);
  await busy.closed();
  await owner.ok("NOOP");
});

test("who does not log in may not keep the server busy", async (t) => {
  const imap = await startImap(t, { limits: { strangerCommands: 10 } });
  const busy = await imap.connect();
  await busy.line();
  busy.send("a NOOP\r\n".repeat(20));
  for (let n = 0; n < 10; n++) assert.match(await busy.line(), /^a OK/);
  assert.equal(await busy.line(), "* BYE Too many commands without a login");
  await busy.closed();
  const owner = await imap.login();
  for (let n = 0; n < 20; n++) await owner.ok("NOOP");
});

test("connections without a login make room for new ones before there is none left", async (t) => {
  const rate = { burst: 1000, intervalMs: 1 };
  const connections = { total: 10, open: [10, 10, 10], rate: [rate, rate, rate] } as const;
  const imap = await startImap(t, { limits: { connections } });
  const owner = await imap.login();
  for (let n = 0; n < 30; n++) await (await imap.connect()).line();
  const second = await imap.login();
  await owner.ok("NOOP");
  await second.ok("NOOP");
});

test("stopping says goodbye to everybody and lets a command finish", async (t) => {
  const imap = await startImap(t);
  const [waiting, idling, busy] = [await imap.login(), await imap.login(), await imap.login()];
  await idling.ok("SELECT INBOX");
  idling.send("i IDLE\r\n");
  await idling.line();
  const octets = message("late", "x".repeat(1000));
  busy.send(`a APPEND INBOX {${octets.length}}\r\n`);
  await busy.line();
  const stopped = imap.stop();
  assert.match(await waiting.line(), /^\* BYE/);
  assert.match(await idling.line(), /^\* BYE/);
  busy.send(`${octets}\r\n`);
  const said: string[] = [];
  while (!said.at(-1)?.startsWith("a ")) said.push(await busy.line());
  assert.match(said.at(-1) ?? "", /^a OK \[APPENDUID/);
  for (const client of [waiting, idling, busy]) client.destroy();
  await stopped;
});

test("a failure of ours is told, and the session goes on; a message under way is read to its end", async (t) => {
  const errors: object[] = [];
  const log = { debug: noop, info: noop, warn: noop, error: (fields: object) => void errors.push(fields) };
  const imap = await startImap(t, { log });
  const stage = imap.maildir.mailboxes.stage.bind(imap.maildir.mailboxes);
  let isFull = true;
  imap.maildir.mailboxes.stage = async (octets, date) => {
    if (!isFull) return stage(octets, date);
    for await (const _ of octets) throw new Error("Cannot write a message", { cause: new Error("ENOSPC") });
    return stage(octets, date);
  };
  const client = await imap.login();
  const octets = message("full", "x".repeat(200_000));
  const answer = await client.run(`APPEND INBOX {${octets.length}+}\r\n${octets}`);
  assert.match(answer.at(-1) ?? "", /^NO \[UNAVAILABLE\]/);
  assert.equal(errors.length, 1);
  isFull = false;
  assert.equal(await client.append("INBOX", octets), 1);
});

test("a bug ends its session only", async (t) => {
  const errors: object[] = [];
  const log = { debug: noop, info: noop, warn: noop, error: (fields: object) => void errors.push(fields) };
  const imap = await startImap(t, { log });
  const [first, second] = [await imap.login(), await imap.login()];
  imap.maildir.mailboxes.list = () => {
    throw new TypeError("undefined is not a function");
  };
  first.send('a LIST "" *\r\n');
  assert.equal(await first.line(), "* BYE Internal error");
  await first.closed();
  assert.equal(errors.length, 1);
  await second.ok("NOOP");
});

test("compressed sessions answer and end", async (t) => {
  const imap = await startImap(t);
  const client = await imap.login();
  const { createDeflateRaw, createInflateRaw, constants } = await import("node:zlib");
  const [deflate, inflate] = [createDeflateRaw({ flush: constants.Z_SYNC_FLUSH }), createInflateRaw()];
  await client.ok("COMPRESS DEFLATE");
  const compressed = client.through(deflate, inflate);
  assert.ok(!(await compressed.ok("CAPABILITY")).join().includes("COMPRESS"));
  assert.match((await compressed.run("COMPRESS DEFLATE")).at(-1) ?? "", /^NO \[COMPRESSIONACTIVE\]/);
  await compressed.append("INBOX", message("compressed", "x".repeat(100_000)));
  await compressed.ok("SELECT INBOX");
  const [fetched = ""] = await compressed.ok("FETCH 1 BODY.PEEK[TEXT]");
  assert.ok(fetched.length > 100_000);
  assert.match((await compressed.run("LOGOUT")).at(-1) ?? "", /^OK/);
});

function noop(): void {}

test("what the index answers opens no file", async (t) => {
  const imap = await startImap(t);
  for (let nth = 0; nth < 40; nth++) {
    const name = `${1_700_000_000 + nth}.M1P1.elsewhere:2,${nth % 2 === 0 ? "S" : ""}`;
    const body = `needle ${nth} in a haystack`;
    await writeFile(
      join(imap.folder, "cur", name),
      `From: p${nth}@example.org\r\n${message(`number ${nth}`, body)}`,
    );
  }
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  const ask = async (): Promise<string[]> => {
    const lines: string[] = [];
    for (const command of [
      "FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE PREVIEW)",
      "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (From Subject)])",
      'SEARCH FROM "p7@"',
      "SEARCH UNSEEN",
      'SEARCH TEXT "nowhere to be found"',
      "SORT (REVERSE DATE SUBJECT) utf-8 ALL",
      "THREAD REFERENCES utf-8 ALL",
    ]) {
      lines.push(...(await client.ok(command)));
    }
    return lines;
  };
  const before = await ask();
  while ((await textsInIndex(imap.folder)) < 40); // the first search has them indexed
  for (const name of await readdir(join(imap.folder, "cur"))) {
    await writeFile(join(imap.folder, "cur", name), "nowhere to be found"); // in place: no folder changes by it
  }
  assert.deepEqual(await ask(), before);
});

/** Reads the index beside its owner. */
async function textsInIndex(folder: string): Promise<number> {
  await nextTurn();
  const index = new DatabaseSync(join(folder, "secretary.text.sqlite"), { readOnly: true });
  const count = index.prepare("SELECT count(*) AS count FROM done").get()?.count;
  index.close();
  return Number(count);
}

test("no message vanished from a mailbox that never had one (RFC 7162 §3.2.6)", async (t) => {
  const client = await (await startImap(t)).login();
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT Archive");
  assert.deepEqual(await client.ok("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0 VANISHED)"), []);
});

test("LIST leaves out the status of a mailbox that cannot be opened (RFC 5819 §2)", async (t) => {
  const imap = await startImap(t);
  const client = await imap.login();
  await mkdir(join(imap.folder, ".Archive", "dovecot-uidlist")); // no file
  const answers = await client.ok('LIST "" "*" RETURN (STATUS (SIZE))');
  assert.ok(answers.some((answer) => answer.startsWith("LIST") && answer.endsWith("Archive")));
  assert.ok(!answers.some((answer) => answer.startsWith("STATUS Archive")));
  assert.ok(answers.includes("STATUS Trash (SIZE 0)"));
});
