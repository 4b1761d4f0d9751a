import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request as requestTls } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AttemptLogin, createProxies, createServerTls } from "../../../src/servers/net/net.ts";
import { type Feed, startWebServer, type WebOptions } from "../../../src/servers/web/web.ts";
import { openFeedFile } from "../../../src/storage/feed-file/feed-file.ts";
import { readOrMakeTlsPair } from "../../../src/storage/tls-files/tls-files.ts";
import { makePair } from "../smtp/smtp-fixture.ts";

const FEED: Feed = {
  octets: Buffer.from("BEGIN:VCALENDAR\r\nNAME:Jürgen\r\nEND:VCALENDAR\r\n"),
  etag: '"abc"',
  lastModified: new Date("2026-11-21T03:34:11Z"),
};
const MODIFIED = "Sat, 21 Nov 2026 03:34:11 GMT";
const AUTHORIZATION = `Basic ${Buffer.from("anna:pässword").toString("base64")}`;
const LOG = { debug: noop, info: noop, warn: noop, error: noop };
function noop(): void {}

const attemptLogin: AttemptLogin = async (_address, user, password) =>
  user === "anna" && password === "pässword" ? "accepted" : "refused";

async function start(t: TestContext, options: Partial<WebOptions> = {}) {
  const server = await startWebServer({
    listen: { host: "127.0.0.1", port: 0 },
    feed: () => FEED,
    attemptLogin,
    proxies: createProxies([]),
    now: () => new Date(),
    log: LOG,
    ...options,
  });
  t.after(() => server.stop());
  const { port } = server.address;
  /** Logged in, unless the fields say otherwise. */
  function get(path: string, fields: Record<string, string> = {}, method = "GET"): Promise<Response> {
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: AUTHORIZATION, ...fields },
    });
  }
  return { get, port, server };
}

test("P17 content type: the feed is served whole, with exactly these fields", async (t) => {
  const { get } = await start(t);
  const response = await get("/calendar.ics");
  assert.equal(response.status, 200);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), FEED.octets);
  const { date, connection, "keep-alive": _keepAlive, ...fields } = Object.fromEntries(response.headers);
  assert.ok(date && connection);
  assert.deepEqual(fields, {
    "content-type": "text/calendar; charset=utf-8",
    "content-length": String(FEED.octets.length),
    "content-disposition": 'inline; filename="calendar.ics"',
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "cache-control": "private, no-cache",
    etag: FEED.etag,
    "last-modified": MODIFIED,
  });
});

const FRESH: readonly Record<string, string>[] = [
  { "if-none-match": '"abc"' },
  { "if-none-match": '"x", "abc", "y"' },
  { "if-none-match": 'W/"abc"' },
  { "if-none-match": "*" },
  { "if-modified-since": MODIFIED },
  { "if-modified-since": "Sat, 21 Nov 2026 03:34:12 GMT" },
  { "if-modified-since": "Saturday, 21-Nov-26 03:34:11 GMT" },
  { "if-modified-since": "Sat Nov 21 03:34:11 2026" },
  { "if-none-match": '"abc"', "if-modified-since": "Sat, 21 Nov 2026 03:34:10 GMT" },
];
for (const fields of FRESH) {
  test(`P05 conditional: ${JSON.stringify(fields)} is answered 304 with the ETag`, async (t) => {
    const { get } = await start(t);
    const response = await get("/calendar.ics", fields);
    assert.equal(response.status, 304);
    assert.equal(await response.text(), "");
    assert.equal(response.headers.get("etag"), FEED.etag);
    assert.equal(response.headers.get("cache-control"), "private, no-cache");
    assert.equal(response.headers.get("content-type"), null);
  });
}

const STALE: readonly Record<string, string>[] = [
  { "if-none-match": '"ab"' },
  { "if-none-match": '"x"', "if-modified-since": MODIFIED }, // RFC 9110 §13.2.2
  { "if-modified-since": "Sat, 21 Nov 2026 03:34:10 GMT" },
  { "if-modified-since": "yesterday" },
  { range: "bytes=0-3" },
];
for (const fields of STALE) {
  test(`P05 conditional: ${JSON.stringify(fields)} is answered 200 in full`, async (t) => {
    const { get } = await start(t);
    const response = await get("/calendar.ics", fields);
    assert.equal(response.status, 200);
    assert.equal((await response.arrayBuffer()).byteLength, FEED.octets.length);
  });
}

