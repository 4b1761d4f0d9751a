import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createServerTls } from "../../../src/servers/net/net.ts";
import { RawClient } from "./raw-client.ts";
import { makePair, readAll, startServer } from "./smtp-fixture.ts";

const ALWAYS = { burst: 1000, intervalMs: 1 };

test("connections beyond the limit are told 421 at once, and others come in when one has gone", async (t) => {
  const { port } = await startServer(t, {
    limits: { connections: { total: 2, open: [10, 10, 10], rate: [ALWAYS, ALWAYS, ALWAYS] } },
  });
  const [first, second] = [await RawClient.connect(port), await RawClient.connect(port)];
  const third = await RawClient.connect(port);
  assert.match(await third.closed(), /^421 4\.7\.0 .*\r\n$/);
  await first.reply(220);
  await first.say("QUIT\r\n", 221);
  await first.closed();
  first.destroy();
  const fourth = await untilAdmitted(port);
  second.destroy();
  fourth.destroy();
});

test("idle connections make room for new ones before there is none left", async (t) => {
  const { port } = await startServer(t, {
    now: () => new Date(),
    limits: {
      evictableMs: 1,
      connections: { total: 10, open: [10, 10, 10], rate: [ALWAYS, ALWAYS, ALWAYS] },
    },
  });
  const idle: RawClient[] = [];
  for (let n = 0; n < 9; n++) idle.push(await RawClient.connectSecure(port));
  const busy = idle.shift() ?? assert.fail();
  await busy.begin();
  for (let n = 0; n < 30; n++) {
    const client = await RawClient.connectSecure(port);
    await client.begin();
    await client.say("Subject: x\r\n.\r\n", 250);
    idle.push(client);
  }
  await busy.say("Subject: x\r\n.\r\n", 250);
  assert.match(await (idle[0] ?? assert.fail()).reply(421), /^421 4\.3\.2 /);
  for (const client of [busy, ...idle]) client.destroy();
});

/** The server learns of a closed socket a moment after the client did. */
async function untilAdmitted(port: number): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect(port);
    if ((await client.reply()).startsWith("220")) return client;
  }
}

test("a command that takes too long ends the session, however busy the client looks", async (t) => {
  const { port } = await startServer(t, { limits: { commandMs: 300 } });
  const client = await RawClient.connect(port);
  await client.reply(220);
  const drip = setInterval(() => client.send("N"), 20);
  assert.match(await client.reply(421), /^421 4\.4\.2 /);
  clearInterval(drip);
  client.destroy();
});

test("a message that takes too long is refused, and its deliver fails", async (t) => {
  const failed = Promise.withResolvers<unknown>();
  const { port } = await startServer(t, {
    limits: { dataMs: 200, commandMs: 10_000 },
    deliver: (_, octets) =>
      readAll(octets).then(failed.reject, (error) => {
        failed.resolve(error);
        throw error;
      }),
  });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  const drip = setInterval(() => client.send("x"), 20);
  assert.match(await client.reply(421), /^421 4\.4\.2 /);
  clearInterval(drip);
  assert.ok(await failed.promise);
  client.destroy();
});

test("a session that takes too long may finish its message", async (t) => {
  const reading = Promise.withResolvers<void>();
  const { port, delivered } = await startServer(t, { limits: { sessionMs: 400 } });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  client.send("Subject: x\r\n");
  setTimeout(reading.resolve, 450);
  await reading.promise;
  await client.say(".\r\n", 250);
  await client.reply(421);
  assert.equal(delivered.length, 1);
  client.destroy();
});

