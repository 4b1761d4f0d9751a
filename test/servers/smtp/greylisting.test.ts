import assert from "node:assert/strict";
import { test } from "node:test";
import { createProxies } from "../../../src/servers/net/net.ts";
import type { Greylist } from "../../../src/servers/smtp/smtp.ts";
import { RawClient } from "./raw-client.ts";
import { startServer } from "./smtp-fixture.ts";

test("a stranger is told at RCPT how long to wait, for each recipient (RFC 6647 §2.4)", async (t) => {
  const attempts: Parameters<Greylist>[0][] = [];
  const { port } = await startServer(t, {
    proxies: createProxies(["127.0.0.0/8"]),
    greylist: (attempt) => {
      attempts.push(attempt);
      return attempt.forwardPath.startsWith("known") ? 0 : 17;
    },
  });
  const client = await RawClient.connectFrom("192.0.2.77", port);
  await client.say("MAIL FROM:<bob@Example.org>\r\n", 250);
  assert.equal(
    await client.say("RCPT TO:<anna@example.test>\r\n", 451),
    "451 4.7.1 Greylisted, please come back in 17 seconds",
  );
  await client.say("RCPT TO:<known@example.test>\r\n", 250);
  await client.say("RCPT TO:<anna@example.org>\r\n", 550);
  assert.deepEqual(attempts, [
    { source: "192.0.2.0/24", reversePath: "bob@example.org", forwardPath: "anna@example.test" },
    { source: "192.0.2.0/24", reversePath: "bob@example.org", forwardPath: "known@example.test" },
  ]);
  client.destroy();
});

test("clients whose address is hidden are not greylisted: it would be one stranger, and then one friend", async (t) => {
  const { port } = await startServer(t, { proxies: createProxies(["127.0.0.1"]), greylist: () => 17 });
  for (const address of ["172.17.0.1", "fd00::1", "127.0.0.1"]) {
    const client = await RawClient.connectFrom(address, port);
    await client.say("MAIL FROM:<>\r\n", 250);
    await client.say("RCPT TO:<anna@example.test>\r\n", 250);
    client.destroy();
  }
});

test("the PROXY protocol gives the client's address to limits and Received, and only to listed proxies", async (t) => {
  const { port, delivered } = await startServer(t, { proxies: createProxies(["127.0.0.1"]) });
  const client = await RawClient.connectFrom("2001:DB8::77", port);
  await client.begin();
  await client.say("Subject: x\r\n\r\n.\r\n", 250);
  assert.match(delivered[0]?.text ?? "", /Received: from client\.example\.org \(\[IPv6:2001:db8::77\]\)/);
  client.destroy();
  const { port: unlisted } = await startServer(t);
  const liar = await RawClient.connect(unlisted);
  liar.send("PROXY TCP4 192.0.2.77 192.0.2.77 1 25\r\n");
  assert.match(await liar.reply(421), /too soon/);
  liar.destroy();
});

test("a listed proxy that sends no header is not served", async (t) => {
  const { port } = await startServer(t, { proxies: createProxies(["127.0.0.1"]) });
  const client = await RawClient.connect(port);
  client.send("EHLO client.example.org\r\n");
  assert.equal(await client.closed(), "");
});
