import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { createProxies, createServerTls } from "../../../src/servers/net/net.ts";
import { startWebServer, type WebOptions } from "../../../src/servers/web/web.ts";
import { makePair } from "../smtp/smtp-fixture.ts";

const HEADER = "PROXY TCP4 192.0.2.77 127.0.0.1 40000 80\r\n";
const TLS_PAIR = await makePair();

async function start(t: TestContext, options: Partial<WebOptions> = {}) {
  const addresses: string[] = [];
  const server = await startWebServer({
    listen: { host: "127.0.0.1", port: 0 },
    feed: () => undefined,
    attemptLogin: async (address) => {
      addresses.push(address);
      return "refused";
    },
    proxies: createProxies(["127.0.0.1", "198.51.100.0/24"]),
    now: () => new Date(),
    log: { debug: noop, info: noop, warn: noop, error: noop },
    ...options,
  });
  t.after(() => server.stop());
  return { port: server.address.port, addresses };
}

function noop(): void {}

interface Request {
  readonly header?: string;
  readonly fields?: readonly string[];
  readonly isSecure?: boolean;
}

/** Asks for the calendar with a password; the status of the answer, 0 if there is none. */
async function ask(
  t: TestContext,
  port: number,
  { header = "", fields = [], isSecure }: Request,
): Promise<number> {
  const socket = connect(port, "127.0.0.1").on("error", noop);
  t.after(() => socket.destroy());
  socket.write(header);
  const stream = isSecure ? connectTls({ socket, rejectUnauthorized: false }) : socket;
  stream.on("error", noop);
  const lines = [
    "GET /calendar.ics HTTP/1.1",
    "Host: x",
    "Connection: close",
    `Authorization: Basic ${btoa("a:b")}`,
  ];
  stream.write(`${[...lines, ...fields].join("\r\n")}\r\n\r\n`);
  let answer = "";
  stream.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  await once(stream, "close");
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

const BELIEVED: readonly (Request & { readonly name: string; readonly address: string })[] = [
  { name: "the PROXY protocol", header: HEADER, address: "192.0.2.77" },
  {
    name: "the PROXY protocol, whatever the client adds",
    header: HEADER,
    fields: ["X-Forwarded-For: 192.0.2.1"],
    address: "192.0.2.77",
  },
  { name: "X-Forwarded-For", fields: ["X-Forwarded-For: 192.0.2.78"], address: "192.0.2.78" },
  {
    name: "the last X-Forwarded-For, not what the client wrote before it",
    fields: ["X-Forwarded-For: 192.0.2.1, 192.0.2.78"],
    address: "192.0.2.78",
  },
  {
    name: "X-Forwarded-For through two listed proxies",
    fields: ["X-Forwarded-For: 192.0.2.78, 198.51.100.9"],
    address: "192.0.2.78",
  },
  { name: "nothing", address: "127.0.0.1" },
];
for (const { name, address, ...request } of BELIEVED) {
  for (const isSecure of [false, true]) {
    test(`a login over ${isSecure ? "HTTPS" : "HTTP"} counts for the address of ${name}`, async (t) => {
      const { port, addresses } = await start(t, isSecure ? { tls: createServerTls(TLS_PAIR) } : {});
      assert.equal(await ask(t, port, { ...request, isSecure }), 401);
      assert.deepEqual(addresses, [address]);
    });
  }
}

test("a proxy that is not listed is not believed", async (t) => {
  const { port, addresses } = await start(t, { proxies: createProxies([]) });
  assert.equal(await ask(t, port, { fields: ["X-Forwarded-For: 192.0.2.1"] }), 401);
  assert.equal(await ask(t, port, { header: HEADER }), 400);
  assert.deepEqual(addresses, ["127.0.0.1"]);
});

test("connections of one network are limited, and those of a proxy that speaks for others are not", async (t) => {
  const rate = { burst: 1000, intervalMs: 1 };
  const connections = { total: 100, open: [2, 2, 2], rate: [rate, rate, rate] } as const;
  const { port } = await start(t, { limits: { connections } });
  for (let n = 0; n < 2; n++) {
    const socket = connect(port, "127.0.0.1").on("error", noop);
    t.after(() => socket.destroy());
    socket.write(`${HEADER}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "data");
  }
  assert.equal(await ask(t, port, { header: HEADER }), 0);
  for (let n = 0; n < 5; n++) assert.equal(await ask(t, port, {}), 401);
});

test("connections that were closed, by either side, are not counted any more", async (t) => {
  const rate = { burst: 1000, intervalMs: 1 };
  const connections = { total: 100, open: [2, 2, 2], rate: [rate, rate, rate] } as const;
  for (const isSecure of [false, true]) {
    const tls = isSecure ? { tls: createServerTls(TLS_PAIR) } : {};
    const { port } = await start(t, { limits: { connections }, ...tls });
    for (let n = 0; n < 10; n++) assert.equal(await ask(t, port, { header: HEADER, isSecure }), 401);
    for (let n = 0; n < 10; n++) {
      const socket = connect(port, "127.0.0.1").on("error", noop);
      socket.end(`${HEADER}\x16\x03\x01\x02`); // a handshake that is not finished
      await once(socket.resume(), "close");
    }
    assert.equal(await ask(t, port, { header: HEADER, isSecure }), 401);
  }
});
