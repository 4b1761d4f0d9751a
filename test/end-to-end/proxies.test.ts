import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { createTransport } from "nodemailer";
import { haproxy, type ProxiedPort } from "../mail-servers/haproxy.ts";
import { findObstacle, startMailServer } from "../mail-servers/mail-server.ts";
import { nginx } from "../mail-servers/nginx.ts";
import { ImapClient } from "../servers/imap/imap-client.ts";
import { startServer } from "./support/running-server.ts";
import { ownFolder, USER } from "./support/test-settings.ts";

const PROXIES = [
  { name: "HAProxy", program: "usr/sbin/haproxy", setUp: haproxy },
  { name: "nginx", program: "usr/sbin/nginx", setUp: nginx },
];
/** Where the clients are; the proxy itself comes from 127.0.0.1. */
const CLIENT = "127.0.0.77";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

for (const { name, program, setUp } of PROXIES) {
  const skip = (await findObstacle(program)) ?? false;
  test(`${name} in front of every port says who the clients are`, { skip, timeout: 60_000 }, (t) =>
    comeThrough(t, setUp),
  );
}

async function comeThrough(t: TestContext, setUp: typeof haproxy): Promise<void> {
  const settings = { TRUSTED_PROXIES: "127.0.0.1", IMAPS_LISTEN: "127.0.0.1:0" };
  const { app, log } = await startServer(t, ownFolder(t), { settings });
  const { smtp, imap, imaps, web } = app.addresses;
  assert.ok(imaps && web);
  const ports = {
    smtp: { target: smtp.port, mode: "tcp", header: "send-proxy" },
    imap: { target: imap.port, mode: "tcp", header: "send-proxy" },
    imaps: { target: imaps.port, mode: "tcp", header: "send-proxy-v2" },
    http: { target: web.port, mode: "http" },
    httpThroughTcp: { target: web.port, mode: "tcp", header: "send-proxy-v2" },
  } as const;
  const proxied = {} as Record<keyof typeof ports, ProxiedPort>;
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) {
    proxied[name] = { ...ports[name], port: await freePort() };
  }
  const proxy = await startMailServer((port) => {
    proxied.smtp = { ...ports.smtp, port }; // it is up when SMTP greets
    return setUp(Object.values(proxied));
  });
  t.after(() => proxy.stop());

  const { port } = proxied.smtp;
  const tls = { rejectUnauthorized: false };
  const transport = createTransport({ host: "127.0.0.1", port, localAddress: CLIENT, requireTLS: true, tls });
  await transport.sendMail({ from: "ann@example.org", to: `${USER}@example.test`, text: "Hello" });
  for (const name of ["imap", "imaps"] as const) await logIn(proxied[name].port, name === "imaps");
  for (const name of ["http", "httpThroughTcp"] as const) assert.equal(await ask(proxied[name].port), 401);

  const clients = (msg: string) =>
    log.filter((line) => line.msg === msg).map(({ client, address }) => client ?? address);
  assert.deepEqual(clients("Message stored"), [CLIENT]);
  assert.deepEqual(clients("IMAP login"), [CLIENT, CLIENT]);
  assert.deepEqual(clients("HTTP login"), [CLIENT, CLIENT]);
}

async function logIn(port: number, isSecure: boolean): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: CLIENT });
  const stream = isSecure ? connectTls({ socket, rejectUnauthorized: false }) : socket;
  const client = new ImapClient(stream);
  await client.line();
  if (!isSecure) {
    await client.ok("STARTTLS");
    await client.startTls();
  }
  assert.match((await client.run(`LOGIN ${USER} wrong`)).at(-1) ?? "", /^NO /);
  client.destroy();
}

/** The status for somebody with a wrong password. */
async function ask(port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const options = {
    host: "127.0.0.1",
    port,
    path: "/calendar.ics",
    auth: `${USER}:wrong`,
    localAddress: CLIENT,
    agent: false,
  };
  request(options, (response) => resolve(response.resume().statusCode))
    .on("error", reject)
    .end();
  return promise;
}