test("P06 head: HEAD has the fields of GET and no body", async (t) => {
  const { get } = await start(t);
  const [head, full] = [await get("/calendar.ics", {}, "HEAD"), await get("/calendar.ics")];
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  // `fetch` closes the connection after a HEAD
  const ofFeed = ([name]: [string, string]) => !["date", "connection", "keep-alive"].includes(name);
  assert.deepEqual([...head.headers].filter(ofFeed), [...full.headers].filter(ofFeed));
});

test("P07 methods: nothing but GET and HEAD, logged in or not", async (t) => {
  const { get } = await start(t);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "REPORT", "MKCALENDAR"]) {
    for (const authorization of [AUTHORIZATION, ""]) {
      const response = await get("/calendar.ics", { authorization }, method);
      assert.equal(response.status, 405, method);
      assert.equal(response.headers.get("allow"), "GET, HEAD", method);
    }
  }
});

test("P08 login: without credentials, or with wrong ones, 401 and a challenge in UTF-8 (RFC 7617 §2.1)", async (t) => {
  const { get } = await start(t);
  const wrong = [
    "",
    "Basic",
    "Basic !",
    "Bearer x",
    `Basic ${btoa("anna:")}`,
    `Basic ${btoa("bert:password")}`,
  ];
  for (const authorization of wrong) {
    const response = await get("/calendar.ics", { authorization });
    assert.equal(response.status, 401, authorization);
    assert.equal(response.headers.get("www-authenticate"), 'Basic realm="Calendar", charset="UTF-8"');
    assert.doesNotMatch(await response.text(), /VCALENDAR/);
  }
  assert.equal((await get("/calendar/0123456789abcdef.ics")).status, 404);
});

test("who guesses too fast is told to wait, with no hint whether the guess was right", async (t) => {
  const { get } = await start(t, { attemptLogin: async () => "slow-down" });
  const response = await get("/calendar.ics");
  assert.equal(response.status, 429);
  assert.ok(Number(response.headers.get("retry-after")) > 0);
});

test("P14 store broken: 503 with Retry-After, never an empty calendar", async (t) => {
  const { get } = await start(t, { feed: () => undefined });
  for (const fields of [{}, { "if-none-match": "*" }]) {
    const response = await get("/calendar.ics", fields);
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
  }
});

test("a bug is answered 500 without its text", async (t) => {
  const { get } = await start(t, {
    feed: () => {
      throw new Error("secret path");
    },
  });
  const response = await get("/calendar.ics");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
});

test("P15 concurrent: every body is one whole feed while it is replaced", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "web-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = await openFeedFile(join(folder, "calendar.ics"), noop);
  t.after(() => file.stop());
  await file.publish(Buffer.alloc(200_000, "-"), new Date());
  const { get } = await start(t, { feed: () => file.current() });
  const publishing = Promise.all(
    Array.from({ length: 30 }, (_, n) => file.publish(Buffer.alloc(200_000 + n, 48 + n), new Date())),
  );
  const bodies = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const response = await get("/calendar.ics");
      return { etag: response.headers.get("etag"), body: await response.text() };
    }),
  );
  await publishing;
  const etags = new Map<string, string>();
  for (const { etag, body } of bodies) {
    const [first = ""] = body;
    assert.equal(body, first.repeat(first === "-" ? 200_000 : 200_000 + body.charCodeAt(0) - 48));
    assert.equal(etags.get(first) ?? etag, etag);
    etags.set(first, etag ?? "");
  }
});

test("P16 compression: none, whatever the client accepts", async (t) => {
  const { get } = await start(t);
  const response = await get("/calendar.ics", { "accept-encoding": "gzip, br" });
  assert.equal(response.headers.get("content-encoding"), null);
  assert.equal(response.headers.get("content-length"), String(FEED.octets.length));
});

