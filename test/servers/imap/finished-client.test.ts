import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { ImapClient } from "./imap-client.ts";
import { deliver, PASSWORD, type RunningImap, startImap, USER } from "./imap-fixture.ts";

const COUNT = 200;

type Connect = (t: TestContext, imap: RunningImap) => Promise<ImapClient>;

const CONNECTIONS: readonly [string, Connect][] = [
  [
    "in TLS",
    async (t, imap) => {
      const client = await imap.connect(t);
      await client.line();
      client.send(`a LOGIN ${USER} "${PASSWORD}"\r\n`);
      return client;
    },
  ],
  [
    "compressed",
    async (t, imap) => {
      const client = await imap.login(t);
      await client.ok("COMPRESS DEFLATE");
      const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
      return client.through(deflate, createInflateRaw());
    },
  ],
];

for (const [how, connectClient] of CONNECTIONS) {
  test(`a client that sends nothing more gets its answers, ${how}`, async (t) => {
    const imap = await startImap(t);
    await deliver(
      imap.maildir,
      "INBOX",
      ...Array.from({ length: COUNT }, (_, nth) => `Subject: ${nth}\n\ntext\n`),
    );
    const client = await connectClient(t, imap);
    client.send("b SELECT INBOX\r\nc SEARCH TEXT text\r\nd STATUS Sent (MESSAGES)\r\n");
    client.finish();
    const said = await client.closed();
    assert.match(said, new RegExp(`^\\* SEARCH 1 2 .* ${COUNT}\\r$`, "m"));
    assert.match(said, /^c OK .*\r\n\* STATUS Sent \(MESSAGES 0\)\r\nd OK .*\r\n$/m);
  });
}

test("a client that sends nothing more before TLS gets its answers, and what it begins is ended", async (t) => {
  const imap = await startImap(t);
  for (const { port, sent, answer } of [
    { port: imap.port, sent: "a NOOP\r\nb LOGOUT\r\n", answer: /^a OK .*\r\n\* BYE .*\r\nb OK .*\r\n$/m },
    { port: imap.port, sent: "a NOOP\r\nb LOG", answer: /^a OK .*\r\n$/m },
    { port: imap.port, sent: "", answer: /^\* OK .*\r\n$/ },
    { port: imap.port, sent: "a STARTTLS\r\n", answer: /^a OK .*\r\n$/m },
    { port: imap.portTls, sent: "", answer: /^$/ },
  ]) {
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    await once(socket, "connect");
    const client = new ImapClient(socket);
    client.send(sent);
    client.finish();
    assert.match(await client.closed(), answer);
  }
});
