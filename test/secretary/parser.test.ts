import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { readMessage } from "../../src/core/payloads/payloads.ts";
import { PARSER_LIMITS, type Parser, type ParserLimits, startParser } from "../../src/secretary/parser.ts";
import { parserFlags } from "../../src/secretary/parser-process.ts";

const CONTEXT = { domain: "example.test", defaultZone: "Europe/Berlin", fileDate: 1_772_352_000 };

function start(t: TestContext, limits: Partial<ParserLimits> = {}): { parser: Parser; deaths: string[] } {
  const deaths: string[] = [];
  const parser = startParser({
    onDeath: (reason) => deaths.push(reason),
    limits: { ...PARSER_LIMITS, ...limits },
  });
  t.after(() => parser.stop());
  return { parser, deaths };
}

function opener(...chunks: readonly (string | Uint8Array)[]) {
  return async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk as string);
  };
}

function event(uid: string, lines = ""): string {
  return `BEGIN:VEVENT\r\nUID:${uid}\r\nDTSTART:20260310T100000Z\r\n${lines}END:VEVENT\r\n`;
}

function calendar(...events: readonly string[]): string {
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n${events.join("")}END:VCALENDAR\r\n`;
}

function message(...calendars: readonly string[]): string {
  const parts = calendars.map((text) => `--b\r\nContent-Type: text/calendar\r\n\r\n${text}`);
  return `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join("")}--b--\r\n`;
}

const ORDINARY = opener(message(calendar(event("ordinary"))));

async function assertReads(parser: Parser): Promise<void> {
  const reading = await parser.read(ORDINARY, CONTEXT);
  assert.ok(typeof reading === "object", String(reading));
  assert.deepEqual(
    reading.payloads.map(({ uid }) => uid),
    ["ordinary"],
  );
}

test("the parser process reads messages as readMessage does, whatever they need of Node", async (t) => {
  const { parser, deaths } = start(t);
  const messages = [...sampleMessages()];
  for (const { name, octets } of messages) {
    const expected = await readMessage(octets, CONTEXT);
    const reading = await parser.read(opener(octets.subarray(0, 1000), octets.subarray(1000)), CONTEXT);
    assert.deepEqual(reading, JSON.parse(JSON.stringify(expected)), name);
  }
  assert.deepEqual(deaths, []);
});

function* sampleMessages(): Generator<{ name: string; octets: Uint8Array }> {
  for (const charset of [
    "iso-2022-jp",
    "gb18030",
    "koi8-r",
    "windows-1252",
    "utf-16",
    "utf-7",
    "x-unknown",
  ]) {
    const text = `Subject: =?${charset}?b?hsOGw4b=?=\r\nContent-Type: text/calendar; charset=${charset}; name="=?${charset}?q?=86=c3.ics?="\r\n\r\n${calendar(event("charset"))}`;
    yield { name: charset, octets: Buffer.from(text) };
  }
  const tnef = resolve(import.meta.dirname, "../../fixtures/tnef");
  for (const file of readdirSync(tnef).filter((name) => name.endsWith(".dat"))) {
    const content = readFileSync(join(tnef, file)).toString("base64").replace(/.{76}/g, "$&\r\n");
    const text = `Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}`;
    yield { name: file, octets: Buffer.from(text) };
  }
  // Real mail, where it is at hand.
  const corpus = resolve(import.meta.dirname, "../../../shared/corpus");
  if (!existsSync(corpus)) return;
  for (const file of readdirSync(corpus, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".eml")) yield { name: file, octets: readFileSync(join(corpus, file)) };
  }
}

test("a message that never ends is given up after two tries, and the next one is read", async (t) => {
  const { parser, deaths } = start(t, { deadlineMs: 600 });
  async function* endless() {
    yield Buffer.from("Subject: waits\r\n");
    await new Promise(() => undefined);
  }
  assert.equal(await parser.read(endless, CONTEXT), "internal");
  assert.deepEqual(deaths, Array(2).fill("The parser process did not answer within 600 ms"));
  await assertReads(parser);
});

test("a message that blocks the process is given up after two tries, and the next one is read", async (t) => {
  const { parser, deaths } = start(t, { deadlineMs: 600 });
  const rule = `RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYMINUTE=${Array.from({ length: 60 }, (_, n) => n)}\r\n`;
  const many = (carrier: number) => Array.from({ length: 1000 }, (_, n) => event(`${carrier}-${n}`, rule));
  const slow = opener(message(...Array.from({ length: 20 }, (_, carrier) => calendar(...many(carrier)))));
  assert.equal(await parser.read(slow, CONTEXT), "internal");
  assert.equal(deaths.length, 2);
  await assertReads(parser);
});

test("a message that takes more memory than there is ends the process, and the next one is read", async (t) => {
  const { parser, deaths } = start(t, { heapMebibytes: 20 });
  await assertReads(parser);
  const text = `DESCRIPTION:${"y".repeat(880)}\r\n`;
  const many = (carrier: number) => Array.from({ length: 1000 }, (_, n) => event(`${carrier}-${n}`, text));
  const large = opener(message(...Array.from({ length: 20 }, (_, carrier) => calendar(...many(carrier)))));
  assert.equal(await parser.read(large, CONTEXT), "internal");
  assert.match(deaths.join("\n"), /^The parser process ended with SIG[A-Z]+\n/);
  await assertReads(parser);
});

test("a message over the size limit is too large, and the next one is read", async (t) => {
  const { parser, deaths } = start(t, { messageOctets: 100_000 });
  assert.equal(await parser.read(opener("x".repeat(60_000), "x".repeat(60_000)), CONTEXT), "too-large");
  assert.deepEqual(deaths, []);
  await assertReads(parser);
});

test("a message whose octets cannot be had is a failure, not an unreadable message", async (t) => {
  const { parser } = start(t);
  async function* failing() {
    yield Buffer.from("Subject: half");
    throw new Error("Cannot read the disk");
  }
  await assert.rejects(parser.read(failing, CONTEXT), /Cannot read the disk/);
  await assertReads(parser);
});

test("messages asked for at once are read one after the other", async (t) => {
  const { parser } = start(t);
  await Promise.all(Array.from({ length: 20 }, () => assertReads(parser)));
});

test("a process that cannot start is a failure that says why", async (t) => {
  const { parser } = start(t, { heapMebibytes: 1 });
  await assert.rejects(parser.ready(), (error: Error) => {
    assert.equal(error.message, "Cannot start the parser process");
    assert.match(String((error.cause as Error).message), /^It ended with SIG[A-Z]+: .*out of memory/s);
    return true;
  });
  await assert.rejects(parser.read(ORDINARY, CONTEXT), /Cannot start the parser process/);
});

test("a process without work is ended, and another is there for the next message", async (t) => {
  const { parser, deaths } = start(t, { idleMs: 1 });
  for (let round = 0; round < 3; round++) {
    await assertReads(parser);
    await untilNoneIsLeft();
  }
  assert.deepEqual(deaths, []);
});

/** Resolves when this process has no child that is a parser. */
async function untilNoneIsLeft(): Promise<void> {
  while (process.getActiveResourcesInfo().includes("ProcessWrap")) await setImmediate();
}

test("stop ends a reading", async (t) => {
  const { parser } = start(t);
  const reading = parser.read(async function* () {
    yield Buffer.from("Subject: waits\r\n");
    void parser.stop();
    await new Promise(() => undefined);
  }, CONTEXT);
  await assert.rejects(reading);
});

test("what took the process over could read no file, reach nobody, start nothing and signal nobody", async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const script = join(import.meta.dirname, "prisoner.ts");
  const child = fork(script, [String(address.port)], {
    env: {},
    execArgv: [...parserFlags({ heapMebibytes: 64 }), `--allow-fs-read=${script}`],
    stdio: ["pipe", "ignore", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [report] = (await once(child, "message")) as [{ attempts: number; escaped: string[] }];
  assert.deepEqual(report.escaped, []);
  assert.equal(report.attempts, 20);
  assert.equal(connections, 0);
});