test("robots.txt forbids nothing, healthz answers, neither asks for a password, and there is nothing else", async (t) => {
  const { get } = await start(t);
  const robots = await get("/robots.txt", { authorization: "" });
  assert.equal(robots.status, 200);
  assert.equal(await robots.text(), "User-agent: *\nDisallow:\n");
  assert.equal((await get("/healthz", { authorization: "" })).status, 200);
  for (const path of ["/", "/calendar.ics/", "/Calendar.ics", "/%", "/calendar.ics%00", "//calendar.ics"]) {
    const response = await get(path);
    assert.ok([400, 404].includes(response.status), path);
    assert.equal(response.headers.get("x-powered-by"), null);
  }
});

test("HTTPS when there is a certificate, and a renewed one is used without a restart", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "web-tls-"));
  t.after(() => rm(folder, { recursive: true }));
  const makePairNamed = (name: string) =>
    readOrMakeTlsPair(
      { keyFile: join(folder, `${name}.key`), certFile: join(folder, `${name}.crt`) },
      { domain: "example.test", now: () => new Date() },
    );
  const [one, two] = [await makePairNamed("one"), await makePairNamed("two")];
  const tls = createServerTls(one);
  const { port } = await start(t, { tls });
  async function getStatus(ca: string): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    requestTls({ host: "127.0.0.1", port, path: "/healthz", ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
    return promise;
  }
  assert.equal(await getStatus(one.cert), 200);
  tls.replace(two);
  assert.equal(await getStatus(two.cert), 200);
  await assert.rejects(getStatus(one.cert), /self-signed certificate/);
});

/** What the server says to these octets before it closes. */
async function converse(t: TestContext, port: number, octets: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").on("error", noop);
  t.after(() => socket.destroy());
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.write(octets);
  await once(socket, "close");
  return answer;
}

test("who sends no request in time, or only a part of one, is sent away; TLS is no excuse", async (t) => {
  const limits = { requestMs: 200, checkMs: 50 };
  const { port } = await start(t, { limits });
  for (const octets of ["", "GET /calendar.ics HTTP/1.1\r\nHost: x\r\nX-Slow: "]) {
    assert.match(await converse(t, port, octets), /^HTTP\/1\.1 408 /);
  }
  const body = "POST /calendar.ics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx";
  assert.match(await converse(t, port, body), /^HTTP\/1\.1 405 /);
  const secure = await start(t, { limits, tls: createServerTls(await makePair()) });
  assert.equal(await converse(t, secure.port, ""), "");
  assert.equal(await converse(t, secure.port, "\x16\x03\x01\x02\x00\x01"), "");
});

test("connections that ask nothing make room for new ones before there is none left", async (t) => {
  const rate = { burst: 1000, intervalMs: 1 };
  const connections = { total: 10, open: [10, 10, 10], rate: [rate, rate, rate] } as const;
  const { port } = await start(t, { limits: { connections } });
  for (let n = 0; n < 30; n++) {
    const silent = connect(port, "127.0.0.1").on("error", noop);
    t.after(() => silent.destroy());
    await once(silent, "connect");
    const request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert.match(await converse(t, port, request), /^HTTP\/1\.1 200 /);
  }
});

test("a header of more than 16 KB is refused, and so is what is no HTTP", async (t) => {
  const { port } = await start(t);
  const field = `X-Large: ${"x".repeat(20_000)}\r\n`;
  assert.match(await converse(t, port, `GET / HTTP/1.1\r\nHost: x\r\n${field}\r\n`), /^HTTP\/1\.1 431 /);
  for (const octets of ["EHLO x\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost : x\n\n"]) {
    assert.match(await converse(t, port, octets), /^HTTP\/1\.1 400 /, octets);
  }
});

test("stop finishes the answer that is being sent, and does not wait for idle connections", async (t) => {
  const octets = Buffer.alloc(8_000_000, "x");
  const { port, server } = await start(t, { feed: () => ({ ...FEED, octets }) });
  const idle = connect(port, "127.0.0.1");
  const busy = connect(port, "127.0.0.1");
  busy.write(`GET /calendar.ics HTTP/1.1\r\nHost: x\r\nAuthorization: ${AUTHORIZATION}\r\n\r\n`);
  await new Promise((resolve) => busy.once("readable", resolve));
  const stopped = server.stop();
  let received = 0;
  busy.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  busy.resume();
  await stopped;
  if (!busy.readableEnded) await new Promise((resolve) => busy.once("end", resolve));
  assert.ok(received > octets.length);
  idle.destroy();
});
