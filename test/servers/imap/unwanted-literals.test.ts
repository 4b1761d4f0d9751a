import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { PASSWORD, startImap, USER } from "./imap-fixture.ts";

test("a message announced where a line was asked for is refused, and the session goes on", async (t) => {
  const imap = await startImap(t);
  const stranger = await imap.connect();
  await stranger.line();
  stranger.send("a AUTHENTICATE PLAIN\r\n");
  await stranger.line();
  stranger.send("x APPEND y {1}\r\n");
  assert.match(await stranger.line(), /^a BAD /);
  assert.deepEqual(await stranger.ok("NOOP"), []);

  const client = await imap.login();
  for (const mark of ["{5}", "{5+}"]) {
    client.send("i IDLE\r\n");
    assert.match(await client.line(), /^\+/);
    client.send(`j APPEND INBOX ${mark}\r\n`);
    assert.match(await client.line(), /^i BAD /);
    if (mark === "{5+}") client.send("12345\r\n"); // it comes in any case
    assert.deepEqual(await client.ok("NOOP"), []);
  }
});

test("a client that goes away while IDLE cannot be sent anything harms nobody", async (t) => {
  const imap = await startImap(t);
  const other = await imap.login();
  const message = "Subject: x\r\n\r\nx\r\n";
  await other.ok(`APPEND INBOX ${Array(300).fill(`{${message.length}+}\r\n${message}`).join(" ")}`);
  await other.ok("SELECT INBOX");
  const keywords = Array.from({ length: 20 }, (_, nth) => "k".repeat(90) + nth);
  await other.ok(`STORE 1:* +FLAGS.SILENT (${keywords.join(" ")})`);

  const socket = connect(imap.portTls, "127.0.0.1").on("error", () => {});
  const client = connectTls({ socket, rejectUnauthorized: false }).on("error", () => {});
  await once(client, "secureConnect");
  let received = "";
  client.on("data", (octets) => {
    received += octets;
  });
  client.write(`a LOGIN ${USER} "${PASSWORD}"\r\nb SELECT INBOX\r\nc IDLE\r\n`);
  while (!received.includes("+ Idling")) await delay(5);
  client.pause();
  socket.pause();
  // More than the buffers between us hold.
  for (let round = 0; round < 24; round++) {
    await other.ok(`STORE 1:* ${round % 2 ? "-" : "+"}FLAGS.SILENT (\\Seen)`);
  }
  client.write("x {5}\r\n");
  await other.ok("NOOP");
  socket.resetAndDestroy();
  await once(socket, "close");
  assert.deepEqual(await (await imap.login()).ok("NOOP"), []); // what nobody caught would have failed this test
});
