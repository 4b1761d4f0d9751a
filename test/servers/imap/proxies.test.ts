import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { createProxies } from "../../../src/servers/net/net.ts";
import { ImapClient } from "./imap-client.ts";
import { startImap } from "./imap-fixture.ts";

const HEADER = "PROXY TCP4 192.0.2.77 127.0.0.1 40000 143\r\n";

/** A server behind proxies on these networks that notes from which addresses somebody logs in. */
async function start(t: TestContext, networks: readonly string[]) {
  const addresses: string[] = [];
  const imap = await startImap(t, {
    proxies: createProxies(networks),
    attemptLogin: async (address) => {
      addresses.push(address);
      return "refused";
    },
  });
  return { imap, addresses };
}

async function connectPlain(t: TestContext, port: number, header: string) {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  socket.write(header);
  return socket;
}

test("login limits and log get the address that a listed proxy announces, before STARTTLS", async (t) => {
  const { imap, addresses } = await start(t, ["127.0.0.1"]);
  const client = new ImapClient(await connectPlain(t, imap.port, HEADER));
  await client.line();
  await client.ok("STARTTLS");
  await client.startTls();
  assert.match((await client.run("LOGIN anna wrong")).at(-1) ?? "", /^NO/);
  assert.deepEqual(addresses, ["192.0.2.77"]);
});

test("the same where TLS is spoken from the first octet, in one packet with the header", async (t) => {
  const { imap, addresses } = await start(t, ["127.0.0.1"]);
  const socket = await connectPlain(t, imap.portTls, "");
  socket.cork();
  socket.write(HEADER);
  const secure = connectTls({ socket, rejectUnauthorized: false });
  process.nextTick(() => socket.uncork());
  const client = new ImapClient(secure);
  await client.line();
  assert.match((await client.run("LOGIN anna wrong")).at(-1) ?? "", /^NO/);
  assert.deepEqual(addresses, ["192.0.2.77"]);
});

test("a proxy that is not listed is not believed, one that is must say for whom it speaks", async (t) => {
  const { imap } = await start(t, ["192.0.2.1"]);
  const liar = new ImapClient(await connectPlain(t, imap.port, HEADER));
  await liar.line();
  assert.match(await liar.line(), /^PROXY BAD /);
  const listed = await start(t, ["127.0.0.1"]);
  const silent = new ImapClient(await connectPlain(t, listed.imap.port, "a NOOP\r\n"));
  assert.equal(await silent.closed(), "");
});