test("a message that has come in full in time is accepted, however long it takes to store", async (t) => {
  const { port } = await startServer(t, {
    limits: { dataMs: 100 },
    deliver: async (_, octets) => {
      await readAll(octets);
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
  });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  await client.say("Subject: x\r\n\r\n.\r\n", 250);
  client.destroy();
});

test("a message that has been through too many servers is refused, and not at a hundred (RFC 5321 §6.3)", async (t) => {
  const { port, delivered } = await startServer(t);
  const client = await RawClient.connectSecure(port);
  const hops = "Received: from a.example by b.example; Sat, 21 Nov 2026 03:34:11 +0000\r\n";
  await client.begin();
  await client.say(`${hops.repeat(100)}\r\n.\r\n`, 250);
  await client.begin();
  assert.match(await client.say(`${hops.repeat(101)}\r\n.\r\n`, 554), /^554 5\.4\.6 /);
  await client.say("NOOP\r\n", 250);
  assert.equal(delivered.length, 1);
  client.destroy();
});

test("when too many messages are in transfer, the next one is to come later", async (t) => {
  const { port } = await startServer(t, { limits: { transfers: 1 } });
  const [first, second] = [await RawClient.connectSecure(port), await RawClient.connectSecure(port)];
  await first.begin();
  assert.match(await second.say("MAIL FROM:<bob@example.org>\r\n", 451), /^451 4\.3\.2 /);
  await first.say(".\r\n", 250);
  await second.say("MAIL FROM:<bob@example.org>\r\n", 250);
  first.destroy();
  second.destroy();
});

test("errors beyond the free ones cost time, one answer after the other, and then the session", async (t) => {
  const { port } = await startServer(t, { limits: { errors: 6, freeErrors: 3, errorDelayMs: 60 } });
  const client = await RawClient.connectSecure(port);
  const startedAt = Date.now();
  client.send("DATA\r\n".repeat(9));
  for (let n = 0; n < 6; n++) await client.reply(503);
  assert.match(await client.reply(421), /^421 4\.7\.0 /);
  assert.ok(Date.now() - startedAt >= 2 * 60);
  client.destroy();
});

test("commands without end are not carried out, unless mail comes with them", async (t) => {
  const { port, delivered } = await startServer(t, { limits: { commands: 10 } });
  const client = await RawClient.connectSecure(port);
  for (let n = 0; n < 20; n++) {
    await client.begin();
    await client.say("Subject: x\r\n.\r\n", 250);
  }
  assert.equal(delivered.length, 20);
  client.send("NOOP\r\n".repeat(100));
  for (let n = 0; n < 10; n++) await client.reply(250);
  assert.match(await client.closed(), /^421 4\.7\.0 Too many commands without a message\r\n$/);
  client.destroy();
});

test("a client that says nothing is sent away", async (t) => {
  const { port } = await startServer(t, { limits: { idleMs: 200 } });
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.reply(421);
  client.destroy();
});

test("a client that never reads its answers is not read either, and others are served", async (t) => {
  const { port } = await startServer(t, { limits: { commands: Number.POSITIVE_INFINITY } });
  const deaf = connect(port, "127.0.0.1");
  deaf.on("error", () => undefined);
  await once(deaf, "readable"); // the greeting; it stays unread
  deaf.write("NOOP\r\n".repeat(5_000_000));
  const other = await RawClient.connectSecure(port);
  let taken = -1;
  // Until the system's buffers are full and nothing more is taken.
  while (taken !== deaf.bytesWritten) {
    taken = deaf.bytesWritten;
    for (let n = 0; n < 20; n++) await other.say("NOOP\r\n", 250);
  }
  const left = deaf.writableLength;
  deaf.destroy();
  other.destroy();
  assert.ok(left > 0, "it could not send all of it");
});

test("stop refuses new connections, says goodbye to idle ones, and lets a message be finished", async (t) => {
  const { server, port, delivered } = await startServer(t);
  const idle = await RawClient.connectSecure(port);
  const busy = await RawClient.connectSecure(port);
  await busy.begin();
  busy.send("Subject: x\r\n");
  const stopped = server.stop();
  await idle.reply(421);
  idle.destroy();
  await assert.rejects(RawClient.connect(port), { code: "ECONNREFUSED" });
  assert.match(await busy.say("\r\nlast words\r\n.\r\n", 250), /Stored/);
  assert.match(await busy.reply(421), /^421 4\.3\.2 /);
  busy.destroy();
  await stopped;
  assert.match(delivered[0]?.text ?? "", /last words\r\n$/);
});

test("stop does not wait longer than its time for a message that never ends", async (t) => {
  const { server, port, delivered } = await startServer(t, { limits: { drainMs: 200 } });
  const busy = await RawClient.connectSecure(port);
  await busy.begin();
  busy.send("Subject: x\r\n");
  await server.stop();
  assert.equal(delivered.length, 0);
  busy.destroy();
});

test("a renewed certificate is shown to new connections", async (t) => {
  const tls = createServerTls(await makePair());
  const { port } = await startServer(t, { tls });
  const before = await RawClient.connectSecure(port);
  tls.replace(await makePair());
  const after = await RawClient.connectSecure(port);
  assert.notEqual(after.certificate(), before.certificate());
  await before.say("NOOP\r\n", 250);
  before.destroy();
  after.destroy();
});

test("TLS 1.1 is refused", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.say("EHLO client.example.org\r\n", 250);
  await client.say("STARTTLS\r\n", 220);
  const socket = client.offerTls({ maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" });
  const [problem] = await once(socket, "error");
  assert.match(String(problem), /protocol version|alert/i);
  client.destroy();
});
