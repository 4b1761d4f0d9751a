import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, createServer } from "node:tls";
import { readOrMakeTlsPair, readTlsPair, watchTlsPair } from "../../../src/storage/tls-files/tls-files.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const CHOICE = { domain: "example.test", now: () => NOW };

let root: string;
let folders = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "tls-files-"));
});
after(() => rm(root, { recursive: true }));

async function makePaths() {
  const folder = join(root, String(++folders));
  await mkdir(folder);
  return { keyFile: join(folder, "key.pem"), certFile: join(folder, "cert.pem") };
}

async function makePair() {
  const paths = await makePaths();
  return { paths, pair: await readOrMakeTlsPair(paths, CHOICE) };
}

test("readOrMakeTlsPair makes a pair for ten years and the names that mail apps are given", async () => {
  const { paths, pair } = await makePair();
  const certificate = new X509Certificate(pair.cert);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(pair.key)));
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  assert.equal(certificate.validFromDate.toISOString(), "2026-11-20T12:00:00.000Z");
  assert.equal(certificate.validToDate.toISOString(), "2036-11-21T12:00:00.000Z");
  for (const name of ["", "mail.", "imap.", "smtp.", "mx."].map((label) => `${label}example.test`)) {
    assert.equal(certificate.checkHost(name), name);
  }
  assert.equal(certificate.checkHost("localhost"), "localhost");
  assert.equal(certificate.checkIP("127.0.0.1"), "127.0.0.1");
  assert.equal(certificate.checkIP("::1"), "::1");
  assert.equal((await stat(paths.keyFile)).mode & 0o777, 0o600);
});

test("readOrMakeTlsPair takes the pair that is there", async () => {
  const { paths, pair } = await makePair();
  assert.deepEqual(await readOrMakeTlsPair(paths, CHOICE), pair);
});

test("readOrMakeTlsPair makes the folders, and encodes names beyond ASCII", async () => {
  const paths = { keyFile: join(root, "new", "a", "key.pem"), certFile: join(root, "new", "b", "cert.pem") };
  const { cert } = await readOrMakeTlsPair(paths, { ...CHOICE, domain: "bücher.example" });
  assert.equal(
    new X509Certificate(cert).checkHost("mail.xn--bcher-kva.example"),
    "mail.xn--bcher-kva.example",
  );
});

test("a pair that was made after 2040 ends in the right century (RFC 5280 §4.1.2.5)", async () => {
  const { cert } = await readOrMakeTlsPair(await makePaths(), {
    ...CHOICE,
    now: () => new Date("2041-01-02T03:04:05Z"),
  });
  assert.equal(new X509Certificate(cert).validToDate.toISOString(), "2051-01-02T03:04:05.000Z");
});

test("a pair that was made is good for a verified TLS 1.3 connection", async () => {
  const { pair } = await makePair();
  const server = createServer(pair, (socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    servername: "mail.example.test",
    ca: pair.cert,
  });
  await once(client, "secureConnect");
  assert.equal(client.authorized, true);
  assert.equal(client.getProtocol(), "TLSv1.3");
  client.destroy();
  server.close();
});

test("readOrMakeTlsPair refuses a key without certificate, and the reverse", async () => {
  const { paths } = await makePair();
  await rename(paths.certFile, `${paths.certFile}.away`);
  await assert.rejects(
    readOrMakeTlsPair(paths, CHOICE),
    /There is ".*key.pem" but no ".*cert.pem".*provide both/,
  );
  await rename(`${paths.certFile}.away`, paths.certFile);
  await unlink(paths.keyFile);
  await assert.rejects(readOrMakeTlsPair(paths, CHOICE), /There is ".*cert.pem" but no ".*key.pem"/);
});

test("readTlsPair explains what is wrong with the files", async () => {
  const { paths, pair } = await makePair();
  const encrypted = createPrivateKey(pair.key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  const cases = [
    { file: paths.keyFile, content: "", message: /key file ".*key.pem": it must hold a private key/ },
    { file: paths.keyFile, content: pair.cert, message: /it must hold a private key/ },
    { file: paths.keyFile, content: encrypted, message: /protected by a passphrase/ },
    {
      file: paths.keyFile,
      content: (await makePair()).pair.key,
      message: /does not belong to the certificate/,
    },
    { file: paths.certFile, content: pair.key, message: /certificate file ".*cert.pem": it must hold/ },
  ];
  for (const { file, content, message } of cases) {
    const original = await readFile(file);
    await writeFile(file, content);
    await assert.rejects(readTlsPair(paths), message);
    await writeFile(file, original);
  }
  await assert.rejects(readTlsPair({ ...paths, keyFile: root }), /it is a folder/);
});

test("readTlsPair tells to make an unreadable key readable", async (t) => {
  if (process.getuid?.() === 0) return t.skip("root reads everything");
  const { paths } = await makePair();
  await chmod(paths.keyFile, 0);
  await assert.rejects(readTlsPair(paths), /make it readable for user id \d+/);
});

test("readTlsPair takes a chain whose first certificate is the server's, and none whose is not", async () => {
  const { paths, pair } = await makePair();
  const other = (await makePair()).pair.cert;
  await writeFile(paths.certFile, pair.cert + other);
  assert.equal((await readTlsPair(paths)).cert, pair.cert + other);
  await writeFile(paths.certFile, other + pair.cert);
  await assert.rejects(readTlsPair(paths), /put the server's own certificate before/);
});

test("watchTlsPair reports a renewed pair once, and never half of one", async (t) => {
  const { paths, pair } = await makePair();
  const next = (await makePair()).pair;
  const renewed: unknown[] = [];
  const problems: string[] = [];
  const watch = watchTlsPair({
    ...paths,
    current: pair,
    onRenewed: (found) => renewed.push(found),
    onProblem: (problem) => problems.push(problem.message),
  });
  t.after(() => watch.stop());
  await watch.check();
  await writeFile(paths.certFile, next.cert);
  await watch.check();
  assert.deepEqual(renewed, []);
  assert.ok(problems.length > 0); // one more if the watcher saw the file while it was empty
  await writeFile(paths.keyFile, next.key);
  await watch.check();
  await watch.check();
  assert.deepEqual(renewed, [next]);
});

test("watchTlsPair notices by itself when links are pointed to new files, as certbot does", async () => {
  const { paths, pair } = await makePair();
  const live = await makePaths();
  const { paths: archived, pair: next } = await makePair();
  await symlink(paths.keyFile, live.keyFile);
  await symlink(paths.certFile, live.certFile);
  const renewed = Promise.withResolvers<unknown>();
  const watch = watchTlsPair({
    ...live,
    current: pair,
    onRenewed: renewed.resolve,
    onProblem: () => undefined,
  });
  for (const name of ["keyFile", "certFile"] as const) {
    await symlink(archived[name], `${live[name]}.new`);
    await rename(`${live[name]}.new`, live[name]);
  }
  assert.deepEqual(await renewed.promise, next);
  await watch.stop();
});
