import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServerTls, listen, type TlsPair } from "../../../src/servers/net/net.ts";
import { readOrMakeTlsPair } from "../../../src/storage/tls-files/tls-files.ts";

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "server-tls-"));
});
after(() => rm(root, { recursive: true }));

function makePair(name: string): Promise<TlsPair> {
  const paths = { keyFile: join(root, name, "key.pem"), certFile: join(root, name, "cert.pem") };
  return readOrMakeTlsPair(paths, { domain: "example.test", now: () => new Date() });
}

test("createServerTls hands a new pair to every listener, and keeps the old one when the new is bad", async () => {
  const [one, two] = [await makePair("one"), await makePair("two")];
  const tls = createServerTls(one);
  const applied: string[] = [];
  tls.onReplaced(({ cert }) => applied.push(cert));
  const { context } = tls;
  assert.throws(() => tls.replace({ key: one.key, cert: two.cert }), /Cannot use this key and certificate/);
  assert.equal(tls.settings.cert, one.cert);
  assert.equal(tls.context, context);
  tls.replace(two);
  assert.equal(tls.settings.key, two.key);
  assert.deepEqual(applied, [two.cert]);
  assert.throws(() => createServerTls({ key: "x", cert: "x" }), /Cannot use this key and certificate/);
});

test("listen returns the port the system chose, and says what to do when it is taken", async () => {
  const server = createServer();
  const address = await listen(server, { host: "127.0.0.1", port: 0 });
  assert.ok(address.port > 0);
  await assert.rejects(
    listen(createServer(), address),
    /Cannot listen on 127.0.0.1:\d+: another program listens there/,
  );
  server.close();
});
