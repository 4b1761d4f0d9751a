import assert from "node:assert/strict";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { ImapClient } from "./imap-client.ts";
import { keysOf, PASSWORD, type RunningImap, startImap, USER } from "./imap-fixture.ts";

const base64 = (octets: string | Uint8Array): string => Buffer.from(octets).toString("base64");

interface Attempt {
  readonly user?: string;
  readonly password?: string;
  readonly gs2Header?: string;
  readonly channel?: Uint8Array;
}

/** The client's side, by the formulas of RFC 5802 §3. */
function proofOf(password: string, serverFirst: string, { bare, header, channel }: Record<string, string>) {
  const [, nonce = "", salt = "", iterations] = /^r=(.*),s=(.*),i=(\d+)$/.exec(serverFirst) ?? [];
  const hmac = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(iterations), 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  const binding = base64(Buffer.from(`${header}${channel}`, "latin1"));
  const withoutProof = `c=${binding},r=${nonce}`;
  const signature = hmac(storedKey, `${bare},${serverFirst},${withoutProof}`);
  const proof = base64(clientKey.map((octet, at) => octet ^ (signature[at] ?? 0)));
  return {
    nonce,
    salt,
    clientFinal: `${withoutProof},p=${proof}`,
    serverFinal: `v=${base64(hmac(hmac(salted, "Server Key"), `${bare},${serverFirst},${withoutProof}`))}`,
  };
}

/** Logs in by SCRAM; gives the last line, and the salt the server named. */
async function logIn(client: ImapClient, mechanism: string, attempt: Attempt = {}) {
  const { user = USER, password = PASSWORD, gs2Header = "n,,", channel = new Uint8Array(0) } = attempt;
  const bare = `n=${user},r=fyko+d2lbbFgONRv9qkxdawL`;
  client.send(`s AUTHENTICATE ${mechanism} ${base64(gs2Header + bare)}\r\n`);
  const serverFirst = Buffer.from((await client.line()).slice(2), "base64").toString();
  const { salt, clientFinal, serverFinal } = proofOf(password, serverFirst, {
    bare,
    header: gs2Header,
    channel: Buffer.from(channel).toString("latin1"),
  });
  client.send(`${base64(clientFinal)}\r\n`);
  let last = await client.line();
  if (last.startsWith("+ ")) {
    assert.equal(Buffer.from(last.slice(2), "base64").toString(), serverFinal);
    client.send("\r\n");
    last = await client.line();
  }
  return { last, salt };
}

async function connectSecurely(
  imap: RunningImap,
  maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
): Promise<{ socket: TLSSocket; client: ImapClient; greeting: string }> {
  const socket = connect({ port: imap.portTls, host: "127.0.0.1", rejectUnauthorized: false, maxVersion });
  await once(socket, "secureConnect");
  const client = new ImapClient(socket);
  return { socket, client, greeting: await client.line() };
}

test("SCRAM-SHA-256 lets in who knows the password, by either name of the user", async (t) => {
  const imap = await startImap(t);
  for (const user of ["anna", "Anna@example.test"]) {
    const { client } = await connectSecurely(imap);
    t.after(() => client.destroy());
    assert.match((await logIn(client, "SCRAM-SHA-256", { user })).last, /^s OK \[CAPABILITY/);
    await client.ok("SELECT INBOX");
  }
});

test("SCRAM-SHA-256 says the same to a wrong user and to a wrong password, with the same salt every time", async (t) => {
  const imap = await startImap(t);
  const { client } = await connectSecurely(imap);
  t.after(() => client.destroy());
  const attempts = [];
  for (const user of ["anna", "bob", "anna", "bob", "anna=2Ccarl"])
    attempts.push(await logIn(client, "SCRAM-SHA-256", { user, password: "wrong" }));
  assert.equal(new Set(attempts.map(({ last }) => last)).size, 1);
  assert.match(attempts[0]?.last ?? "", /^s NO \[AUTHENTICATIONFAILED\]/);
  const [annas, bobs, annasAgain, bobsAgain] = attempts.map(({ salt }) => salt);
  assert.deepEqual([annas, bobs], [annasAgain, bobsAgain]);
  assert.notEqual(annas, bobs);
  const asBob = await logIn(client, "SCRAM-SHA-256", { gs2Header: "n,a=bob," });
  assert.match(asBob.last, /^s NO \[AUTHENTICATIONFAILED\]/);
});

test("SCRAM-SHA-256 counts as an attempt before the gate", async (t) => {
  const attempt = async () => "slow-down" as const;
  const slow = await startImap(t, { scram: { attempt, keysOf, random: randomBytes } });
  const { client } = await connectSecurely(slow);
  t.after(() => client.destroy());
  assert.match((await logIn(client, "SCRAM-SHA-256")).last, /^s NO \[LIMIT\]/);
});

test("SCRAM-SHA-256-PLUS binds the login to the TLS connection (RFC 9266)", async (t) => {
  const imap = await startImap(t);
  const { client, socket, greeting } = await connectSecurely(imap);
  t.after(() => client.destroy());
  assert.match(greeting, / AUTH=SCRAM-SHA-256-PLUS /);
  const channel = socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  const bound = { gs2Header: "p=tls-exporter,,", channel };
  const another = { ...bound, channel: channel.map((octet) => octet ^ 1) };
  assert.match((await logIn(client, "SCRAM-SHA-256-PLUS", another)).last, /^s BAD/);
  assert.match((await logIn(client, "SCRAM-SHA-256-PLUS", bound)).last, /^s OK/);
});

test("SCRAM-SHA-256-PLUS is not offered with TLS 1.2, and none where the password is not known", async (t) => {
  const imap = await startImap(t);
  const old = await connectSecurely(imap, "TLSv1.2");
  t.after(() => old.client.destroy());
  assert.ok(!old.greeting.includes("-PLUS"));
  assert.match((await logIn(old.client, "SCRAM-SHA-256", { gs2Header: "y,," })).last, /^s OK/);
  const hashed = await connectSecurely(await startImap(t, { scram: undefined }));
  t.after(() => hashed.client.destroy());
  assert.match(hashed.greeting, / AUTH=PLAIN /);
  assert.ok(!hashed.greeting.includes("SCRAM"));
  assert.match((await hashed.client.run("AUTHENTICATE SCRAM-SHA-256 eA==")).at(-1) ?? "", /^NO \[CANNOT\]/);
});
