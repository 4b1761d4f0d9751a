import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { type Arrivals, createArrivals, createProxies, type Peer } from "../../../src/servers/net/net.ts";

const V2 = Buffer.from("0d0a0d0a000d0a515549540a21110000c00002010000000001bb0019", "hex");
V2.writeUInt16BE(12, 14);

interface Arrived {
  readonly peer: Peer;
  /** What can be read after it is known who it is. */
  readonly rest: string;
}

interface Trial {
  readonly octets: string | Buffer;
  readonly networks?: readonly string[];
  readonly header?: "required" | "optional";
  readonly isOnePacket?: boolean;
}

/** What becomes of a connection on which this is sent, octet by octet or at once; the warnings when it is closed. */
async function arrive(t: TestContext, trial: Trial): Promise<Arrived | string[]> {
  const { octets, networks = ["127.0.0.0/8"], header = "required", isOnePacket = false } = trial;
  const warnings: string[] = [];
  const log = {
    debug: noop,
    info: noop,
    error: noop,
    warn: ({ err }: { err?: Error }) => warnings.push(`${err}`),
  };
  const arrivals: Arrivals = createArrivals({ proxies: createProxies(networks), header, log });
  const arrived = Promise.withResolvers<Arrived>();
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    arrivals.accept(socket, (peer) => {
      let rest = "";
      socket.on("data", (chunk) => {
        rest += chunk.toString("latin1");
      });
      socket.on("end", () => arrived.resolve({ peer, rest }));
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  client.on("error", noop).setNoDelay(true);
  const closed = once(client, "close").then(() => warnings);
  await once(client, "connect");
  const sent = Buffer.from(octets);
  for (let at = 0; at < sent.length; at += isOnePacket ? sent.length : 1) {
    client.write(sent.subarray(at, isOnePacket ? undefined : at + 1));
    await new Promise(setImmediate);
  }
  client.end();
  client.resume();
  const result = await Promise.race([arrived.promise, closed]);
  client.destroy();
  return result;
}

function noop(): void {}

test("of a listed proxy it is known for whom it speaks, and what follows can be read", async (t) => {
  for (const isOnePacket of [true, false]) {
    const line = "PROXY TCP6 2001:DB8::1 ::1 443 25\r\nEHLO x\r\n";
    const one = await arrive(t, { octets: line, isOnePacket });
    assert.deepEqual(one, {
      peer: { address: "2001:db8::1", port: 443, isProxy: false },
      rest: "EHLO x\r\n",
    });
    const two = await arrive(t, { octets: Buffer.concat([V2, Buffer.from("EHLO x\r\n")]), isOnePacket });
    assert.deepEqual(two, { peer: { address: "192.0.2.1", port: 443, isProxy: false }, rest: "EHLO x\r\n" });
  }
});

test("a proxy that speaks for itself is told from its clients", async (t) => {
  const arrived = await arrive(t, { octets: "PROXY UNKNOWN\r\nNOOP\r\n" });
  assert.ok("peer" in arrived);
  assert.deepEqual(
    [arrived.peer.address, arrived.peer.isProxy, arrived.rest],
    ["127.0.0.1", true, "NOOP\r\n"],
  );
});

test("nobody else is believed", async (t) => {
  const octets = "PROXY TCP4 192.0.2.1 192.0.2.2 443 25\r\n";
  const arrived = await arrive(t, { octets, networks: ["192.0.2.0/24"] });
  assert.ok("peer" in arrived);
  assert.deepEqual([arrived.peer.address, arrived.peer.isProxy, arrived.rest], ["127.0.0.1", false, octets]);
});

test("a listed proxy without a header is closed where it must send one, and welcome where it may", async (t) => {
  const octets = "PROPFIND / HTTP/1.1\r\n";
  assert.match(
    String(await arrive(t, { octets })),
    /127\.0\.0\.1 does not speak the PROXY protocol: switch it on/,
  );
  const arrived = await arrive(t, { octets, header: "optional" });
  assert.ok("peer" in arrived);
  assert.deepEqual([arrived.peer.isProxy, arrived.rest], [true, octets]);
});

test("a header that is wrong or cut off is closed anywhere, and a visit without a word is not worth one", async (t) => {
  for (const header of ["required", "optional"] as const) {
    const wrong = await arrive(t, { octets: "PROXY TCP4 nowhere\r\n", header });
    assert.match(String(wrong), /sent no valid header/);
    assert.match(String(await arrive(t, { octets: V2.subarray(0, 20), header })), /left in the middle/);
    assert.deepEqual(await arrive(t, { octets: "", header }), []);
  }
});
